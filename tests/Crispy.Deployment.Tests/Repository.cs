using System.Text.Json.Nodes;
using Crispy.Testing;

namespace Crispy.Deployment.Tests;

/// <summary>The files of the repository, and the manifest that its AppHost publishes.</summary>
internal static class Repository
{
    private static readonly Lazy<Task<JsonObject>> Manifest = new(() => PublishAsync([]));

    /// <summary>Full path of the repository's folder.</summary>
    public static string Root { get; } = Testing.Repository.Root;

    /// <summary>A path below it.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>The configuration that these tests were built in.</summary>
    public static string Configuration { get; } =
        Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')) == "release" ? "Release" : "Debug";

    /// <summary>Path of a program of the same build as these tests: artifacts/bin/PROJECT/CONFIGURATION.</summary>
    public static string Program(string project, string file) =>
        Path.Combine(AppContext.BaseDirectory.Replace("Crispy.Deployment.Tests", project, StringComparison.Ordinal), file);

    /// <summary>Whether a program is on the PATH.</summary>
    public static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>A file's text.</summary>
    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    /// <summary>The resources of the manifest, without streams; published once for all tests.</summary>
    public static Task<JsonObject> ResourcesAsync() => Manifest.Value;

    /// <summary>The resources of a manifest that is published with more configuration.</summary>
    public static async Task<JsonObject> PublishAsync(IEnumerable<string> configuration)
    {
        using var folder = new TempFolder();
        var path = folder["aspire-manifest.json"];
        var result = await Command.TryAsync("dotnet", [Program("Crispy.AppHost", "Crispy.AppHost.dll"), "--publisher", "manifest",
            "--output-path", path, .. configuration]);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        return JsonNode.Parse(await File.ReadAllTextAsync(path))!["resources"]!.AsObject();
    }

    /// <summary>The environment of one of the manifest's resources.</summary>
    public static async Task<Dictionary<string, string>> EnvironmentAsync(string resource) =>
        (await ResourcesAsync())[resource]!["env"]!.AsObject().ToDictionary(pair => pair.Key, pair => (string)pair.Value!);
}
