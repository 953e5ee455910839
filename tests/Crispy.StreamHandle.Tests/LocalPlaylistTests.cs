using System.Net;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Tests;

/// <summary>"Videos" that are playlists, by any name: what ffmpeg would read for them.</summary>
public sealed class LocalPlaylistTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TempFolder _elsewhere = new();

    public LocalPlaylistTests()
    {
        File.WriteAllText(_elsewhere["secret.ts"], "secret");
        File.WriteAllText(_folder["own.ts"], "own");
        Directory.CreateDirectory(_folder["deep"]);
        File.WriteAllText(_folder["deep/own.ts"], "own");
        File.CreateSymbolicLink(_folder["link.ts"], _elsewhere["secret.ts"]);
        File.CreateSymbolicLink(_folder["inner.ts"], _folder["own.ts"]);
        Directory.CreateSymbolicLink(_folder["away"], Path.GetDirectoryName(_elsewhere["secret.ts"])!);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _elsewhere.Dispose();
    }

    /// <summary>Names that lead out of the folder, or to no file: SECRET is the path of a file elsewhere.</summary>
    public static TheoryData<string> Away { get; } =
    [
        "SECRET", "file:SECRET", "file://SECRET", "file://localhost/SECRET", "FILE:SECRET", "../x.ts", "deep/../../x.ts", "./../x.ts",
        "deep/./../../x.ts", "/etc/passwd", "//etc/passwd", "link.ts", "away/secret.ts",
        "away/../x.ts", "own.ts?/../../x", "own.ts#/../../x", "http://127.0.0.1/x.ts", "https://[::1]/x.ts", "HTTP://x/y", "http:x",
        "rtsp://x/y", "tcp://127.0.0.1:1", "udp://x:1", "unix:/run/x",
        "concat:own.ts|/etc/passwd", "concatf:own.ts", "subfile,,start,0,end,0,,:SECRET", "crypto:SECRET", "crypto+file:SECRET",
        "cache:SECRET", "async:SECRET", "data:text/plain,x", "data:application/x-mpegurl;base64,I0VYVE0zVQ==",
        "pipe:0", "fd:0", "gopher://x", "ftp://x/y", "tee:own.ts", "file:file:SECRET", "own\\.ts", "//host/share/x.ts",
    ];

    [Theory]
    [MemberData(nameof(Away))]
    public void A_playlist_that_names_what_is_elsewhere_is_refused_in_every_place_and_under_every_name(string name)
    {
        name = name.Replace("SECRET", _elsewhere["secret.ts"], StringComparison.Ordinal);
        string[] contents =
        [
            $"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:4,\n{name}\n#EXT-X-ENDLIST\n",
            $"#EXTM3U\r\n#EXTINF:4,\r\nown.ts\r\n#EXTINF:4,\r\n  {name}\r\n",
            $"#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"{name}\",IV=0x0\n#EXTINF:4,\nown.ts\n",
            $"#EXTM3U\n#EXT-X-MAP:URI=\"{name}\"\n#EXTINF:4,\nown.ts\n",
            $"#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x\",URI=\"{name}\"\n"
                + "#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"a\"\nown.ts\n",
            $"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{name}\n",
            $"#EXTM3U\rown.ts\r{name}\r",
            $"\uFEFF#EXTM3U\n{name}\n",
            $"ffconcat version 1.0\nfile '{name}'\n",
            $"ffconcat version 1.0\nfile own.ts\n  file {name.Replace("\\", "\\\\", StringComparison.Ordinal)}\n",
            "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\">"
                + $"<BaseURL>{name.Replace("&", "&amp;", StringComparison.Ordinal)}</BaseURL></MPD>",
            $"<MPD><Period><AdaptationSet><SegmentTemplate media=\"{name}\" initialization=\"own.ts\"/></AdaptationSet></Period></MPD>",
            $"<MPD><Period><SegmentList><SegmentURL media=\"{name}\"/></SegmentList></Period></MPD>",
        ];
        foreach (var (content, at) in contents.Select((content, at) => (content, at)))
        {
            foreach (var file in (string[])["x.mp4", "x.ts", "x.m3u8"])
            {
                File.WriteAllText(_folder[file], content);
                var refused = Assert.Throws<SourceException>(() => { SourceFile.Require(_folder[file]); Assert.Fail($"{at}: {content}"); });
                Assert.Contains(_folder[file], refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("own.ts")]
    [InlineData("file:own.ts")]
    [InlineData("deep/own.ts")]
    [InlineData("./own.ts")]
    [InlineData("deep/../own.ts")]
    [InlineData("inner.ts")]
    [InlineData("not-there-yet.ts")]
    [InlineData("OWN")]
    [InlineData("file:OWN")]
    public void A_playlist_may_name_what_lies_in_its_folder(string name)
    {
        name = name.Replace("OWN", _folder["own.ts"], StringComparison.Ordinal);
        foreach (var content in (string[])[$"#EXTM3U\n#EXTINF:4,\n{name}\n", $"#EXTM3U\n#EXT-X-MAP:URI=\"{name}\"\n#EXTINF:4,\nown.ts\n",
            $"ffconcat version 1.0\nfile '{name}'\nduration 3\n"])
        {
            File.WriteAllText(_folder["x.m3u8"], content);
            SourceFile.Require(_folder["x.m3u8"]);
        }
    }

    [Fact]
    public void A_playlist_that_a_playlist_names_is_looked_at_too()
    {
        File.WriteAllText(_folder["list.m3u8"], "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\ndeep/low.ts\n");
        File.WriteAllText(_folder["deep/low.ts"], "#EXTM3U\n#EXTINF:1,\n../own.ts\n");
        SourceFile.Require(_folder["list.m3u8"]);
        File.WriteAllText(_folder["deep/low.ts"], "#EXTM3U\n#EXTINF:1,\n../../x.ts\n");
        Assert.Throws<SourceException>(() => SourceFile.Require(_folder["list.m3u8"]));
        File.WriteAllText(_folder["deep/low.ts"], "ffconcat version 1.0\nfile own.ts\n");
        Assert.Throws<SourceException>(() => SourceFile.Require(_folder["list.m3u8"]));
    }

    [Fact]
    public void A_playlist_that_names_itself_ends()
    {
        File.WriteAllText(_folder["list.m3u8"], "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlist.m3u8\n");
        SourceFile.Require(_folder["list.m3u8"]);
    }

    [Fact]
    public void A_manifest_has_a_folder_without_links_that_lead_away()
    {
        File.WriteAllText(_folder["deep/list.mpd"],
            "<MPD><Period><AdaptationSet><SegmentTemplate media=\"$RepresentationID$-$Number$.m4s\"/></AdaptationSet></Period></MPD>");
        SourceFile.Require(_folder["deep/list.mpd"]);
        File.CreateSymbolicLink(_folder["deep/1-1.m4s"], _elsewhere["secret.ts"]);
        Assert.Throws<SourceException>(() => SourceFile.Require(_folder["deep/list.mpd"]));
    }

    [Theory]
    [InlineData("v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5000 RTP/AVP 96\n")]
    [InlineData("<?xml version=\"1.0\"?><CompositionPlaylist/>")]
    [InlineData("# VobSub index file, v7\n")]
    [InlineData("<!DOCTYPE MPD [<!ENTITY x SYSTEM \"/etc/passwd\">]><MPD><BaseURL>&x;</BaseURL></MPD>")]
    [InlineData("<MPD><BaseURL>own.ts")]
    public void A_description_of_other_things_is_refused(string content)
    {
        File.WriteAllText(_folder["x.mp4"], content);
        Assert.Throws<SourceException>(() => SourceFile.Require(_folder["x.mp4"]));
    }

    [Fact]
    public async Task Ffmpeg_itself_opens_no_playlist_that_was_not_seen_as_one()
    {
        await Clips.MakeAsync(_folder["own.mp4"], seconds: 2, fps: 10, gop: 10);
        await File.WriteAllTextAsync(_folder["list.m3u8"], "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:2,\nown.mp4\n#EXT-X-ENDLIST\n");
        // As if it had been a video when it was looked at.
        var options = FileFormats.Options(_folder["own.mp4"]).SelectMany(option => option.Split(' ', 2));
        var plain = await Command.RunAsync("ffprobe",
            [.. options, "-v", "error", "-show_entries", "format=format_name", "-of", "csv=p=0", $"file:{_folder["own.mp4"]}"]);
        Assert.Contains("mp4", plain, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() =>
            Command.RunAsync("ffprobe", [.. options, "-v", "error", $"file:{_folder["list.m3u8"]}"]));
    }
}

/// <summary>The same by the whole of stream-handle.</summary>
public sealed class LocalPlaylistRunTests(Servers servers)
{
    [Fact]
    public async Task A_playlist_of_its_own_folder_is_recorded_and_one_that_leads_away_fails()
    {
        using var folder = new TempFolder();
        using var elsewhere = new TempFolder();
        var secret = await Clips.MakeAsync(elsewhere["secret.ts"], seconds: 4, fps: 10, gop: 10);
        File.Copy(secret, folder["own.ts"]);
        await File.WriteAllTextAsync(folder["own.m3u8"], "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:4,\nown.ts\n#EXT-X-ENDLIST\n");
        await File.WriteAllTextAsync(folder["evil.mp4"], $"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:4,\n{secret}\n#EXT-X-ENDLIST\n");
        await File.WriteAllTextAsync(folder["concat.mp4"], "ffconcat version 1.0\nfile own.ts\n");
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "own", ["Url"] = folder["own.m3u8"] },
            new Dictionary<string, string> { ["Id"] = "concat", ["Url"] = folder["concat.mp4"] },
            new Dictionary<string, string> { ["Id"] = "evil", ["Url"] = folder["evil.mp4"] }).StartAsync();
        await Until.TrueAsync(async () =>
            (await handle.StatusAsync()).Streams.All(stream => stream.State is StreamState.Failed or StreamState.Ended),
            what: "all are over");
        var streams = (await handle.StatusAsync()).Streams.ToDictionary(stream => stream.Id);
        foreach (var id in (string[])["own", "concat"])
            Assert.Equal((id, StreamState.Ended, 40L), (id, streams[id].State, streams[id].Captured.Frames));
        var evil = streams["evil"];
        Assert.Equal((StreamState.Failed, 0L), (evil.State, evil.Captured.Frames));
        Assert.Contains("its own folder alone", evil.Error, StringComparison.Ordinal);
        var report =
            await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/probe", $$"""{"url":"{{folder["evil.mp4"]}}"}""");
        Assert.Contains("its own folder alone", report, StringComparison.Ordinal);
    }
}
