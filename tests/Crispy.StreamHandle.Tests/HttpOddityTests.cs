using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

/// <summary>Sources over HTTP whose server breaks off, knows no ranges, lacks a part, or hides the length.</summary>
public sealed class HttpOddityTests(Servers servers) : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<IAsyncDisposable> _running = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var each in Enumerable.Reverse(_running)) await each.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("ts", null)]
    [InlineData("mkv", null)]
    [InlineData("mp4", null)]
    [InlineData("mp4", "viewer:hunter2")]
    public async Task A_download_that_breaks_goes_on_where_it_was(string container, string? credentials)
    {
        await FilmAsync($"clip.{container}", "-movflags", "+faststart");
        var server = await ServeAsync(new() { Drops = true, Credentials = credentials });
        var (report, chunks) = await RecordAsync(
            server.Address.Replace("://", credentials is null ? "://" : $"://{credentials}@", StringComparison.Ordinal)
                + $"/clip.{container}");
        Assert.Equal((StreamState.Ended, null, 250L), (report.State, report.Error, report.Captured.Frames));
        await AssertSamePacketsAsync(_folder[$"clip.{container}"], chunks);
    }

    [Fact]
    public async Task A_download_that_cannot_go_on_says_what_is_missing_and_fails()
    {
        await FilmAsync("clip.mp4", "-movflags", "+faststart");
        var server = await ServeAsync(new() { Drops = true, Ranges = false });
        var (report, chunks) = await RecordAsync($"{server.Address}/clip.mp4");
        Assert.Equal(StreamState.Failed, report.State);
        Assert.Matches(@"not read to its end: \d+(\.\d+)? s to 10 s of 10 s are missing \(.*(prematurely|Input/output error)",
            report.Error);
        Assert.InRange(report.Captured.Frames, 50, 200);
        ReadyChunk.AssertWhole(chunks);
    }

    [Fact]
    public async Task A_file_without_a_duration_is_read_once()
    {
        await Command.RunAsync("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=4", "-c:v", "libvpx",
            "-deadline", "realtime", "-cpu-used", "8", "-g", "25",
            "-f", "webm", "-live", "1", _folder["clip.webm"]);
        var server = await ServeAsync(new());
        var (report, _) = await RecordAsync($"{server.Address}/clip.webm");
        Assert.Equal((StreamState.Ended, StreamKind.Finite, 100L), (report.State, report.Kind, report.Captured.Frames));
    }

    [Fact]
    public async Task An_index_at_the_end_behind_a_server_without_ranges_is_refused_by_name()
    {
        await FilmAsync("clip.mp4");
        var server = await ServeAsync(new() { Ranges = false });
        var (report, chunks) = await RecordAsync($"{server.Address}/clip.mp4");
        Assert.Equal((StreamState.Failed, 0), (report.State, chunks.Count));
        Assert.Contains("the server gives no part of a file (no Range)", report.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list.m3u8", false)]
    [InlineData("moved/list.m3u8", false)]
    [InlineData("list.m3u8", true)]
    public async Task A_playlist_is_read_whole_redirected_or_compressed(string address, bool compressed)
    {
        await PlaylistAsync();
        var server = await ServeAsync(new() { Compresses = compressed });
        var (report, _) = await RecordAsync($"{server.Address}/{address}");
        Assert.Equal((StreamState.Ended, null, 250L), (report.State, report.Error, report.Captured.Frames));
    }

    [Fact]
    public async Task A_segment_that_is_not_there_is_named_with_its_time()
    {
        await PlaylistAsync();
        File.Delete(_folder["s2.ts"]);
        var server = await ServeAsync(new());
        var (report, chunks) = await RecordAsync($"{server.Address}/list.m3u8");
        Assert.Equal((StreamState.Failed, 200L), (report.State, report.Captured.Frames));
        Assert.Contains("4 s to 6 s", report.Error, StringComparison.Ordinal);
        Assert.Contains("segment 2 of the playlist could not be read", report.Error, StringComparison.Ordinal);
        Assert.NotEmpty(chunks);
    }

    [Fact]
    public async Task A_second_header_in_a_playlist_is_named()
    {
        foreach (var (name, size) in ((string, string)[])[("a", "160x120"), ("b", "320x240")])
            await Command.RunAsync("ffmpeg", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=size={size}:rate=25:duration=4", "-pix_fmt",
                "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50",
                "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4",
                "-hls_fmp4_init_filename", $"{name}.mp4",
                "-hls_segment_filename", _folder[$"{name}%d.m4s"], _folder[$"{name}.m3u8"]);
        await File.WriteAllTextAsync(_folder["list.m3u8"], """
            #EXTM3U
            #EXT-X-VERSION:7
            #EXT-X-TARGETDURATION:2
            #EXT-X-MAP:URI="a.mp4"
            #EXTINF:2.0,
            a0.m4s
            #EXTINF:2.0,
            a1.m4s
            #EXT-X-DISCONTINUITY
            #EXT-X-MAP:URI="b.mp4"
            #EXTINF:2.0,
            b0.m4s
            #EXTINF:2.0,
            b1.m4s
            #EXT-X-ENDLIST

            """);
        var server = await ServeAsync(new());
        var (report, _) = await RecordAsync($"{server.Address}/list.m3u8");
        Assert.Equal(StreamState.Failed, report.State);
        Assert.Contains("several headers (EXT-X-MAP)", report.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, 320, 880)]
    [InlineData("160x120", "fr", 160, 440)]
    [InlineData("600000", "0", 160, 440)]
    [InlineData(null, "en", 320, 880)]
    public async Task The_best_variant_and_the_default_sound_are_recorded_unless_others_are_asked_for(string? variant,
        string? track, int width, int pitch)
    {
        await VariantsAsync();
        var server = await ServeAsync(new());
        var settings = new Dictionary<string, string>();
        if (variant is not null) settings["Variant"] = variant;
        if (track is not null) settings["AudioTrack"] = track;
        var (report, chunks) = await RecordAsync($"{server.Address}/master.m3u8", settings);
        Assert.Equal((StreamState.Ended, null, 100L), (report.State, report.Error, report.Captured.Frames));
        var stream = Assert.Single(await Ffprobe.StreamsAsync(chunks[0].Path), stream => stream.Type == "video");
        Assert.Equal(width, stream.Width);
        Assert.Equal(pitch, await PitchAsync(chunks[0].Path), 100d);
    }

    [Fact]
    public async Task The_default_sound_is_found_behind_credentials_too()
    {
        await VariantsAsync();
        var server = await ServeAsync(new() { Credentials = "viewer:hunter2" });
        var (report, chunks) =
            await RecordAsync($"{server.Address.Replace("://", "://viewer:hunter2@", StringComparison.Ordinal)}/master.m3u8");
        Assert.Equal((StreamState.Ended, null, 100L), (report.State, report.Error, report.Captured.Frames));
        Assert.Equal(320, Assert.Single(await Ffprobe.StreamsAsync(chunks[0].Path), stream => stream.Type == "video").Width);
        Assert.Equal(880, await PitchAsync(chunks[0].Path), 100d);
    }

    [Fact]
    public async Task A_variant_that_is_not_there_is_refused_with_those_that_are()
    {
        await VariantsAsync();
        var server = await ServeAsync(new());
        var (report, _) = await RecordAsync($"{server.Address}/master.m3u8", new() { ["Variant"] = "1920x1080" });
        Assert.Equal(StreamState.Failed, report.State);
        Assert.Contains("160x120 (150000 bit/s), 320x240 (1500000 bit/s)", report.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_live_playlist_that_begins_again_goes_on_from_its_first_segment()
    {
        foreach (var run in (string[])["a", "b"]) await SegmentsAsync(run, run == "a" ? "red" : "blue");
        var server = await ServeAsync(new());
        // The encoder restarts when its segment a8 has been fetched. b0 is there at once, and one more segment at every second request of
        // the playlist.
        var (fetched, shown) = (0, 0);
        server.Generated = name =>
        {
            if (name == "a8.ts") Volatile.Write(ref fetched, 1);
            if (name != "live.m3u8") return null;
            if (Volatile.Read(ref fetched) == 0) return Live("a", 100, Enumerable.Range(4, 5));
            var last = Math.Min(Interlocked.Increment(ref shown) / 2, 9);
            return Live("b", 0, Enumerable.Range(0, last + 1));
        };
        var handle = await StartAsync($"{server.Address}/live.m3u8", new() { ["Window"] = "1" });
        await handle.UntilAsync("gate", stream => stream.Captured.Frames >= 3 * 25 + 6 * 25, "the second run is recorded");
        var log = handle.Log;
        await handle.StopAsync();
        Assert.Contains("the playlist begins again at segment 0", log, StringComparison.Ordinal);
        Assert.DoesNotContain("no picture for", log, StringComparison.Ordinal);
        Assert.Empty(handle.Losses("gate"));
        var pictures = new HashSet<string>();
        foreach (var chunk in handle.Ready("gate")) pictures.UnionWith(await PicturesAsync(chunk.Path));
        // All of the first run that was fetched, but for the last pictures that ffmpeg's demuxer, parser and filter hold until more comes.
        // The second run from its beginning.
        foreach (var segment in (string[])["a8", "b0", "b1", "b2"])
            Assert.True((await PicturesAsync(_folder[$"{segment}.ts"]))
                .Count(picture => !pictures.Contains(picture)) <= (segment == "a8" ? 3 : 0), $"{segment} is not recorded whole\n{log}");
    }

    // MD5 of each picture; those of the two runs differ by their colour.
    private static async Task<List<string>> PicturesAsync(string path) =>
        [.. (await Command.RunAsync("ffmpeg", "-v", "error", "-i", path, "-map", "0:v", "-f", "framemd5", "-")).Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(',')[^1].Trim())];

    private static string Live(string run, int first, IEnumerable<int> numbers) =>
        $"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:{first + numbers.First()}\n"
            + $"{string.Concat(numbers.Select(number => $"#EXTINF:1.0,\n{run}{number}.ts\n"))}";

    private Task<string> SegmentsAsync(string run, string colour) =>
        Command.RunAsync("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=10",
        "-vf", $"drawbox=x=0:y=0:w=40:h=40:t=fill:color={colour}", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g",
        "25", "-keyint_min", "25", "-sc_threshold", "0",
        "-f", "hls", "-hls_time", "1", "-hls_playlist_type", "vod", "-hls_segment_filename",
        _folder[$"{run}%d.ts"], _folder[$"{run}.m3u8"]);

    private Task<string> FilmAsync(string name, params string[] options) =>
        Command.RunAsync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=10",
        "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", .. options, _folder[name]]);

    private Task<string> PlaylistAsync() =>
        Command.RunAsync("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=10",
        "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0",
        "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod", "-hls_segment_filename", _folder["s%d.ts"], _folder["list.m3u8"]);

    private async Task VariantsAsync()
    {
        foreach (var (name, size) in ((string, string)[])[("low", "160x120"), ("high", "320x240")])
            await Command.RunAsync("ffmpeg", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=size={size}:rate=25:duration=4", "-pix_fmt",
                "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50",
                "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod", "-hls_segment_filename", _folder[$"{name}%d.ts"],
                _folder[$"{name}.m3u8"]);
        foreach (var (name, pitch) in ((string, int)[])[("other", 440), ("main", 880)])
            await Command.RunAsync("ffmpeg", "-v", "error", "-f", "lavfi", "-i", $"sine={pitch}:duration=4", "-c:a", "aac",
                "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod", "-hls_segment_filename", _folder[$"{name}%d.ts"],
                _folder[$"{name}.m3u8"]);
        await File.WriteAllTextAsync(_folder["master.m3u8"], """
            #EXTM3U
            #EXT-X-VERSION:4
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Other",LANGUAGE="fr",DEFAULT=NO,AUTOSELECT=YES,URI="other.m3u8"
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Main",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,URI="main.m3u8"
            #EXT-X-STREAM-INF:BANDWIDTH=150000,RESOLUTION=160x120,CODECS="avc1.64000c,mp4a.40.2",AUDIO="a"
            low.m3u8
            #EXT-X-STREAM-INF:BANDWIDTH=1500000,RESOLUTION=320x240,CODECS="avc1.64001e,mp4a.40.2",AUDIO="a"
            high.m3u8

            """);
    }

    // Of a sine: half of how often it crosses zero in a second.
    private static async Task<double> PitchAsync(string path)
    {
        var text = await Command.RunAsync("ffprobe", "-v", "error", "-f", "lavfi", "-i", $"amovie={path},astats=metadata=1:reset=0",
            "-show_entries", "frame_tags=lavfi.astats.1.Zero_crossings_rate", "-of", "csv=p=0");
        var rate = double.Parse(text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1],
            System.Globalization.CultureInfo.InvariantCulture);
        return rate * 44_100 / 2;
    }

    private static async Task AssertSamePacketsAsync(string source, List<ReadyChunk> chunks)
    {
        ReadyChunk.AssertWhole(chunks);
        var packets = 0;
        foreach (var chunk in chunks) packets += await Clips.PacketsAsync(chunk.Path, "v:0");
        Assert.Equal(await Clips.PacketsAsync(source, "v:0"), packets);
        Assert.Equal(10, chunks.Sum(chunk => chunk.Manifest.Duration.TotalSeconds), 0.05);
    }

    private async Task<FileServer> ServeAsync(ServerHabits habits)
    {
        var server = await FileServer.StartAsync(_folder.Path, habits);
        _running.Add(server);
        return server;
    }

    private async Task<RunningStreamHandle> StartAsync(string url, Dictionary<string, string>? settings = null)
    {
        var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string>(settings ?? []) { ["Id"] = "gate", ["Url"] = url }).StartAsync();
        _running.Add(handle);
        return handle;
    }

    private async Task<(StreamReport Report, List<ReadyChunk> Chunks)> RecordAsync(string url, Dictionary<string, string>? settings = null)
    {
        var handle = await StartAsync(url, settings);
        await handle.UntilAsync("gate", stream => stream.State is StreamState.Ended or StreamState.Failed, "the source is read");
        return (await handle.StreamAsync("gate"), handle.Ready("gate"));
    }
}
