using System.Text;
using Crispy.Testing;

namespace Crispy.Media.Tests;

/// <summary>What cannot be is told as corrupt; what is only rare is not.</summary>
public sealed class ContradictionTests
{
    // A place is a box or an element by its first bytes, and how many bytes behind them the number lies.
    public static TheoryData<string, string, string, int, int, long> Lies => new()
    {
        { "more keyframes listed than there is room for", "mp4", "stss", 4, 4, 1000 },
        { "a keyframe that is no frame", "mp4", "stss", 8, 4, 1_000_000 },
        { "a frame that is shown for a day", "mp4", "stts", 12, 4, uint.MaxValue },
        { "ticks of a second each", "mp4", "mdhd", 12, 4, 1 },
        { "ticks of no length", "mp4", "mdhd", 12, 4, uint.MaxValue },
        { "more frames than have a duration", "mp4", "stts", 8, 4, 1000 },
        { "samples of a gigabyte", "mp4", "stsz", 4, 4, 1 << 30 },
        { "one sample larger than the file", "mp4", "stsz", 12, 4, 10_000_000 },
        { "four thousand million samples", "mp4", "stsz", 8, 4, uint.MaxValue },
        { "no sample", "mp4", "stsz", 8, 4, 0 },
        { "samples behind the file's end", "mp4", "stco", 8, 4, int.MaxValue },
        { "a table that is larger than what holds it", "mp4", "stsz", -4, 4, 100_000 },
        { "an edit list that hides all", "mp4", "elst", 12, 4, int.MaxValue },
        { "a run of more samples than it has", "fmp4", "trun", 4, 4, 1_000_000 },
        { "a run that lies behind the file's end", "fmp4", "trun", 8, 4, int.MaxValue },
        { "frames of a day in a fragment", "fmp4", "tfhd", 8, 4, uint.MaxValue },
        { "a decoding time without end", "fmp4", "tfdt", 4, 8, -1 },
        { "ticks of ten thousand seconds", "mkv", "\x2A\xD7\xB1", 1, 3, 0 },
        { "a cluster that begins in a million years", "mkv", "\x1F\x43\xB6\x75", 10, 8, -1 },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_number_that_cannot_be_is_told(string lie, string container, string place, int offset, int length, long value)
    {
        using var folder = new TempFolder();
        var path = await ChunkReaderTests.CreateAsync(folder, container, new() { Size = "64x48", BFrames = 2,
            Extra = container == "mkv" ? ["-cluster_time_limit", "1"] : [] });
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal((60, Damage.None), (Read(bytes).Frames, Read(bytes).Damage));
        var at = bytes.AsSpan().IndexOf(Encoding.Latin1.GetBytes(place));
        Assert.True(at > 0, $"no {place}");
        if (container == "mkv" && length == 8)
        {
            // The cluster begins with its time, which is given eight bytes instead of what follows.
            byte[] time = [0xE7, 0x88, 0x0F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
            time.CopyTo(bytes, bytes.AsSpan(at).IndexOf((byte)0xE7) + at);
        }
        else HostileBytes.Number(value, length).CopyTo(bytes, at + Encoding.Latin1.GetByteCount(place) + offset);
        var facts = Read(bytes);
        Assert.True(facts.Damage.HasFlag(Damage.Corrupt), $"{lie}: {facts}");
    }

    [Theory]
    [InlineData(2, 0)] // bits of a sample
    [InlineData(2, 37)]
    [InlineData(4, 0)] // rows; the high byte is 0 already
    [InlineData(7, 0)] // components
    [InlineData(7, 9)]
    public async Task A_picture_that_cannot_be_is_told(int offset, byte value)
    {
        using var folder = new TempFolder();
        foreach (var container in (string[])["mkv", "mp4"])
        {
            var path = await ChunkReaderTests.CreateAsync(folder, container, new() { Codec = "mjpeg", Size = "64x48", Seconds = 0.5 });
            var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(Damage.None, Read(bytes).Damage);
            byte[] header = [0xFF, 0xC0, 0, 17];
            for (var at = 0; bytes.AsSpan(at).IndexOf(header) is >= 0 and var next; at += next + 4) bytes[at + next + 2 + offset] = value;
            Assert.Equal(Damage.Corrupt, Read(bytes).Damage);
        }
    }

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    [InlineData("fmp4")]
    [InlineData("ts")]
    public async Task Rare_recordings_are_whole(string container)
    {
        using var folder = new TempFolder();
        string[][] kinds =
        [
            ["-vf", "setpts=N*600/TB", "-vsync", "vfr", "-frames:v", "3"], // a picture in ten minutes
            ["-frames:v", "1"],
            ["-vf", "select='not(mod(n\\,7))+eq(mod(n\\,11)\\,4)'", "-vsync", "vfr"],
            ["-output_ts_offset", "40000"],
        ];
        foreach (var (kind, index) in kinds.Select((kind, index) => (kind, index)))
        {
            string[] flags = container == "fmp4" ? ["-movflags", "+delay_moov+default_base_moof+frag_keyframe"] : [];
            var path = await TestVideo.CreateAsync(folder[$"{index}.{container.Replace("fmp4", "f.mp4", StringComparison.Ordinal)}"],
                new() { Size = "64x48", Extra = [.. flags, .. kind] });
            var facts = ChunkReader.Read(path);
            Assert.True(facts.Damage == Damage.None && facts.Frames > 0, $"{string.Join(' ', kind)}: {facts}");
        }
    }

    [Fact]
    public async Task Pictures_that_an_edit_list_hides_are_no_contradiction()
    {
        using var folder = new TempFolder();
        var source = await TestVideo.CreateAsync(folder["source.mp4"], new() { Size = "64x48", Seconds = 10, Gop = 250, BFrames = 2 });
        await Command.RunAsync("ffmpeg", "-v", "error", "-ss", "7", "-i", source, "-c", "copy", folder["hidden.mp4"]);
        var facts = ChunkReader.Read(folder["hidden.mp4"]);
        Assert.Equal((Damage.None, true), (facts.Damage, facts.FirstPts < TimeSpan.FromSeconds(-6)));
    }

    private static ChunkFacts Read(byte[] bytes) => ChunkReader.Read(new MemoryStream(bytes), TestContext.Current.CancellationToken);
}
