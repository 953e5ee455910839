using Crispy.Deployment.Tests;
using Crispy.Testing;

[assembly: AssemblyFixture(typeof(ServiceImages))]

namespace Crispy.Deployment.Tests;

/// <summary>The images of all services, built from their Dockerfiles around the programs that were built with these tests. They are made
/// for the first test that needs them, and removed in the end. Tags are their own: nobody's images are replaced.</summary>
public sealed class ServiceImages : IAsyncLifetime
{
    private readonly string _tag = $"test-{Guid.NewGuid():N}";
    private readonly SemaphoreSlim _building = new(1);
    private readonly HashSet<string> _made = [];

    /// <summary>The services' names, and the folders of their projects.</summary>
    public static IReadOnlyDictionary<string, string> Folders { get; } = new Dictionary<string, string>
    {
        ["stream-handle"] = "Crispy.StreamHandle",
        ["upload-worker"] = "Crispy.UploadWorker",
        ["console"] = "Crispy.Console",
        ["chunk-logger"] = "Crispy.ChunkLogger",
        ["cloud-emulator"] = "tools/Crispy.CloudEmulator",
    };

    /// <summary>A service's image; skips the test where none can be built.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="stage">A stage of its Dockerfile instead of the last one.</param>
    internal async Task<string> BuildAsync(string service, string? stage = null)
    {
        await ContainerEngine.RequireAsync(ContainerEngine.AspNet);
        var image = $"crispy-test/{service}{(stage is null ? "" : $"-{stage}")}:{_tag}";
        await _building.WaitAsync();
        try
        {
            if (_made.Contains(image)) return image;
            using var folder = new TempFolder();
            var project = Repository.PathOf(Folders[service], $"{Path.GetFileName(Folders[service])}.csproj");
            if (stage is null)
                await Command.RunAsync("dotnet", "publish", project, "--no-build", "-c", Repository.Configuration, "-o", folder["app"],
                    "-nologo", "-v", "quiet");
            else Directory.CreateDirectory(folder["app"]);
            await ContainerEngine.DockerAsync(["build", "--quiet", "--file", Repository.PathOf(Folders[service], "Dockerfile"),
                "--build-context", $"build={folder.Path}",
                .. await FfmpegAsync(service), .. stage is null ? (string[])[] : ["--target", stage], "--tag", image, Repository.Root]);
            _made.Add(image);
            return image;
        }
        finally
        {
            _building.Release();
        }
    }

    /// <inheritdoc />
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var image in _made) await Command.TryAsync("docker", ["image", "rm", "--force", image]);
        _building.Dispose();
    }

    // The stage "ffmpeg" needs Debian's image and its packages. A base that holds ffmpeg already takes its place.
    private static async Task<string[]> FfmpegAsync(string service)
    {
        if (!Repository.Read(Folders[service], "Dockerfile").Contains(" AS ffmpeg", StringComparison.Ordinal)) return [];
        var has = await Command.TryAsync("docker", ["run", "--rm", "--network", "none", "--entrypoint", "ffmpeg", ContainerEngine.AspNet,
            "-version"]);
        if (has.ExitCode == 0) return ["--build-context", $"ffmpeg=docker-image://{ContainerEngine.AspNet}"];
        var built = await Command.TryAsync("docker", ["build", "--quiet", "--file", Repository.PathOf(Folders[service], "Dockerfile"),
            "--target", "ffmpeg", Repository.Root]);
        if (built.ExitCode != 0) Assert.Skip($"The container engine cannot build the stage ffmpeg: {built.Error.Trim()}");
        return [];
    }
}
