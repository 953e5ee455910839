using Crispy.Muxing.Bitstreams;
using Crispy.Testing;

namespace Crispy.Muxing.Tests.Bitstreams;

/// <summary>The order of showing by the bytes alone, against the times that the encoder gave.</summary>
public sealed class PictureOrderTests
{
    [Theory]
    [InlineData("mkv", "-c:v libx264 -preset veryfast -bf 3 -g 30")]
    [InlineData("mp4", "-c:v libx264 -preset veryfast -bf 3 -b_strategy 0 -g 40 -x264-params b-pyramid=strict:open-gop=1")]
    [InlineData("ts", "-c:v libx264 -preset veryfast -bf 3 -g 250 -x264-params open-gop=1")]
    [InlineData("mp4", "-c:v libx264 -preset veryfast -bf 2 -g 25 -flags +ildct+ilme -x264-params tff=1")]
    [InlineData("mp4", "-c:v libx264 -preset veryfast -bf 0 -g 25 -x264-params intra-refresh=1")]
    [InlineData("mp4", "-c:v libx264 -preset veryfast -profile:v baseline -g 25")]
    [InlineData("mp4", "-c:v libx264 -preset veryfast -bf 3 -b_strategy 0 -g 30 -x264-params slices=4:bframes=7:weightp=2:weightb=1")]
    [InlineData("mkv", "-c:v libx265 -preset ultrafast -bf 3 -g 30 -x265-params log-level=none")]
    [InlineData("ts", "-c:v libx265 -preset ultrafast -g 30 -x265-params log-level=none:open-gop=0:b-adapt=0:bframes=4:temporal-layers=1")]
    [InlineData("mkv", "-c:v mpeg2video -bf 2 -g 15")]
    [InlineData("ts", "-c:v mpeg2video -bf 2 -g 15 -flags +cgop -sc_threshold 1000000000")]
    [InlineData("mkv", "-c:v mpeg4 -bf 2 -g 20")]
    public async Task Ranks_by_the_bytes_are_ranks_by_the_times(string container, string encoder)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(encoder.Split(' ')[1]), $"this ffmpeg has no {encoder.Split(' ')[1]}");
        using var folder = new TempFolder();
        var source = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, $"in.{container}", encoder, frames: 130));
        Assert.Equal(source.Ranks(), PresentationOrder.RanksOf(source.LookAtAll()));
    }

    [Theory]
    [InlineData("h264", "libx264 -preset veryfast -bf 3 -b_strategy 0 -g 30 -keyint_min 30 -sc_threshold 0", "h264_mp4toannexb")]
    [InlineData("avi", "libx264 -preset veryfast -bf 3 -b_strategy 0 -g 30 -keyint_min 30 -sc_threshold 0", "h264_mp4toannexb")]
    [InlineData("hevc", "libx265 -preset ultrafast -bf 3 -g 30 -x265-params log-level=none", "hevc_mp4toannexb")]
    [InlineData("avi", "mpeg4 -bf 2 -g 30", "null")]
    [InlineData("m2v", "mpeg2video -bf 2 -g 15", "null")]
    public async Task A_source_without_presentation_times_gets_the_order_that_it_had_before_it_lost_them(string extension,
        string encoder, string filter)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(encoder.Split(' ')[0]), $"this ffmpeg has no {encoder.Split(' ')[0]}");
        using var folder = new TempFolder();
        var truth = await Demuxed.MakeAsync(folder, "truth.mp4", $"-c:v {encoder}", frames: 270, rate: 30);
        await Command.RunAsync("ffmpeg", "-y", "-v", "error", "-i", truth, "-c", "copy", "-bsf:v", filter, folder[$"in.{extension}"]);
        var source = await Demuxed.ReadAsync(folder[$"in.{extension}"]);
        Assert.Equal(270, source.Packets.Count);
        Assert.Equal((await Demuxed.ReadAsync(truth)).Ranks(), PresentationOrder.RanksOf(source.LookAtAll()));
    }

    [Fact]
    public void Ranks_come_as_soon_as_they_are_certain_and_memory_stays_bounded()
    {
        var order = new PresentationOrder();
        var behind = 0;
        for (var i = 0; i < 10_000; i++)
        {
            order.Add(new() { Order = i % 2 == 0 ? 2 * i + 2 : 2 * i - 2 });
            behind++;
            while (order.TryTake(out var rank))
            {
                behind--;
                Assert.Equal(i - behind ^ 1, rank);
            }

            Assert.InRange(behind, 0, PresentationOrder.MaxDepth + 1);
        }
    }

    [Fact]
    public void A_reset_shows_all_before_it_and_what_has_no_order_is_shown_as_it_comes()
    {
        PictureInfo[] packets =
        [
            new() { Order = 0, ResetsOrder = true }, new() { Order = 8 }, new() { Order = 4 }, new() { Order = 4, ContinuesPicture = true },
            new() { Order = 0, ResetsOrder = true }, new() { Order = -2 }, new() { Order = 2 }, new(),
            new() { ContinuesPicture = true }, new() { Order = 1 },
        ];
        Assert.Equal([0, 2, 1, 1, 4, 3, 5, 6, 6, 7], PresentationOrder.RanksOf(packets));
    }
}
