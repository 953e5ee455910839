using System.Text.Json.Nodes;
using Crispy.Contracts;

namespace Crispy.Crash.Tests;

public sealed class SalvageTests : IAsyncDisposable
{
    private readonly WholeSystem _system = new(workers: 1);

    public async ValueTask DisposeAsync() => await _system.DisposeAsync();

    // A live source: what was not written when the process died is gone, but every whole packet on the disk is kept.
    [Theory]
    [InlineData("mkv")]
    [InlineData("ts")]
    public async Task The_segment_that_was_being_written_is_stored_up_to_its_last_whole_packet(string container)
    {
        await _system.StartServersAsync();
        _system.SetStreams([new Dictionary<string, string>
        {
            ["Id"] = "gate", ["Url"] = "demo:?size=640x360&fps=25", ["Window"] = "20", ["Mode"] = "transcode", ["Container"] = container,
        }]);
        await _system.StreamHandle.StartAsync();
        await Until.TrueAsync(() => Open(container).Any(file => file.Length > 200_000));
        await _system.StreamHandle.KillAsync();
        var written = Open(container).Single().FullName;
        var whole = (await Ffprobe.PacketsAsync(written)).Count;

        await _system.StreamHandle.StartAsync();
        await _system.Workers[0].StartAsync();
        await Until.TrueAsync(async () => (await _system.ObjectsAsync("gate")).Count > 0);
        await _system.StreamHandle.KillAsync();

        var manifest = Manifest((await _system.ObjectsAsync("gate"))[0]);
        Assert.Equal(0, manifest.Sequence);
        Assert.Contains(ChunkFlag.Damaged, manifest.Flags);
        Assert.InRange(manifest.Frames, Math.Max(1, whole - 1), whole);
        var stored = Path.Combine(_system.BucketFolder, manifest.Object);
        Assert.Equal(manifest.Frames, (await Ffprobe.PacketsAsync(stored)).Count);
        Assert.Equal("", (await Command.TryAsync("ffmpeg", ["-v", "error", "-i", stored, "-f", "null", "-"])).Error);
        Assert.False(File.Exists(written));
    }

    private IEnumerable<FileInfo> Open(string container) => Directory.Exists(_system.Spool.Open("gate"))
        ? new DirectoryInfo(_system.Spool.Open("gate")).EnumerateFiles($"*.{container}", SearchOption.AllDirectories)
        : [];

    private static ChunkManifest Manifest(JsonNode item) =>
        ManifestJson.Read(
            ChunkMetadata.ManifestBytes(item["metadata"]!.AsObject().ToDictionary(pair => pair.Key, pair => (string)pair.Value!))!);
}
