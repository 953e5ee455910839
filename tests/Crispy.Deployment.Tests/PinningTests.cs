using Crispy.Testing;

namespace Crispy.Deployment.Tests;

/// <summary>deploy/pin-images.sh on a copy of what it changes, with a docker that knows a digest for everything.</summary>
public sealed class PinningTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_foreign_image_gets_its_digest_once_and_a_new_one_when_its_tag_moved()
    {
        string[] files = ["Crispy.StreamHandle/Dockerfile", "Crispy.ChunkLogger/Dockerfile", "deploy/compose/compose.yaml",
            "deploy/compose/try.yaml", "deploy/kubernetes/redis.yaml", "deploy/kubernetes/rabbitmq.yaml",
            "deploy/kubernetes/stream-handle.yaml"];
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[file])!);
            File.Copy(Repository.PathOf(file), _folder[file]);
        }
        Assert.Contains("redis:8.6", (await Assert.ThrowsAnyAsync<Exception>(() => PinAsync("1", "--check"))).Message,
            StringComparison.Ordinal);

        await PinAsync("1");
        await PinAsync("1", "--check");
        foreach (var file in files.Where(file => !file.EndsWith("stream-handle.yaml", StringComparison.Ordinal)))
        {
            var pinned = await File.ReadAllTextAsync(_folder[file], TestContext.Current.CancellationToken);
            Assert.Contains($"@sha256:{new string('1', 64)}", pinned, StringComparison.Ordinal);
            Assert.Equal(Repository.Read(file), pinned.Replace($"@sha256:{new string('1', 64)}", "", StringComparison.Ordinal));
        }
        Assert.Equal(Repository.Read(files[^1]), await File.ReadAllTextAsync(_folder[files[^1]], TestContext.Current.CancellationToken));

        await PinAsync("2");
        var renewed = await File.ReadAllTextAsync(_folder["deploy/kubernetes/redis.yaml"], TestContext.Current.CancellationToken);
        Assert.Contains($"docker.io/library/redis:8.6@sha256:{new string('2', 64)}\n", renewed, StringComparison.Ordinal);
        Assert.DoesNotContain("1111", renewed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_digest_is_written_nowhere()
    {
        Directory.CreateDirectory(_folder["deploy/kubernetes"]);
        File.Copy(Repository.PathOf("deploy/kubernetes/redis.yaml"), _folder["deploy/kubernetes/redis.yaml"]);
        await Assert.ThrowsAnyAsync<Exception>(() => PinAsync("not a digest"));
        Assert.Equal(Repository.Read("deploy/kubernetes/redis.yaml"),
            await File.ReadAllTextAsync(_folder["deploy/kubernetes/redis.yaml"], TestContext.Current.CancellationToken));
    }

    private async Task PinAsync(string digit, params string[] arguments)
    {
        Directory.CreateDirectory(_folder["bin"]);
        await File.WriteAllTextAsync(_folder["bin/docker"],
            $"#!/bin/sh\n[ \"$2\" = version ] || echo sha256:{(digit.Length == 1 ? new string(digit[0], 64) : digit)}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder["bin/docker"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await Command.RunAsync("env",
            [$"PATH={_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}", $"PIN_ROOT={_folder.Path}",
                Repository.PathOf("deploy", "pin-images.sh"), .. arguments]);
    }
}
