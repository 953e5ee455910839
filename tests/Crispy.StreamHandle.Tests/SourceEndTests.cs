using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Tests;

/// <summary>What ffmpeg's lines say about a source's end, in the words of its releases.</summary>
[Trait("Needs", "nothing")]
public sealed class SourceEndTests
{
    private static readonly SourceUrl Url = SourceUrl.Parse("http://camera/clip.mp4");

    private static readonly SourceFacts Film = new("h264", null, null, TimeSpan.FromSeconds(20))
    {
        FormatName = "mov,mp4,m4a,3gp,3g2,mj2",
        VideoDuration = TimeSpan.FromSeconds(20),
        AverageFrameRate = new(25, 1),
    };

    [Theory]
    [InlineData("Harmless", "[error] ")]
    [InlineData("Harmless", "[warning] Non-monotonous DTS in output stream 0:0")]
    [InlineData("Harmless", "[vost#0:0/copy] [warning] Non-monotonic DTS; previous: 90, current: 80")]
    [InlineData("Harmless",
        "[warning] keepalive request failed for 'http://camera/s3.ts' with error: 'Invalid data found when processing input' when opening, "
            + "retrying with new connection")]
    [InlineData("Harmless", "    Last message repeated 3 times")]
    [InlineData("Damage", "[warning] http://camera/clip.mp4: corrupt input packet in stream 0")]
    [InlineData("Damage", "[warning] Packet corrupt (stream = 0, dts = 482400).")]
    [InlineData("Damage", "[warning] RTP: missed 3 packets")]
    [InlineData("Damage", "[warning] skipping 4 segments ahead, expired from playlists")]
    [InlineData("Missing", "[warning] Failed to open segment 2 of playlist 0")]
    [InlineData("Missing", "[warning] Segment 2 of playlist 0 failed too many times, skipping")]
    [InlineData("Missing", "[error] http://camera/clip.mp4: Input/output error")]
    [InlineData("Missing", "[error] http://camera/clip.mp4: Invalid data found when processing input")]
    [InlineData("Missing", "[in#0/mpegts] [error] Error during demuxing: Input/output error")]
    [InlineData("Missing", "[error] Read error at pos. 1013748 (0xf77f4)")]
    [InlineData("Missing", "[error] File ended prematurely")]
    [InlineData("Missing", "[error] File ended prematurely at pos. 1013748 (0xf77f4)")]
    [InlineData("Missing", "[error] stream 0, offset 0x30: partial file")]
    [InlineData("Missing", "[warning] Found duplicated MOOV Atom. Skipped it")]
    [InlineData("Connection", "[error] Stream ends prematurely at 48, should be 2021936")]
    [InlineData("Connection", "[warning] Will reconnect at 48 in 1 second(s), error=Input/output error.")]
    [InlineData("Connection", "[warning] Will reconnect at 48 in 1 second(s).")]
    [InlineData("Connection", "[error] Connection to tcp://camera:80 failed: Connection refused")]
    [InlineData("Connection", "[warning] HTTP error 503 Service Unavailable")]
    [InlineData("Unknown", "[warning] something that no release has said yet")]
    public void A_line_is_known_by_what_it_means(string expected, string line) =>
    Assert.Equal(expected, FfmpegErrors.Classify(Url, line).ToString());

    [Fact]
    public void An_unknown_complaint_is_counted_and_kept()
    {
        var end = Heard(null, "[warning] something new", "[error] ", "[error] something newer");
        Assert.Equal((2, "something newer"), (end.Unknown, end.LastUnknown));
        Assert.Equal(SourceOutcome.Complete, Judge(end, seconds: 20).Outcome);
    }

    [Fact]
    public void Exit_code_0_with_all_of_it_is_complete() =>
    Assert.Equal((SourceOutcome.Complete, null), (Judge(Heard(Film), seconds: 19.96).Outcome, Judge(Heard(Film), seconds: 19.96).Reason));

