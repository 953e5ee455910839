using Crispy.Contracts;
using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

[Collection("cameras")]
public sealed class CameraClockTests(Servers servers) : IDisposable
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(40);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static Dictionary<string, string> Stream(string url, string window = "1") =>
        new() { ["Id"] = "gate", ["Url"] = url, ["Window"] = window, ["StallTimeout"] = "3" };

    [Fact]
    public async Task Chunks_begin_when_the_camera_filmed_their_keyframes()
    {
        await using var camera = await RtspCamera.StartAsync(fps: 25, gop: 25);
        await using var handle = await new RunningStreamHandle(servers, Stream(camera.Url)).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 12, "chunks");
        await handle.StopAsync();

        var chunks = handle.Ready("gate");
        ReadyChunk.AssertWhole(chunks);
        Assert.Single(chunks.Select(chunk => chunk.Manifest.Epoch).Distinct());
        Assert.Contains(chunks, chunk => chunk.Manifest.Clock.Source == ChunkClock.Rtcp);
        var filmed = camera.Keyframes;
        foreach (var chunk in chunks)
        {
            var error = filmed.Min(time => (time - chunk.Manifest.From).Duration().TotalMilliseconds);
            Assert.True(error <= chunk.Manifest.Clock.UncertaintyMs + 2,
                $"{chunk.Manifest.Chunk} is {error:0.0} ms off and says {chunk.Manifest.Clock}");
        }
        foreach (var chunk in chunks.TakeLast(3))
            Assert.True(filmed.Min(time => (time - chunk.Manifest.From).Duration().TotalMilliseconds) < 100,
                $"{chunk.Manifest.From:O} of {string.Join(", ", filmed.Select(time => $"{time:O}"))}");
        foreach (var (before, after) in chunks.Zip(chunks.Skip(1)))
            Assert.True(after.Manifest.From > before.Manifest.From && after.Manifest.To > before.Manifest.To);
    }

    [Theory]
    [InlineData("camera", ChunkClock.Rtcp)]
    [InlineData("absent", ChunkClock.Arrival)]
    [InlineData("absurd", ChunkClock.Arrival)]
    [InlineData("late", ChunkClock.Arrival)]
    public async Task Sender_reports_are_believed_as_far_as_arrival_bears_them_out(string reports, string source)
    {
        var pictures = await ScriptedCamera.PicturesAsync(_folder, 175);
        await using var camera = ScriptedCamera.Start(play =>
            pictures.Select((picture, index) =>
                new CameraStep(Frame * index, (uint)(1_000_000 + index * 3600), picture, index % 50 != 10 ? null : reports switch
        {
            "camera" => play + Frame * index - TimeSpan.FromMilliseconds(300),
            "absurd" => new DateTimeOffset(1970, 1, 2, 0, 0, 0, TimeSpan.Zero) + Frame * index,
            "late" => play + Frame * index - TimeSpan.FromSeconds(30),
            _ => null,
        })));
        await using var handle = await new RunningStreamHandle(servers, Stream(camera.Url)).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 6, "chunks");
        await handle.StopAsync();

        var chunks = handle.Ready("gate");
        ReadyChunk.AssertWhole(chunks);
        Assert.Equal(source, chunks[5].Manifest.Clock.Source);
        Assert.All(chunks, chunk => Assert.NotNull(chunk.Manifest.Clock.UncertaintyMs));
        Assert.All(chunks.Take(6), chunk => Assert.Equal(25, chunk.Manifest.Frames));
    }

    [Fact]
    public async Task A_burst_of_what_a_camera_has_buffered_is_kept_and_times_settle_without_a_step()
    {
        var pictures = await ScriptedCamera.PicturesAsync(_folder, 250);
        await using var camera = ScriptedCamera.Start(_ =>
            pictures.Select((picture, index) => new CameraStep(Frame * Math.Max(0, index - 125), (uint)(index * 3600), picture)));
        await using var handle = await new RunningStreamHandle(servers, Stream(camera.Url)).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 9, "chunks");
        await handle.StopAsync();

        var chunks = handle.Ready("gate").Take(9).ToList();
        ReadyChunk.AssertWhole(chunks);
        Assert.All(chunks, chunk => Assert.Equal(25, chunk.Manifest.Frames));
        Assert.Single(chunks.Select(chunk => chunk.Manifest.Epoch).Distinct());
        foreach (var (before, after) in chunks.Zip(chunks.Skip(1)))
            Assert.InRange((after.Manifest.From - before.Manifest.From).TotalSeconds, 0.495, 1.1);
    }

    [Theory]
    [InlineData("wrap", 4_294_700_000u, 0)]
    [InlineData("hours ahead", 1_000_000u, 4 * 3600 * 90_000L)]
    [InlineData("reset", 3_000_000_000u, -2_999_000_000L)]
    [InlineData("back", 1_000_000_000u, -3600 * 90_000L)]
    public async Task A_timestamp_that_jumps_makes_no_absurd_chunk_and_loses_no_picture(string what, uint first, long jump)
    {
        var pictures = await ScriptedCamera.PicturesAsync(_folder, 200);
        await using var camera = ScriptedCamera.Start(_ =>
            pictures.Select((picture, index) =>
                new CameraStep(Frame * index, (uint)(first + index * 3600 + (index >= 60 ? jump : 0)), picture)));
        await using var handle = await new RunningStreamHandle(servers, Stream(camera.Url)).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 7, what);
        await handle.StopAsync();

        var chunks = handle.Ready("gate").Take(7).ToList();
        ReadyChunk.AssertWhole(chunks);
        // A clock that jumps ends a chunk at its place, and the next one ends with its group of pictures. RTP's wrap is no jump.
        Assert.Equal(jump == 0 ? [25, 25, 25, 25, 25, 25, 25] : [25, 25, 10, 15, 25, 25, 25],
            chunks.Select(chunk => chunk.Manifest.Frames));
        foreach (var chunk in chunks)
        {
            Assert.Equal(chunk.Manifest.Frames / 25.0, chunk.Manifest.Duration.TotalSeconds, 0.05);
            Assert.Equal(chunk.Manifest.Frames / 25.0, await Clips.DurationAsync(chunk.Path), 0.05);
        }
        Assert.Equal(jump == 0 ? 1 : 2, chunks.Select(chunk => chunk.Manifest.Epoch).Distinct().Count());
        // Of 32 bits, nothing tells a step back by more than half of them from one forward.
        Assert.Equal(jump switch { 0 => null, > -(1L << 31) and < 0 => "clockSetBack", _ => "clockSetForward" },
            chunks[3].Manifest.Seam?.Kind);
    }

    [Fact]
    public async Task Declared_25_and_delivered_21_frames_a_second_give_durations_by_timestamps()
    {
        var pictures = await ScriptedCamera.PicturesAsync(_folder, 105, gop: 21);
        await using var camera = ScriptedCamera.Start(_ =>
            pictures.Select((picture, index) => new CameraStep(TimeSpan.FromSeconds(index / 21.0), (uint)(index * 90_000 / 21), picture)));
        await using var handle = await new RunningStreamHandle(servers, Stream(camera.Url)).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 4, "chunks");
        await handle.StopAsync();

        var chunks = handle.Ready("gate").Take(4).ToList();
        ReadyChunk.AssertWhole(chunks);
        Assert.All(chunks, chunk => Assert.Equal(21, chunk.Manifest.Frames));
        Assert.All(chunks, chunk => Assert.DoesNotContain(ChunkFlag.Discontinuity, chunk.Manifest.Flags));
        Assert.All(chunks.Skip(1), chunk => Assert.Equal(1, chunk.Manifest.Duration.TotalSeconds, 0.012));
    }
}
