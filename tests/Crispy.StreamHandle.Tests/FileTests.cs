using Crispy.Contracts;

namespace Crispy.StreamHandle.Tests;

public sealed class FileTests(Servers servers) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    [InlineData("ts")]
    public async Task Copying_puts_every_packet_of_a_file_into_exactly_one_chunk(string container)
    {
        var clip = await Clips.MakeAsync(_folder["clip.mp4"], seconds: 20);
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = clip, ["Container"] = container,
                ["StartTime"] = "2026-01-02T03:04:05.123456Z" }).StartAsync();
        await handle.UntilAsync("gate", stream => stream.State is StreamState.Ended or StreamState.Failed, "the file is read");

        var chunks = handle.Ready("gate");
        ReadyChunk.AssertWhole(chunks);
        foreach (var track in (string[])["v:0", "a:0"])
        {
            var packets = new List<int>();
            foreach (var chunk in chunks) packets.Add(await Clips.PacketsAsync(chunk.Path, track));
            // A transport stream packs several audio frames into one packet: there only the pictures can be counted.
            if (track == "v:0" || container != "ts") Assert.Equal(await Clips.PacketsAsync(clip, track), packets.Sum());
        }
        Assert.Equal(600, chunks.Sum(chunk => chunk.Manifest.Frames));
        Assert.Equal(DateTimeOffset.Parse("2026-01-02T03:04:05.123456Z"), chunks[0].Manifest.From);
        Assert.All(chunks, chunk => Assert.Equal("20260102T030405123Z", chunk.Manifest.Epoch));
        Assert.All(chunks, chunk => Assert.Equal(ChunkClock.File, chunk.Manifest.Clock.Source));
        foreach (var chunk in chunks) Assert.Equal(await Clips.DurationAsync(chunk.Path), chunk.Manifest.Duration.TotalSeconds, 0.001);
        Assert.Equal(20, chunks.Sum(chunk => chunk.Manifest.Duration.TotalSeconds), 0.01);
        foreach (var (before, after) in chunks.Zip(chunks.Skip(1)))
            Assert.Equal(0, (after.Manifest.From - before.Manifest.To).TotalMilliseconds, 1.01);
        Assert.All(chunks.SkipLast(1), chunk => Assert.Empty(chunk.Manifest.Flags));
        Assert.Equal([ChunkFlag.Final], chunks[^1].Manifest.Flags);
    }
}
