using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Crispy.Testing;

namespace Crispy.Deployment.Tests;

public sealed partial class DockerfileTests
{
    private const string Health = "eng/healthcheck.sh";

    public static TheoryData<string, string> Services => new()
    {
        { "Crispy.StreamHandle", "stream-handle" }, { "Crispy.UploadWorker", "upload-worker" }, { "Crispy.ChunkLogger", "chunk-logger" },
        { "Crispy.Console", "console" },
    };

    public static TheoryData<string> Folders => [.. ServiceImages.Folders.Values];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Images_are_pinned_run_without_root_and_say_whether_they_are_well(string folder, string service)
    {
        var lines = Instructions(Repository.Read(folder, "Dockerfile"));
        var stages = lines.Where(line => line.Name == "FROM").ToList();

        Assert.All(stages.Where(stage => stage.Value.Contains('/', StringComparison.Ordinal)), stage =>
            Assert.Matches(@":\d+\.\d+(\.\d+)?-[a-z]+( AS [a-z]+)?$", stage.Value));
        // One runtime for all.
        var text = Repository.Read(folder, "Dockerfile");
        Assert.Equal(Regex.Count(text, "/dotnet/aspnet:"), Regex.Count(text, Regex.Escape(ContainerEngine.AspNet)));
        // Build tools stay in their stage.
        Assert.Contains("/sdk:", stages[0].Value, StringComparison.Ordinal);
        Assert.DoesNotContain(stages.Skip(1), stage => stage.Value.Contains("/sdk:", StringComparison.Ordinal));
        Assert.Equal("$APP_UID", lines.Last(line => line.Name == "USER").Value);
        Assert.DoesNotContain(lines.SkipWhile(line => line.Name != "USER"), line => line.Name is "RUN" or "COPY");
        Assert.Contains("healthcheck.sh", Assert.Single(lines, line => line.Name == "HEALTHCHECK").Value, StringComparison.Ordinal);
        Assert.Contains(folder + ".dll", Assert.Single(lines, line => line.Name == "ENTRYPOINT").Value, StringComparison.Ordinal);
        Assert.Equal((await ManifestRules.PortAsync(service, "http")).ToString(null, null),
            Assert.Single(lines, line => line.Name == "EXPOSE").Value);
        // Everything that is written goes to its volume.
        var volumes = lines.Where(line => line.Name == "VOLUME").Select(line => line.Value).ToList();
        if (service == "chunk-logger") Assert.Empty(volumes);
        else Assert.Equal([(await ManifestRules.VolumeAsync(service)).Target], volumes);
        Assert.Equal(service is "stream-handle" or "console",
            lines.Any(line => line.Name == "RUN" && line.Value.Contains("ffmpeg", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Publishing_a_container_gives_the_same_image_without_an_engine(string folder, string service)
    {
        string[] names = ["ContainerRepository", "ContainerBaseImage", "ContainerImageTag", "ContainerUser"];
        var answer = await Command.RunAsync("dotnet",
            ["msbuild", Repository.PathOf(folder, $"{folder}.csproj"), "-nologo", "-getItem:ContainerPort",
                .. names.Select(name => $"-getProperty:{name}")]);
        var read = System.Text.Json.Nodes.JsonNode.Parse(answer)!;

        Assert.Equal($"crispy/{service}", (string?)read["Properties"]!["ContainerRepository"]);
        Assert.Matches(@"^\d+\.\d+\.\d+$", (string?)read["Properties"]!["ContainerImageTag"]);
        Assert.Equal("1654", (string?)read["Properties"]!["ContainerUser"]);
        Assert.Equal((await ManifestRules.PortAsync(service, "http")).ToString(null, null),
            (string?)Assert.Single(read["Items"]!["ContainerPort"]!.AsArray())!["Identity"]);
        // The Dockerfile's own base; one with ffmpeg, or with the folder of a volume, must be named by who publishes.
        var bases = Instructions(Repository.Read(folder, "Dockerfile"))
            .Where(line => line.Name == "FROM").Select(line => line.Value).ToList();
        Assert.Equal(bases[^1] == "runtime" ? "" : bases[^1], (string?)read["Properties"]!["ContainerBaseImage"]);
    }

    [Theory]
    [InlineData("Crispy.UploadWorker",
        "docker build --target runtime -f Crispy.UploadWorker/Dockerfile -t REGISTRY/crispy/upload-worker-runtime:")]
    [InlineData("tools/Crispy.CloudEmulator",
        "docker build --target runtime -f tools/Crispy.CloudEmulator/Dockerfile -t REGISTRY/crispy/cloud-emulator-runtime:")]
    public async Task Publishing_a_container_without_the_base_that_it_needs_says_how_to_make_it(string folder, string expected)
    {
        var project = Repository.PathOf(folder, $"{Path.GetFileName(folder)}.csproj");
        var result = await Command.TryAsync("dotnet", ["msbuild", project, "-nologo", "-t:RequireRuntimeStage"]);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains($"CRISPY1: {Path.GetFileName(folder)} needs a base image of its own. Build it once ({expected}", result.Output,
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Packages_are_restored_from_project_files_alone_and_every_project_that_is_built_is_copied(string folder)
    {
        var name = Path.GetFileName(folder);
        var build = Instructions(Repository.Read(folder, "Dockerfile")).Skip(1).TakeWhile(line => line.Name != "FROM").ToList();
        var restore = build.FindIndex(line => line.Name == "RUN"
            && line.Value.Contains($"dotnet restore {folder}/{name}.csproj", StringComparison.Ordinal));
        var publish = build.FindIndex(line => line.Name == "RUN"
            && line.Value.Contains($"dotnet publish {folder}/{name}.csproj", StringComparison.Ordinal));
        var projects = References(folder);

        var early = Copied(build[..restore]);
        string[] always = ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "eng/container.targets",
            "global.json", $"{folder}/Dockerfile"];
        var projectFiles = projects.Select(project => $"{project}/{Path.GetFileName(project)}.csproj");
        Assert.Equal(projectFiles.Concat(projects.SelectMany(Imports)).Concat(always).Order(StringComparer.Ordinal),
            early.Order(StringComparer.Ordinal));
        Assert.Equal([.. projects.Append(".editorconfig").Append("eng/BannedSymbols.txt").Order(StringComparer.Ordinal)],
            Copied(build[(restore + 1)..publish]).Order(StringComparer.Ordinal));
        const string cache = "--mount=type=cache,id=crispy-nuget,target=/root/.nuget/packages ";
        foreach (var step in new[] { restore, publish }) Assert.StartsWith(cache, build[step].Value, StringComparison.Ordinal);

        static IEnumerable<string> Copied(IEnumerable<(string Name, string Value)> lines) =>
            lines.Where(line => line.Name == "COPY").SelectMany(line => Words(line.Value)[..^1]);
    }

    [Fact]
    public void What_is_copied_into_a_build_holds_no_key_and_all_that_is_built_from()
    {
        var ignored = Repository.Read(".dockerignore").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => line[0] != '#').ToList();

        foreach (var secret in new[] { "**/*.pem", "**/.env", ".git/", "artifacts/" }) Assert.Contains(secret, ignored);
        foreach (var needed in new[] { "standins", "eng", "Crispy.Contracts", "Directory.Build.props", "global.json" })
            Assert.DoesNotContain(ignored, line => line.TrimEnd('/') == needed);
    }

    [Theory]
    [InlineData("200 OK", 0)]
    [InlineData("503 Service Unavailable", 1)]
    [InlineData("404 Not Found", 1)]
    public async Task The_health_check_goes_by_the_answer(string answer, int expected)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = AnswerAsync(listener, answer);

        var result = await Command.TryAsync("env", [$"HTTP_PORTS={Port(listener)}", "bash", Repository.PathOf(Health), "/alive"]);

        Assert.Equal(expected, result.ExitCode);
        Assert.StartsWith("GET /alive HTTP/1.1\r\n", await asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_health_check_fails_when_nobody_listens()
    {
        var result = await Command.TryAsync("env", [$"PORT={FreePort.Next()}", "bash", Repository.PathOf(Health)]);
        Assert.NotEqual(0, result.ExitCode);
    }

    // The project's own folder, and those of all that it refers to, by itself or by a file that it imports.
    private static HashSet<string> References(string folder)
    {
        var found = new HashSet<string>();
        void Add(string project)
        {
            if (!found.Add(project)) return;
            foreach (var file in Imports(project).Prepend($"{project}/{Path.GetFileName(project)}.csproj"))
                foreach (var reference in Named(file, "ProjectReference", "Include")) Add(Path.GetDirectoryName(reference)!);
        }
        Add(folder);
        return found;
    }

    private static IEnumerable<string> Imports(string project) =>
        Named($"{project}/{Path.GetFileName(project)}.csproj", "Import", "Project");

    // Paths that a file of MSBuild names, from the repository's root.
    private static IEnumerable<string> Named(string file, string element, string attribute) =>
        System.Xml.Linq.XDocument.Load(Repository.PathOf(file)).Descendants(element)
            .Select(found => ((string)found.Attribute(attribute)!).Replace("$(MSBuildThisFileDirectory)", "", StringComparison.Ordinal))
            .Select(path => Path.GetRelativePath(Repository.Root, Path.GetFullPath(path, Path.GetDirectoryName(Repository.PathOf(file))!)));

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private static async Task<string> AnswerAsync(TcpListener listener, string status)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        var request = new byte[4096];
        var length = await stream.ReadAsync(request, TestContext.Current.CancellationToken);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
            TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(request, 0, length);
    }

    private static List<(string Name, string Value)> Instructions(string dockerfile) =>
        [.. Instruction().Matches(Continuation().Replace(Comment().Replace(dockerfile, ""), " "))
            .Select(match => (match.Groups[1].Value, match.Groups[2].Value.Trim()))];

    [GeneratedRegex("^#.*\n", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continuation();

    [GeneratedRegex("^([A-Z]+) (.*)$", RegexOptions.Multiline)]
    private static partial Regex Instruction();
}
