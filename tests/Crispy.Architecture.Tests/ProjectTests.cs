using System.Xml.Linq;
using Crispy.Testing;

namespace Crispy.Architecture.Tests;

/// <summary>Projects refer to each other as docs/architecture.md draws it, and lie where their kind lies.</summary>
public sealed class ProjectTests
{
    /// <summary>What each may refer to.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Crispy.Contracts"] = [],
        ["Crispy.ServiceDefaults"] = ["Crispy.Contracts"],
        ["Crispy.Media"] = ["Crispy.Contracts"],
        ["Crispy.Muxing"] = ["Crispy.Contracts", "Crispy.Media"],
        ["Crispy.Spool"] = ["Crispy.Contracts"],
        ["Crispy.Coordination"] = ["Crispy.Contracts"],
        ["Crispy.Cameras"] = ["Crispy.Contracts"],
        ["Crispy.Exporting"] = ["Crispy.Contracts"],
        ["Crispy.Archive"] =
            ["Crispy.Contracts", "Crispy.Coordination", "Crispy.Exporting", "Crispy.Media", "Crispy.ServiceDefaults"],
        ["Crispy.StreamHandle"] =
            ["Crispy.Contracts", "Crispy.Coordination", "Crispy.Media", "Crispy.Muxing", "Crispy.ServiceDefaults", "Crispy.Spool"],
        ["Crispy.UploadWorker"] = ["Crispy.Contracts", "Crispy.Coordination", "Crispy.ServiceDefaults", "Crispy.Spool"],
        ["Crispy.ChunkLogger"] = ["Crispy.Contracts", "Crispy.Media", "Crispy.ServiceDefaults"],
        ["Crispy.Console"] =
            ["Crispy.Archive", "Crispy.Cameras", "Crispy.Contracts", "Crispy.Coordination", "Crispy.ServiceDefaults", "Crispy.Spool"],
        ["Crispy.Cli"] = ["Crispy.Cameras", "Crispy.Contracts", "Crispy.Coordination", "Crispy.Exporting", "Crispy.Spool"],
        ["Crispy.CloudEmulator"] = ["Crispy.Contracts", "Crispy.ServiceDefaults"],
        ["Crispy.AppHost"] = ["Crispy.ChunkLogger", "Crispy.CloudEmulator", "Crispy.Console", "Crispy.Contracts", "Crispy.Spool",
            "Crispy.StreamHandle", "Crispy.UploadWorker"],
    };

    [Fact]
    public void A_project_refers_to_what_is_drawn_and_to_nothing_else()
    {
        var found = Programs.All.ToDictionary(project => project, References);
        Assert.All(found,
            project => Assert.True(Allowed[project.Key].SequenceEqual(project.Value),
                $"{project.Key} refers to {string.Join(", ", project.Value)}"));
    }

    [Fact]
    public void Every_project_lies_in_its_place()
    {
        Assert.All(Projects(), path => Assert.True(IsInPlace(path), path));
    }

    [Fact]
    public void Every_project_is_part_of_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "Crispy.sln")).Replace('\\', '/');
        Assert.All(Projects().Where(path => !path.StartsWith("standins/", StringComparison.Ordinal)),
            path => Assert.Contains($"\"{path}\"", solution, StringComparison.Ordinal));
    }

    // The product in a folder of its own name at the top or in tools/, tests in tests/, measurements in bench/.
    private static bool IsInPlace(string path) => path.Split('/') switch
    {
        [var folder, var file] => file == $"{folder}.csproj" && !folder.EndsWith(".Tests", StringComparison.Ordinal),
        ["tools" or "standins" or "tests" or "bench", var folder, var file] => file == $"{folder}.csproj",
        _ => false,
    };

    private static IEnumerable<string> Projects() =>
        Directory.EnumerateFiles(Repository.Root, "*.csproj",
            new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 })
        .Select(path => Path.GetRelativePath(Repository.Root, path))
        .Where(path => !path.StartsWith("artifacts/", StringComparison.Ordinal));

    private static string[] References(string project) =>
        [.. XDocument.Load(Path.Combine(Repository.Root, Projects().Single(path => Path.GetFileName(path) == $"{project}.csproj")))
        .Descendants("ProjectReference").Where(reference => (string?)reference.Attribute("ReferenceOutputAssembly") != "false")
        .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')))
        .Where(name => Programs.All.Contains(name)).Distinct().Order(StringComparer.Ordinal)];
}
