using Crispy.Media.Codecs;
using Crispy.Muxing.Bitstreams;
using Crispy.Testing;
using H264Nal = Crispy.Media.Codecs.H264;
using HevcNal = Crispy.Media.Codecs.Hevc;
using RandomAccess = Crispy.Muxing.Bitstreams.RandomAccess;

namespace Crispy.Muxing.Tests.Bitstreams;

/// <summary>Start codes and lengths, and pictures that come in several packets.</summary>
public sealed class PacketFormTests
{
    private const string H264 = "-c:v libx264 -preset veryfast -bf 2 -g 25 -x264-params slices=4";
    private const string Hevc = "-c:v libx265 -preset ultrafast -bf 2 -g 25 -x265-params log-level=none:slices=2";

    [Theory]
    [InlineData("h264", H264)]
    [InlineData("hevc", Hevc)]
    public async Task Every_form_becomes_the_same_units_behind_lengths_of_four_bytes(string format, string encoder)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(format), $"this ffmpeg has no encoder for {format}");
        using var folder = new TempFolder();
        var source = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, "in.mp4", encoder, frames: 40, size: "192x192"));
        byte[] buffer = [];
        var expected = source.LookAtAll();
        foreach (var (form, shortest) in (IEnumerable<(int, bool)>)[(4, false), (3, false), (2, false), (0, false), (0, true)])
        {
            var extradata = (byte[])source.Extradata.Clone();
            var at = format == "h264" ? 4 : 21;
            if (form > 0) extradata[at] = (byte)(extradata[at] & 0xFC | form - 1);

            // Start codes are taken behind a record too, and without extradata.
            foreach (var begin in form == 0 ? (byte[][])[extradata, []] : [extradata])
            {
                var bitstream = VideoBitstream.Of(format, begin);
                Assert.Equal(begin.Length == 0 ? [] : source.Extradata, bitstream.Configuration);
                for (var i = 0; i < source.Packets.Count; i++)
                {
                    var units = NalUnits.Split(source.Packets[i].Data);
                    var packet = form == 0 ? NalUnits.WithStartCodes(units, shortest) : NalUnits.WithLengths(units, form);
                    var look = bitstream.Look(packet, source.Packets[i].IsKeyframe);
                    if (begin.Length > 0) Assert.Equal(expected[i], look);
                    Assert.Equal(source.Packets[i].Data, bitstream.ToLengthPrefixed(packet, ref buffer));
                }
            }
        }
    }

    [Theory]
    [InlineData("h264", H264)]
    [InlineData("hevc", Hevc)]
    public async Task A_transport_stream_decodes_to_the_same_pictures_behind_lengths(string format, string encoder)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(format), $"this ffmpeg has no encoder for {format}");
        using var folder = new TempFolder();
        var path = await Demuxed.MakeAsync(folder, "in.ts", encoder, frames: 40, size: "192x192");
        var source = await Demuxed.ReadAsync(path);
        var bitstream = VideoBitstream.Of(format, source.Extradata);
        byte[] buffer = [];
        var stream = new List<byte>();
        foreach (var packet in source.Packets)
        {
            var prefixed = bitstream.ToLengthPrefixed(packet.Data, ref buffer);
            Assert.True(NalReader.FitsLengths(prefixed, 4));
            stream.AddRange(NalUnits.WithStartCodes(NalUnits.Split(prefixed)));
        }

        await File.WriteAllBytesAsync(folder[$"out.{format}"], [.. stream], TestContext.Current.CancellationToken);
        Assert.Equal(await Demuxed.PicturesAsync(path), await Demuxed.PicturesAsync(folder[$"out.{format}"]));
    }

    [Theory]
    [InlineData("h264", H264)]
    [InlineData("hevc", Hevc)]
    public async Task A_packet_a_slice_is_one_picture(string format, string encoder)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(format), $"this ffmpeg has no encoder for {format}");
        using var folder = new TempFolder();
        var source = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, "in.mp4", encoder, frames: 40, size: "192x192"));
        var expected = source.LookAtAll();
        var bitstream = VideoBitstream.Of(format, source.Extradata);
        var looks = new List<PictureInfo>();
        for (var i = 0; i < source.Packets.Count; i++)
        {
            var units = NalUnits.Split(source.Packets[i].Data);
            var slices = units.Where(unit => format == "h264"
                ? H264Nal.IsSlice(H264Nal.TypeOf(unit))
                : HevcNal.IsSlice(HevcNal.TypeOf(unit))).ToList();
            Assert.True(slices.Count > 1);
            var first = bitstream.Look(NalUnits.WithLengths([.. units.Where(unit => !slices.Contains(unit)), slices[0]]),
                source.Packets[i].IsKeyframe);
            Assert.Equal(expected[i], first);
            looks.Add(first);
            foreach (var slice in slices[1..])
            {
                looks.Add(bitstream.Look(NalUnits.WithLengths([slice]), source.Packets[i].IsKeyframe));
                Assert.Equal(new() { ContinuesPicture = true }, looks[^1]);
            }
        }

        Assert.Equal(source.Ranks(),
            PresentationOrder.RanksOf(looks).Zip(looks).Where(pair => !pair.Second.ContinuesPicture).Select(pair => pair.First));
    }

    [Fact]
    public async Task Fields_are_half_a_picture_each_whether_they_come_in_one_packet_or_two()
    {
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder["in.h264"], FieldCoded.Stream(frames: 60, group: 20), TestContext.Current.CancellationToken);
        var pictures = (await Ffprobe.JsonAsync(folder["in.h264"], "-count_frames", "-show_entries", "stream=nb_read_frames"))
            .GetProperty("streams")[0];
        Assert.Equal("60", pictures.GetProperty("nb_read_frames").GetString());
        var fields = FieldCoded.Fields(frames: 60, group: 20);
        var bitstream = VideoBitstream.Of("h264", []);
        var apart = fields.Select(field => bitstream.Look(field, isKeyframe: false)).ToList();
        Assert.Equal(Enumerable.Range(0, 120).Select(i => i % 2 == 1), apart.Select(look => look.ContinuesPicture));
        Assert.Equal(Enumerable.Range(0, 120).Select(i => i % 40 == 0), apart.Select(look => look.Access == RandomAccess.Clean));
        Assert.Equal(Enumerable.Range(0, 120).Select(i => i / 2L), PresentationOrder.RanksOf(apart));

        bitstream = VideoBitstream.Of("h264", []);
        var together = fields.Chunk(2).Select(pair => bitstream.Look([.. pair[0], .. pair[1]], isKeyframe: false)).ToList();
        Assert.DoesNotContain(together, look => look.ContinuesPicture || look.HasMissingParameters);
        Assert.Equal(Enumerable.Range(0, 60).Select(i => i % 20 == 0), together.Select(look => look.Access == RandomAccess.Clean));
        Assert.Equal(Enumerable.Range(0, 60).Select(i => (long)i), PresentationOrder.RanksOf(together));

        // A second field that was lost makes no pair of the fields around it.
        bitstream = VideoBitstream.Of("h264", []);
        var lossy = fields.Where((_, i) => i != 5).Select(field => bitstream.Look(field, isKeyframe: false)).ToList();
        Assert.Equal([false, true, false, true, false, false, true], lossy.Take(7).Select(look => look.ContinuesPicture));
    }
}
