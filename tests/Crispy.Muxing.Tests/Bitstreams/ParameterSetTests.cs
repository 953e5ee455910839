using Crispy.Media.Codecs;
using Crispy.Muxing.Bitstreams;
using Crispy.Testing;
using RandomAccess = Crispy.Muxing.Bitstreams.RandomAccess;

namespace Crispy.Muxing.Tests.Bitstreams;

/// <summary>Which parameter sets are in force, and the record that is made of them.</summary>
public sealed class ParameterSetTests
{
    private const string H264 = "-c:v libx264 -preset veryfast -bf 2 -g 25";
    private const string Hevc = "-c:v libx265 -preset ultrafast -bf 2 -g 25 -x265-params log-level=none";

    [Theory]
    [InlineData("h264", H264, H264 + " -weightp 0 -x264-params no-cabac=1", "160x128")]
    [InlineData("h264", H264, H264, "192x96")]
    [InlineData("hevc", Hevc, Hevc, "192x96")]
    public async Task Sets_that_change_in_band_are_told_at_their_packet_and_the_record_is_that_of_the_second_source(
        string format, string first, string second, string secondSize)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(format), $"this ffmpeg has no encoder for {format}");
        using var folder = new TempFolder();
        var one = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, "1.mp4", first, frames: 50));
        var two = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, "2.mp4", second, frames: 50, size: secondSize));
        foreach (var name in (string[])["1", "2"])
        {
            await Command.RunAsync("ffmpeg", "-y", "-v", "error", "-i", folder[name + ".mp4"], "-c", "copy", "-f", format,
                folder[$"{name}.{format}"]);
        }

        byte[] both = [.. await File.ReadAllBytesAsync(folder[$"1.{format}"]), .. await File.ReadAllBytesAsync(folder[$"2.{format}"])];
        await File.WriteAllBytesAsync(folder[$"both.{format}"], both);
        var source = await Demuxed.ReadAsync(folder[$"both.{format}"]);
        var bitstream = VideoBitstream.Of(source.Codec, source.Extradata);
        Assert.Equal(Sets(format, one.Extradata), Sets(format, bitstream.Configuration));
        for (var i = 0; i < source.Packets.Count; i++)
        {
            var look = bitstream.Look(source.Packets[i].Data, source.Packets[i].IsKeyframe);
            Assert.Equal(i == 50, look.HasNewParameters);
            Assert.False(look.HasMissingParameters);
            Assert.Equal(Sets(format, i < 50 ? one.Extradata : two.Extradata), Sets(format, bitstream.Configuration));
        }

        Assert.Equal(format == "h264" ? two.Extradata : two.Extradata[..22],
            format == "h264" ? bitstream.Configuration : bitstream.Configuration[..22]);
    }

    [Theory]
    [InlineData("h264", H264, H264 + " -x264-params no-cabac=1")]
    [InlineData("hevc", Hevc, Hevc + ":no-sao=1:bframes=0")]
    public async Task New_extradata_is_a_change_only_where_its_content_differs(string format, string first, string second)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(format), $"this ffmpeg has no encoder for {format}");
        using var folder = new TempFolder();
        var one = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, "1.mp4", first, frames: 3));
        var two = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, "2.mp4", second, frames: 3));
        var bitstream = VideoBitstream.Of(format, one.Extradata);
        Assert.Equal(one.Extradata, bitstream.Configuration);
        Assert.False(bitstream.TakeExtradata(one.Extradata));
        Assert.False(bitstream.TakeExtradata([]));
        Assert.False(bitstream.TakeExtradata(NalUnits.WithStartCodes(Sets(format, one.Extradata))));
        Assert.True(bitstream.TakeExtradata(two.Extradata));
        Assert.Equal(two.Extradata, bitstream.Configuration);
        foreach (var packet in two.Packets) Assert.False(bitstream.Look(packet.Data, packet.IsKeyframe).HasNewParameters);
        Assert.Equal(two.Extradata, bitstream.Configuration);
        Assert.True(bitstream.TakeExtradata(NalUnits.WithStartCodes(Sets(format, one.Extradata))));
        Assert.Equal(Sets(format, one.Extradata), Sets(format, bitstream.Configuration));
    }

    [Fact]
    public async Task Without_extradata_the_record_is_made_of_the_first_packets_sets_and_a_set_that_nobody_sent_is_told()
    {
        using var folder = new TempFolder();
        var mp4 = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, "1.mp4", H264, frames: 30));
        var sets = Sets("h264", mp4.Extradata);
        var bitstream = VideoBitstream.Of("h264", []);
        Assert.Empty(bitstream.Configuration);
        var predicted = NalUnits.Split(mp4.Packets[1].Data);
        Assert.True(bitstream.Look(NalUnits.WithStartCodes(predicted), false).HasMissingParameters);
        Assert.True(bitstream.Look(NalUnits.WithStartCodes([sets[0], .. predicted]), false).HasMissingParameters);

        // Pictures were seen before: the sets are news.
        var look = bitstream.Look(NalUnits.WithStartCodes([.. sets, .. NalUnits.Split(mp4.Packets[0].Data)]), true);
        Assert.True(look is { HasNewParameters: true, HasMissingParameters: false, Access: RandomAccess.Clean });
        Assert.Equal(mp4.Extradata, bitstream.Configuration);

        var begun = VideoBitstream.Of("h264", []);
        Assert.False(begun.Look(NalUnits.WithStartCodes([.. sets, .. NalUnits.Split(mp4.Packets[0].Data)]), true).HasNewParameters);
        Assert.Equal(mp4.Extradata, begun.Configuration);
    }

    [Fact]
    public async Task Sets_behind_the_last_slice_belong_to_the_next_packet()
    {
        using var folder = new TempFolder();
        var one = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, "1.mp4", H264, frames: 3));
        var two = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, "2.mp4", H264, frames: 3, size: "192x96"));
        var bitstream = VideoBitstream.Of("h264", one.Extradata);
        Assert.False(bitstream.Look(one.Packets[0].Data, true).HasNewParameters);
        var last = NalUnits.WithLengths([.. NalUnits.Split(one.Packets[1].Data), .. Sets("h264", two.Extradata)]);
        Assert.False(bitstream.Look(last, false).HasNewParameters);
        Assert.Equal(one.Extradata, bitstream.Configuration);
        Assert.True(bitstream.Look(two.Packets[0].Data, true).HasNewParameters);
        Assert.Equal(two.Extradata, bitstream.Configuration);
    }

    [Fact]
    public async Task Several_sets_are_kept_by_their_numbers_and_the_one_in_use_comes_first()
    {
        using var folder = new TempFolder();
        var one = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, "1.mp4", H264 + " -x264-params sps-id=3", frames: 3));
        var two = await Demuxed.ReadAsync(
            await Demuxed.MakeAsync(folder, "2.mp4", H264 + " -x264-params sps-id=5", frames: 3, size: "192x96"));
        var (sets, others) = (Sets("h264", one.Extradata), Sets("h264", two.Extradata));
        var bitstream = VideoBitstream.Of("h264", NalUnits.WithStartCodes([sets[0], others[0], sets[1], others[1]]));
        Assert.False(bitstream.Look(one.Packets[0].Data, true).HasNewParameters);
        Assert.Equal([sets[0], others[0], sets[1], others[1]], Sets("h264", bitstream.Configuration));

        // Nobody sent a new set, but the pictures are of another size from here on.
        Assert.True(bitstream.Look(two.Packets[0].Data, true).HasNewParameters);
        Assert.False(bitstream.Look(two.Packets[1].Data, false).HasNewParameters);
        Assert.Equal([others[0], sets[0], sets[1], others[1]], Sets("h264", bitstream.Configuration));
        Assert.True(bitstream.Look(one.Packets[0].Data, true).HasNewParameters);
    }

    [Theory]
    [InlineData("mpeg2video", "m2v", "-c:v mpeg2video -g 10")]
    [InlineData("mpeg4", "ts", "-c:v mpeg4 -g 10")]
    [InlineData("mjpeg", "mjpeg", "-c:v mjpeg")]
    public async Task Pictures_of_another_size_are_new_parameters_of_codecs_without_sets_too(string codec, string format, string encoder)
    {
        using var folder = new TempFolder();
        var one = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, $"1.{format}", encoder, frames: 20));
        var two = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, $"2.{format}", encoder, frames: 20, size: "192x96"));
        var bitstream = VideoBitstream.Of(codec, one.Extradata);
        Assert.All(one.Packets, packet => Assert.False(bitstream.Look(packet.Data, packet.IsKeyframe).HasNewParameters));
        Assert.Equal([true, .. Enumerable.Repeat(false, 19)],
            two.Packets.Select(packet => bitstream.Look(packet.Data, packet.IsKeyframe).HasNewParameters));
        if (two.Extradata.Length > 0)
            Assert.Equal(two.Extradata.AsSpan().TrimEnd((byte)0), bitstream.Configuration.AsSpan().TrimEnd((byte)0));
    }

    [Theory]
    [InlineData("yuv420p")]
    [InlineData("yuv444p")]
    [InlineData("yuv420p10le")]
    public async Task An_AV1_record_is_made_of_the_sequence_header_where_the_demuxer_has_none(string pixels)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync("av1"), "this ffmpeg has no encoder for av1");
        using var folder = new TempFolder();
        var mp4 = await Demuxed.ReadAsync(
            await Demuxed.MakeAsync(folder, "1.mp4", $"-pix_fmt {pixels} -c:v libaom-av1 -cpu-used 8 -usage realtime", frames: 3));
        var bitstream = VideoBitstream.Of("av1", []);
        Assert.False(bitstream.Look(mp4.Packets[0].Data, true).HasNewParameters);
        Assert.Equal(mp4.Extradata, bitstream.Configuration);
        Assert.False(VideoBitstream.Of("av1", mp4.Extradata).Look(mp4.Packets[0].Data, true).HasNewParameters);
    }

    /// <summary>The parameter sets of a record.</summary>
    private static List<byte[]> Sets(string format, byte[] record)
    {
        var units = new List<byte[]>();
        var h264 = new H264Record(format == "h264" ? record : []);
        while (h264.TryTake(out var unit)) units.Add(unit.ToArray());
        var hevc = new HevcRecord(format == "hevc" ? record : []);
        while (hevc.TryTake(out var unit))
        {
            if (Media.Codecs.Hevc.TypeOf(unit) < Media.Codecs.Hevc.SeiType) units.Add(unit.ToArray());
        }

        return units;
    }
}