    [Fact]
    public void A_source_that_is_shorter_than_its_container_says_is_not_complete()
    {
        var verdict = Judge(Heard(Film), seconds: 10.04);
        Assert.Equal(SourceOutcome.Incomplete, verdict.Outcome);
        Assert.Equal(new MissingRange(TimeSpan.FromSeconds(10.04), TimeSpan.FromSeconds(20)), Assert.Single(verdict.Missing));
        Assert.Contains("10.04 s to 20 s of 20 s are missing", verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(19.8, 1, true)]
    [InlineData(19.79, 1, false)]
    [InlineData(19.53, 10, true)]
    [InlineData(19.51, 10, false)]
    public void It_may_end_some_frames_early(double seconds, int everyNthFrame, bool isComplete)
    {
        var end = new SourceEnd(Url, Film, everyNthFrame);
        Assert.Equal(Outcome(isComplete), Judge(end, seconds).Outcome);
    }

    [Theory]
    [InlineData("mov,mp4", 20, 14, null, null, 13.9, true)] // an edit list shows less than the track holds
    [InlineData("mov,mp4", 20, 14, null, null, 13.7, false)]
    [InlineData("mov,mp4", 20, 30, null, null, 19.9, true)] // the sound is longer
    [InlineData("matroska,webm", 20, 20, null, null, 19.7, false)]
    [InlineData("avi", 20, 20, null, null, 10, true)] // a guess
    [InlineData("matroska,webm", null, 20, null, null, 19.7, false)]
    [InlineData("matroska,webm", null, 20, 3, null, 16.9, true)] // it counts from 0, wherever the first picture lies
    [InlineData("matroska,webm", null, 20, 3, null, 16.7, false)]
    [InlineData("mov,mp4", null, 20, 3, null, 16.9, false)]
    [InlineData("matroska,webm", null, 20, null, 1, 19.1, true)] // sound may be longer than the picture
    [InlineData("matroska,webm", null, 20, null, 1, 18.9, false)]
    [InlineData("matroska,webm", null, 200, null, 1, 196.1, true)]
    [InlineData("matroska,webm", null, 200, null, 1, 195.9, false)]
    public void How_long_it_is_comes_from_its_container(
        string format, int? video, int whole, int? start, int? sound, double seconds, bool isComplete)
    {
        var facts = Film with
        {
            FormatName = format, Duration = TimeSpan.FromSeconds(whole), AudioIndex = sound,
            VideoDuration = video is { } length ? TimeSpan.FromSeconds(length) : null,
            StartTime = start is { } first ? TimeSpan.FromSeconds(first) : null,
        };
        Assert.Equal(Outcome(isComplete), Judge(Heard(facts), seconds).Outcome);
    }

    [Theory]
    [InlineData(2, 11.0, true)]
    [InlineData(2, 10.9, false)]
    [InlineData(6, 33.0, true)]
    [InlineData(6, 32.9, false)]
    public void Of_a_playlist_half_a_segment_may_be_missing_and_a_second_at_least(int target, double seconds, bool isComplete) =>
        Assert.Equal(Outcome(isComplete), Judge(Heard(Playlist(target, "")), seconds).Outcome);

    [Fact]
    public void The_first_reason_is_told_and_the_exit_code_before_all()
    {
        const string refused = "[error] Connection to tcp://camera:80 failed: Connection refused";
        var end = Heard(Film, refused, "[error] Connection reset by peer");
        Assert.Equal("not read to its end: Connection to tcp://camera:80 failed: Connection refused", Judge(end, seconds: 20).Reason);
        Assert.Contains("Invalid argument",
            end.Judge(1, "[error] Invalid argument", hasPictures: true, TimeSpan.FromSeconds(20)).Reason, StringComparison.Ordinal);
        Assert.Equal("not read to its end: File ended prematurely",
            Judge(Heard(Film, "[error] File ended prematurely", "[error] Read error at pos. 7 (0x7)"), seconds: 20).Reason);
        Assert.Equal("not read to its end: Stream ends prematurely at 100, should be 200",
            Judge(Heard(Film, "[error] Stream ends prematurely at 100, should be 200"), seconds: 20).Reason);
        Assert.Contains("(segment 9 of the playlist could not be read)",
            Judge(Heard(Playlist(2, ""), "[warning] Failed to open segment 9 of playlist 0"), seconds: 12).Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_playlist_with_a_second_header_is_opened_again_where_that_begins()
    {
        const string second = "[warning] Found duplicated MOOV Atom. Skipped it";
        var two = Playlist(2, "#EXT-X-MAP:URI=\"b.mp4\"\n");
        var end = Heard(two, second);
        Assert.Equal("the playlist has a new header (EXT-X-MAP)", end.Reopen);
        Assert.Equal(3, end.StartIn(two.Http!.Playlist));
        Assert.Null(end.StartIn(null));
        Assert.Equal("not read to its end: the playlist's segments have several headers (EXT-X-MAP), and ffmpeg reads the first alone",
            Judge(end, seconds: 12).Reason);
        Assert.DoesNotContain("several headers", Judge(Heard(Playlist(2, ""), second), seconds: 12).Reason, StringComparison.Ordinal);
        // What began again is read from its beginning.
        Assert.Equal(0, Heard(null, "[warning] Media sequence changed unexpectedly: 111 -> 0").StartIn(two.Http!.Playlist));
        Assert.Null(Heard(null, "[warning] Media sequence changed unexpectedly: 3 -> 3").Reopen);
        Assert.Null(Heard(two).StartIn(two.Http!.Playlist));
    }

    [Fact]
    public void An_index_at_the_end_is_named_where_the_server_gives_no_part_of_a_file()
    {
        var facts = Film with { Http = new() { IsFinite = true, TakesRanges = false } };
        const string partial = "[error] stream 0, offset 0x30: partial file";
        Assert.Contains("the file's index is at its end", Nothing(facts, partial), StringComparison.Ordinal);
        Assert.Contains("the file's index is at its end", Nothing(facts, "[error] Stream ends prematurely at 1, should be 2"),
            StringComparison.Ordinal);
        Assert.DoesNotContain("index", Nothing(facts, "[error] moov atom not found"), StringComparison.Ordinal);
        Assert.DoesNotContain("index", Nothing(Film with { Http = new() { IsFinite = true, TakesRanges = true } }, partial),
            StringComparison.Ordinal);

        static string Nothing(SourceFacts facts, string line)
        {
            var verdict = Heard(facts, line).Judge(1, "[error] it is no video", hasPictures: false, span: null);
            Assert.Equal(SourceOutcome.Failed, verdict.Outcome);
            return verdict.Reason!;
        }
    }

    [Fact]
    public void A_break_that_was_resumed_is_none()
    {
        string[] lines = ["[error] Stream ends prematurely at 100, should be 200",
            "[warning] Will reconnect at 100 in 0 second(s), error=Input/output error."];
        Assert.Equal(SourceOutcome.Complete, Judge(Heard(Film, lines), seconds: 20).Outcome);
        Assert.Equal(SourceOutcome.Incomplete,
            Judge(Heard(Film, [.. lines, "[error] Connection to tcp://camera:80 failed: Connection refused"]), seconds: 20).Outcome);
        Assert.Equal(SourceOutcome.Incomplete,
            Judge(Heard(Film, [.. lines, "[error] Stream ends prematurely at 100, should be 18446744073709551615"]), seconds: 20).Outcome);
        Assert.Equal(SourceOutcome.Incomplete, Judge(Heard(Film, lines[0]), seconds: 20).Outcome);
        Assert.Equal(SourceOutcome.Complete,
            Judge(Heard(Film, [.. lines, "[error] Connection refused", "[warning] Will reconnect at 150 in 0 second(s)."]),
                seconds: 20).Outcome);
    }

    [Fact]
    public void A_transport_stream_s_length_is_a_guess_that_counts_only_where_something_broke()
    {
        var stream = Film with { FormatName = "mpegts" };
        Assert.Equal(SourceOutcome.Complete, Judge(Heard(stream), seconds: 10).Outcome);
        var verdict = Judge(Heard(stream, "[error] http://camera/clip.mp4: Input/output error"), seconds: 10);
        Assert.Equal((SourceOutcome.Incomplete, 1), (verdict.Outcome, verdict.Missing.Count));
    }

    [Fact]
    public void Missing_segments_have_their_times_of_the_playlist()
    {
        var playlist = HlsPlaylist.Parse(
            $"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7\n"
                + $"{string.Concat(Enumerable.Range(0, 6).Select(n => $"#EXTINF:2.0,\ns{n}.ts\n"))}#EXT-X-ENDLIST\n",
                new("http://camera/list.m3u8"));
        var facts = Film with { FormatName = "hls", Http = new() { IsFinite = true, Format = "hls", Playlist = playlist } };
        var verdict = Judge(
            Heard(facts, "[warning] Failed to open segment 9 of playlist 0", "[warning] Failed to open segment 10 of playlist 0",
                "[warning] Segment 10 of playlist 0 failed too many times, skipping"), seconds: 12);
        Assert.Equal(new MissingRange(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8)), Assert.Single(verdict.Missing));
        Assert.Equal("not read to its end: 4 s to 8 s of 12 s are missing (segments 9, 10 of the playlist could not be read)",
            verdict.Reason);
    }

    [Fact]
    public void An_encoder_s_restart_asks_to_be_opened_again_and_a_jump_forward_does_not()
    {
        Assert.Null(Heard(null, "[warning] Media sequence changed unexpectedly: 3 -> 90").Reopen);
        Assert.Contains("begins again at segment 0 after 111",
            Heard(null, "[warning] Media sequence changed unexpectedly: 111 -> 0").Reopen, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_last_line_hides_no_reason() =>
        Assert.Equal("No wav codec tag found for codec pcm_bluray",
            FfmpegErrors.Summary(Url,
                "[matroska @ 0x55d0] [error] No wav codec tag found for codec pcm_bluray\n[segment @ 0x55d0] [error] "));

    // Six segments; in front of the fourth stands what is given.
    private static SourceFacts Playlist(int target, string inside)
    {
        var segments = Enumerable.Range(0, 6).Select(n => $"{(n == 3 ? inside : "")}#EXTINF:{target}.0,\ns{n}.mp4\n");
        var playlist = HlsPlaylist.Parse($"#EXTM3U\n#EXT-X-TARGETDURATION:{target}\n#EXT-X-MEDIA-SEQUENCE:7\n"
            + $"#EXT-X-MAP:URI=\"a.mp4\"\n{string.Concat(segments)}#EXT-X-ENDLIST\n", new("http://camera/list.m3u8"));
        return Film with { FormatName = "hls", Http = new() { IsFinite = true, Format = "hls", Playlist = playlist } };
    }

    private static SourceEnd Heard(SourceFacts? facts, params string[] lines)
    {
        var end = new SourceEnd(Url, facts);
        foreach (var line in lines) end.Heard(FfmpegErrors.Clean(Url, line));
        return end;
    }

    private static SourceOutcome Outcome(bool isComplete) => isComplete ? SourceOutcome.Complete : SourceOutcome.Incomplete;

    private static SourceVerdict Judge(SourceEnd end, double seconds) => end.Judge(0, "", hasPictures: true, TimeSpan.FromSeconds(seconds));
}
