using Crispy.Contracts;

namespace Crispy.StreamHandle.Tests;

public sealed class FileOddityTests(Servers servers) : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    private readonly List<RunningStreamHandle> _handles = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var handle in _handles) await handle.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<(StreamReport Report, List<ReadyChunk> Chunks)> RecordAsync(string path, string container = "mkv")
    {
        var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = path, ["Window"] = "1", ["Container"] = container }).StartAsync();
        _handles.Add(handle);
        await handle.UntilAsync("gate", stream => stream.State is StreamState.Ended or StreamState.Failed, "the file is read");
        var chunks = handle.Ready("gate");
        if (chunks.Count > 0) ReadyChunk.AssertWhole(chunks);
        return (await handle.StreamAsync("gate"), chunks);
    }

    [Theory]
    [InlineData("ts")]
    [InlineData("mkv")]
    public async Task A_seam_of_two_files_keeps_every_packet_and_no_chunk_has_an_absurd_duration(string container)
    {
        var clip = await Clips.MakeAsync(_folder["clip.ts"], seconds: 5, audio: "");
        File.WriteAllBytes(_folder["loop.ts"], [.. File.ReadAllBytes(clip), .. File.ReadAllBytes(clip)]);
        var (report, chunks) = await RecordAsync(_folder["loop.ts"], container);
        Assert.Equal(StreamState.Ended, report.State);
        Assert.Equal(300, chunks.Sum(chunk => chunk.Manifest.Frames));
        Assert.Equal(10, chunks.Sum(chunk => chunk.Manifest.Duration.TotalSeconds), 0.3);
        foreach (var chunk in chunks) Assert.InRange(await Clips.DurationAsync(chunk.Path), 0, 2.2);
    }

    [Fact]
    public async Task A_jump_of_hours_in_a_file_makes_no_absurd_chunk_and_loses_no_packet()
    {
        var clip = await Clips.MakeAsync(_folder["clip.mp4"], seconds: 6, audio: "");
        await Command.RunAsync("ffmpeg", "-v", "error", "-i", clip, "-c", "copy", "-bsf:v",
            "setts=ts='TS+if(gte(N,75),4*3600/TB,0)'", _folder["jump.mkv"]);
        var (report, chunks) = await RecordAsync(_folder["jump.mkv"]);
        Assert.Equal(StreamState.Ended, report.State);
        Assert.Equal(180, chunks.Sum(chunk => chunk.Manifest.Frames));
        Assert.All(chunks, chunk => Assert.InRange(chunk.Manifest.Duration.TotalSeconds, 0.5, 2.2));
        foreach (var chunk in chunks) Assert.InRange(await Clips.DurationAsync(chunk.Path), 0.5, 2.2);
    }

    [Fact]
    public async Task A_transport_stream_with_corrupt_packets_is_recorded_and_flagged()
    {
        var clip = await Clips.MakeAsync(_folder["clip.ts"], seconds: 6, audio: "");
        var bytes = File.ReadAllBytes(clip);
        for (var packet = 200; packet < bytes.Length / 188; packet += 200) bytes.AsSpan(packet * 188, 188 * 3).Fill(0xFF);
        File.WriteAllBytes(_folder["broken.ts"], bytes);
        var (report, chunks) = await RecordAsync(_folder["broken.ts"]);
        Assert.Equal(StreamState.Ended, report.State);
        Assert.Contains(chunks, chunk => chunk.Manifest.Flags.Contains(ChunkFlag.Damaged));
        Assert.All(chunks, chunk => Assert.InRange(chunk.Manifest.Duration.TotalSeconds, 0, 3));
    }

    [Fact]
    public async Task A_truncated_file_gives_chunks_that_decode_and_the_end_is_flagged()
    {
        var clip = await Clips.MakeAsync(_folder["clip.mkv"], seconds: 6, audio: "");
        var bytes = File.ReadAllBytes(clip);
        File.WriteAllBytes(_folder["cut.mkv"], bytes[..(bytes.Length * 2 / 3)]);
        var (report, chunks) = await RecordAsync(_folder["cut.mkv"]);
        Assert.Equal(StreamState.Failed, report.State);
        Assert.Contains("not read to its end", report.Error);
        Assert.True(chunks.Count >= 3);
        foreach (var chunk in chunks.Where(chunk => !chunk.Manifest.Flags.Contains(ChunkFlag.Damaged)))
            await Command.RunAsync("ffmpeg", "-v", "error", "-xerror", "-i", chunk.Path, "-f", "null", "-");
        Assert.Contains(ChunkFlag.Damaged, chunks[^1].Manifest.Flags);
    }

    [Fact]
    public async Task An_empty_file_and_a_file_without_its_index_fail_with_a_reason_and_sign_nothing()
    {
        File.WriteAllBytes(_folder["empty.mkv"], []);
        var empty = await RecordAsync(_folder["empty.mkv"]);
        Assert.Equal((StreamState.Failed, 0), (empty.Report.State, empty.Chunks.Count));

        var clip = await Clips.MakeAsync(_folder["clip.mp4"], seconds: 4);
        var bytes = File.ReadAllBytes(clip);
        File.WriteAllBytes(_folder["noindex.mp4"], bytes[..bytes.AsSpan().LastIndexOf("moov"u8)]);
        var (report, chunks) = await RecordAsync(_folder["noindex.mp4"]);
        Assert.Equal((StreamState.Failed, 0), (report.State, chunks.Count));
        Assert.Contains("Invalid data", report.Error);
    }
}
