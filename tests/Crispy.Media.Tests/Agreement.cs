using Crispy.Testing;

namespace Crispy.Media.Tests;

/// <summary>Compares what the reader says with what ffprobe says of the same file.</summary>
internal static class Agreement
{
    public const double ToleranceSeconds = 0.001;

    public static async Task<ChunkFacts> AssertAsync(string path, bool grey = false)
    {
        var facts = ChunkReader.Read(path);
        var packets = await Ffprobe.PacketsAsync(path);
        var streams = await Ffprobe.StreamsAsync(path);
        var video = streams.First(stream => stream.Type == "video");
        var name = Path.GetFileName(path);
        Assert.Equal(Damage.None, facts.Damage);
        PixelFormat.Assert(video, facts.Video, grey, mayBeUnknown: video.Codec == "vp9");
        Assert.Equal(streams.FirstOrDefault(stream => stream.Type == "audio")?.Codec, facts.AudioCodec);
        Assert.Equal(packets.Count, facts.Frames);
        Assert.Equal(packets.Count(packet => packet.IsKeyframe), facts.Keyframes);
        Assert.Equal(packets[0].IsKeyframe, facts.StartsWithKeyframe);
        AssertSeconds(DurationOf(packets), facts.Duration, $"duration of {name}");
        AssertSeconds(packets.Min(packet => packet.Pts!.Value), facts.FirstPts, $"first timestamp of {name}");
        return facts;
    }

    // ffprobe gives MPEG-4 part 2 in MPEG-TS no durations at all: the last frame then lasts as long as the others do on average.
    private static decimal DurationOf(IReadOnlyList<FfprobePacket> packets)
    {
        var duration = Ffprobe.DurationOf(packets);
        return packets.Any(packet => packet.Duration > 0) ? duration : duration + duration / (packets.Count - 1);
    }

    public static void AssertSeconds(decimal expected, TimeSpan actual, string what)
    {
        var difference = Math.Abs((double)expected - actual.TotalSeconds);

        // ffprobe rounds each of two times to the microsecond.
        Assert.True(difference <= ToleranceSeconds + 2e-6, $"{what}: ffprobe {expected}, read {actual.TotalSeconds:F7}");
    }
}
