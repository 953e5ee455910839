using Crispy.Testing;
using Mono.Cecil;

namespace Crispy.Architecture.Tests;

/// <summary>The product's own programs and libraries, as they were built beside these tests.</summary>
internal static class Programs
{
    /// <summary>Those that run.</summary>
    public static readonly IReadOnlyList<string> Executables =
        ["Crispy.AppHost", "Crispy.ChunkLogger", "Crispy.Cli", "Crispy.CloudEmulator", "Crispy.Console",
            "Crispy.StreamHandle", "Crispy.UploadWorker"];

    /// <summary>Those that are referred to.</summary>
    public static readonly IReadOnlyList<string> Libraries =
        ["Crispy.Archive", "Crispy.Cameras", "Crispy.Contracts", "Crispy.Coordination", "Crispy.Exporting", "Crispy.Media", "Crispy.Muxing",
            "Crispy.ServiceDefaults", "Crispy.Spool"];

    /// <summary>All of them.</summary>
    public static IEnumerable<string> All => Executables.Concat(Libraries);

    /// <summary>Reads one.</summary>
    public static ModuleDefinition Read(string project)
    {
        var build = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var folder = Path.Combine(Repository.Root, "artifacts", "bin", project, build);
        var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(folder);
        foreach (var framework in Frameworks()) resolver.AddSearchDirectory(framework);
        return ModuleDefinition.ReadModule(Path.Combine(folder, $"{(project == "Crispy.Cli" ? "crispy" : project)}.dll"),
            new() { AssemblyResolver = resolver });
    }

    // .../shared/Microsoft.NETCore.App/10.0.1 and, beside it, .../shared/Microsoft.AspNetCore.App/10.0.1
    private static IEnumerable<string> Frameworks()
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var shared = Path.GetDirectoryName(Path.GetDirectoryName(runtime))!;
        return Directory.EnumerateDirectories(shared).Select(framework => Path.Combine(framework, Path.GetFileName(runtime)))
            .Where(Directory.Exists);
    }
}
