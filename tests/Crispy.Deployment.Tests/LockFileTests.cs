using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Crispy.Testing;

namespace Crispy.Deployment.Tests;

/// <summary>packages.lock.json beside each project: what a pipeline restores, by the hash of its content.</summary>
public sealed partial class LockFileTests
{
    // Their packages are others on other machines.
    private static readonly string[] WithoutOne = ["Crispy.AppHost", "Crispy.Console", "Crispy.EndToEnd.Tests"];

    private static IEnumerable<string> Projects => Directory.EnumerateFiles(Repository.PathOf("."), "*.csproj", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/artifacts/", StringComparison.Ordinal)
            && !path.Contains("/node_modules/", StringComparison.Ordinal));

    [Fact]
    public void Every_project_has_its_packages_locked_but_those_whose_packages_are_their_machines_own()
    {
        foreach (var project in Projects.Where(project => Solution.Contains(Path.GetFileName(project), StringComparison.Ordinal)))
        {
            var name = Path.GetFileNameWithoutExtension(project);
            Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json")) != WithoutOne.Contains(name),
                name);
        }
    }

    [Fact]
    public void A_locked_package_has_the_version_that_is_asked_for_and_the_hash_of_its_content()
    {
        var asked = Version().Matches(Repository.Read("Directory.Packages.props"))
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value, StringComparer.OrdinalIgnoreCase);
        foreach (var file in Projects.Select(project => Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json"))
            .Where(File.Exists))
        {
            foreach (var (name, package) in JsonNode.Parse(File.ReadAllText(file))!["dependencies"]!.AsObject()
                .SelectMany(framework => framework.Value!.AsObject()))
            {
                if ((string?)package!["type"] == "Project") continue;
                Assert.Matches("^[A-Za-z0-9+/]{86}==$", (string?)package["contentHash"]);
                if (asked.TryGetValue(name, out var version) && !version.Contains('$', StringComparison.Ordinal))
                    Assert.Equal((file, name, version), (file, name, (string?)package["resolved"]));
            }
        }
    }

    [Theory]
    [InlineData("Crispy.StreamHandle", "", "true")]
    [InlineData("Crispy.StreamHandle", "-p:RuntimeIdentifier=linux-x64", "")]
    [InlineData("Crispy.StreamHandle", "-p:UseCurrentRuntimeIdentifier=True", "")]
    [InlineData("Crispy.ChunkLogger", "-p:GoogleFunctionsPackages=true", "")]
    [InlineData("Crispy.AppHost", "", "")]
    public async Task A_pipeline_restores_what_is_locked_and_images_restore_what_their_runtime_needs(string project,
        string property, string locked)
    {
        string[] properties = property.Length == 0 ? [] : [property];
        var answer = await Command.RunAsync("dotnet",
            ["msbuild", Repository.PathOf(project, $"{project}.csproj"), "-nologo", "-p:CI=true", .. properties,
                "-getProperty:RestoreLockedMode", "-getProperty:NuGetLockFilePath"]);
        var read = JsonNode.Parse(answer)!["Properties"]!;
        Assert.Equal(locked, (string?)read["RestoreLockedMode"]);
        Assert.Equal(locked.Length == 0, ((string?)read["NuGetLockFilePath"])!.Contains("artifacts", StringComparison.Ordinal));
    }

    private static string Solution => Repository.Read("Crispy.sln");

    [GeneratedRegex("PackageVersion Include=\"([^\"]+)\" Version=\"([^\"]+)\"")]
    private static partial Regex Version();
}
