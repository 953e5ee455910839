using Crispy.Muxing.Bitstreams;
using Crispy.Testing;
using RandomAccess = Crispy.Muxing.Bitstreams.RandomAccess;

namespace Crispy.Muxing.Tests.Bitstreams;

/// <summary>What decoding can begin with, judged by the decoder's own pictures.</summary>
public sealed class RandomAccessTests
{
    [Theory]
    [InlineData("mp4", "-c:v libx264 -preset veryfast -bf 3 -g 25", RandomAccess.Clean)]
    [InlineData("ts", "-c:v libx264 -preset veryfast -bf 3 -g 25", RandomAccess.Clean)]
    [InlineData("mkv", "-c:v libx264 -preset veryfast -bf 3 -b_strategy 0 -g 26 -x264-params open-gop=1", RandomAccess.Open)]
    [InlineData("ts", "-c:v libx264 -preset veryfast -bf 3 -b_strategy 0 -g 26 -x264-params open-gop=1", RandomAccess.Open)]
    [InlineData("mkv", "-c:v libx265 -preset ultrafast -bf 3 -g 25 -x265-params log-level=none:open-gop=0", RandomAccess.Clean)]
    [InlineData("mkv", "-c:v libx265 -preset ultrafast -bf 3 -g 26 -x265-params log-level=none:open-gop=1:b-adapt=0", RandomAccess.Open)]
    [InlineData("ts", "-c:v mpeg2video -bf 2 -g 15", RandomAccess.Open)]
    [InlineData("ts", "-c:v mpeg2video -bf 2 -g 15 -flags +cgop -sc_threshold 1000000000", RandomAccess.Clean)]
    [InlineData("mkv", "-c:v mpeg4 -bf 2 -g 15", RandomAccess.Open)]
    [InlineData("mkv", "-c:v mpeg4 -bf 0 -g 15", RandomAccess.Clean)]
    [InlineData("mkv", "-c:v libvpx -g 15", RandomAccess.Clean)]
    [InlineData("mkv", "-c:v libvpx-vp9 -cpu-used 8 -deadline realtime -g 15", RandomAccess.Clean)]
    [InlineData("mkv", "-c:v libaom-av1 -cpu-used 8 -usage realtime -g 15", RandomAccess.Clean)]
    [InlineData("mkv", "-c:v mjpeg", RandomAccess.Clean)]
    public async Task A_keyframe_is_what_it_is_and_its_leading_pictures_are_told(string container, string encoder, RandomAccess expected)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(encoder.Split(' ')[1]), $"this ffmpeg has no {encoder.Split(' ')[1]}");
        using var folder = new TempFolder();
        var source = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, $"in.{container}", encoder));
        var looks = source.LookAtAll();
        var (keyframes, leading) = (0, 0);
        long? keyframe = null;
        for (var i = 0; i < looks.Count; i++)
        {
            var (packet, look) = (source.Packets[i], looks[i]);
            Assert.Equal(packet.IsKeyframe, look.Access != RandomAccess.None);
            Assert.False(look.ContinuesPicture || look.HasNewParameters || look.HasMissingParameters, $"packet {i}");
            if (packet.IsKeyframe && i > 0) Assert.Equal(expected, look.Access);
            if (packet.IsKeyframe && i > 0) (keyframe, keyframes) = (packet.Pts, keyframes + 1);
            Assert.Equal(packet.Pts < keyframe, look.IsLeading);
            if (look.IsLeading) leading++;
        }

        Assert.True(keyframes > 2);
        Assert.Equal(expected == RandomAccess.Open, leading > 0);
    }

    [Theory]
    [InlineData("mp4")]
    [InlineData("ts")]
    public async Task Intra_refresh_tells_after_how_many_frames_pictures_are_whole(string container)
    {
        using var folder = new TempFolder();
        var path = await Demuxed.MakeAsync(folder, $"in.{container}",
            "-c:v libx264 -preset veryfast -bf 0 -g 25 -x264-params intra-refresh=1");
        var source = await Demuxed.ReadAsync(path);
        var looks = source.LookAtAll();
        Assert.Equal(RandomAccess.Clean, looks[0].Access);
        var at = looks.FindIndex(look => look.Access == RandomAccess.Gradual);
        var recovery = looks[at].RecoveryFrames;
        Assert.InRange(recovery, 1, 25);

        // A decoder that begins there gives the source's pictures from that number on.
        var bitstream = VideoBitstream.Of(source.Codec, source.Extradata);
        var config = NalUnits.WithStartCodes(Parameters(bitstream.Configuration));
        byte[] buffer = [];
        byte[] rest = [.. config, .. source.Packets.Skip(at)
            .SelectMany(packet => NalUnits.WithStartCodes(NalUnits.Split(bitstream.ToLengthPrefixed(packet.Data, ref buffer))))];
        await File.WriteAllBytesAsync(folder["rest.h264"], rest, TestContext.Current.CancellationToken);
        var whole = (await Demuxed.PicturesAsync(path))[(at + recovery)..];
        Assert.Equal(whole, (await Demuxed.PicturesAsync(folder["rest.h264"]))[^whole.Count..]);
    }

    [Fact]
    public void A_keyframe_by_the_containers_word_alone_is_believed_where_all_its_slices_are_intra()
    {
        var sequence = new BitWriter().U(8, 77).U(8, 0).U(8, 30).Ue(0).Ue(0).Ue(2).Ue(1).U(1, 0).Ue(3).Ue(3).U(1, 1).U(1, 0)
            .U(1, 0).U(1, 0).Nal(0x67);
        var picture = new BitWriter().Ue(0).Ue(0).U(1, 0).U(1, 0).Ue(0).Ue(0).Ue(0).U(1, 0).U(2, 0).Se(0).Se(0).Se(0).U(3, 0).Nal(0x68);
        var intra = new BitWriter().Ue(0).Ue(7).Ue(0).U(4, 1).U(2, 0).Se(0).Nal(0x61);
        var predicted = new BitWriter().Ue(8).Ue(5).Ue(0).U(4, 1).U(3, 0).Se(0).Nal(0x61);
        var bitstream = VideoBitstream.Of("h264", NalUnits.WithStartCodes([sequence, picture]));
        Assert.Equal(RandomAccess.Open, bitstream.Look(NalUnits.WithStartCodes([intra]), isKeyframe: true).Access);
        Assert.Equal(RandomAccess.None, bitstream.Look(NalUnits.WithStartCodes([intra]), isKeyframe: false).Access);
        Assert.Equal(RandomAccess.None, bitstream.Look(NalUnits.WithStartCodes([intra, predicted]), isKeyframe: true).Access);
    }

    private static List<byte[]> Parameters(byte[] record)
    {
        var units = new List<byte[]>();
        var reader = new Crispy.Media.Codecs.H264Record(record);
        while (reader.TryTake(out var unit)) units.Add(unit.ToArray());
        return units;
    }
}
