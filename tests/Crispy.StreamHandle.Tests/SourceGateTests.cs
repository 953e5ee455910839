using System.Net;
using Crispy.StreamHandle.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Crispy.StreamHandle.Tests;

/// <summary>Addresses that no source may have.</summary>
public sealed class SourceGateTests
{
    private const string Usual = "169.254.0.0/16, fe80::/10, fd00:ec2::254, 127.0.0.0/8, ::1";

    private static (SourceGate Gate, List<string> Mistakes) Read(params (string Key, string Value)[] pairs)
    {
        var settings = new SettingsReader(new ConfigurationBuilder()
            .AddInMemoryCollection(pairs.Select(pair => KeyValuePair.Create($"Crispy:Sources:{pair.Key}", (string?)pair.Value))).Build());
        return (SourceGate.Read(settings.Section("Crispy:Sources")), [.. settings.Mistakes]);
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("fe80::1%1")]
    [InlineData("febf::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.0.9")]
    [InlineData("::1")]
    public void An_address_is_forbidden_in_any_form(string address) =>
    Assert.True(Read(("Forbid", Usual)).Gate.Forbids(IPAddress.Parse(address)), address);

    [Theory]
    [InlineData("169.253.255.255")]
    [InlineData("10.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("fd00:ec2::253")]
    [InlineData("2001:db8::1")]
    public void Others_are_not(string address) => Assert.False(Read(("Forbid", Usual)).Gate.Forbids(IPAddress.Parse(address)), address);

    [Fact]
    public void A_list_and_a_text_with_commas_are_the_same_and_mistakes_name_the_key()
    {
        Assert.True(Read().Gate.IsOpen);
        Assert.True(Read(("Forbid", "")).Gate.IsOpen);
        Assert.True(Read(("Forbid:0", "10.0.0.0/8"), ("Forbid:1", "fe80::/10")).Gate.Forbids(IPAddress.Parse("fe80::9")));
        Assert.Equal(["Crispy:Sources:Forbid:0 is '10.0.0.0/99': must be a network such as 169.254.0.0/16 or fe80::/10, or one address"],
            Read(("Forbid:0", "10.0.0.0/99")).Mistakes);
        Assert.StartsWith("Crispy:Sources:Forbid is 'metadata'", Assert.Single(Read(("Forbid", "metadata")).Mistakes),
            StringComparison.Ordinal);
        Assert.StartsWith("Crispy:Sources:Allow is not a known key", Assert.Single(Read(("Allow", "x")).Mistakes),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest")]
    [InlineData("http://2852039166/")]
    [InlineData("http://0xA9FEA9FE/")]
    [InlineData("http://0251.0376.0251.0376/")]
    [InlineData("http://169.16689662/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://169.254.169.254./")]
    [InlineData("http://camera.example@169.254.169.254/")]
    [InlineData("http://a:b@c@169.254.169.254:80/")]
    [InlineData("rtsp://viewer:pass@169.254.1.1:554/cam")]
    [InlineData("http://camera.example\\@169.254.169.254/")]
    [InlineData("http://camera.example/x@169.254.169.254/")]
    [InlineData("http://localhost/")]
    [InlineData("https://[::1]:8080/")]
    [InlineData("http://user@[fe80::1%25eth0]/")]
    public async Task A_sources_own_address_is_refused_by_the_host_that_ffmpeg_would_find(string url) =>
        await Assert.ThrowsAsync<SourceException>(() =>
            Read(("Forbid", Usual)).Gate.RequireAsync(url, "it", TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("http://10.1.2.3/")]
    [InlineData("http://169.254.169.254@10.1.2.3/")]
    [InlineData("http://10.1.2.3/?u=http://169.254.169.254/")]
    [InlineData("rtsp://[2001:db8::1]:554/cam")]
    public async Task Another_is_not(string url) =>
    await Read(("Forbid", Usual)).Gate.RequireAsync(url, "it", TestContext.Current.CancellationToken);

    [Theory]
    [InlineData("#EXTM3U\n#EXTINF:4,\nhttp://169.254.169.254/x.ts\n")]
    [InlineData("#EXTM3U\n#EXTINF:4,\n//169.254.169.254/x.ts\n")]
    [InlineData("#EXTM3U\n#EXTINF:4,\nhttp:169.254.169.254/x.ts\n")]
    [InlineData("#EXTM3U\n#EXTINF:4,\nhttp:/169.254.169.254/x.ts\n")]
    [InlineData("#EXTM3U\n#EXTINF:4,\nHTTPS://u:p@LOCALHOST:1/x.ts\n")]
    [InlineData("#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"http://2852039166/key\"\n#EXTINF:4,\nx.ts\n")]
    [InlineData("#EXTM3U\n#EXT-X-MAP:URI=http://[::1]/x\n#EXTINF:4,\nx.ts\n")]
    [InlineData("#EXTM3U\n#EXTINF:4,\ncrypto+http://169.254.169.254/x.ts\n")]
    [InlineData("<MPD><BaseURL>http://169.254.169.254/</BaseURL></MPD>")]
    [InlineData("<MPD><BaseURL>http:&#x2f;/169.254.169.254/</BaseURL></MPD>")]
    [InlineData("<MPD><BaseURL>&#104;ttp://169.254.169.254/</BaseURL></MPD>")]
    [InlineData("<MPD><SegmentTemplate media=\"//169.254.169.254/$Number$\"/></MPD>")]
    [InlineData("ffconcat version 1.0\nfile 'http://169.254.169.254/x'\n")]
    public async Task A_playlist_that_names_one_is_refused(string text)
    {
        var source = SourceUrl.Parse("http://camera.example/list.m3u8");
        await Assert.ThrowsAsync<SourceException>(() =>
            PlaylistGate.RequireAsync(Read(("Forbid", Usual)).Gate, source, text, TestContext.Current.CancellationToken));
        await PlaylistGate.RequireAsync(SourceGate.Open, source, text, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_playlist_of_its_own_server_passes() =>
        await PlaylistGate.RequireAsync(Read(("Forbid", Usual)).Gate, SourceUrl.Parse("http://10.1.2.3/list.m3u8"),
            "#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:2026-11-22T17:08:44Z\n#EXTINF:4,a//b\n/x.ts\n"
                + "#EXTINF:4,\nhttp://10.1.2.3//169.254.169.254/x.ts\n", TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_video_of_any_length_passes_by_an_allowed_server()
    {
        using var folder = new TempFolder();
        await using var allowed = await FileServer.StartAsync(folder.Path);
        await File.WriteAllBytesAsync(folder["long.mp4"], [0, 0, 0, 24, .. "ftypisom"u8, .. new byte[5 << 20]],
            TestContext.Current.CancellationToken);
        var stream = new StreamOptions { Id = "gate", Url = SourceUrl.Parse($"{allowed.Address}/long.mp4") };
        var answer = await HttpLook.AskAsync(stream, Read(("Forbid", "127.0.0.2/32")).Gate, TestContext.Current.CancellationToken);
        Assert.Equal((true, 12 + (5L << 20)), (answer.IsFinite, answer.Length));
        Assert.StartsWith("mov", answer.Container, StringComparison.Ordinal);
    }

    /// <summary>Two servers of this machine: 127.0.0.1 is allowed, 127.0.0.2 is not.</summary>
    [Theory]
    [InlineData("direct")]
    [InlineData("redirect")]
    [InlineData("segment")]
    [InlineData("variant's segment")]
    [InlineData("rendition's key")]
    [InlineData("under another name")]
    public async Task What_leads_to_a_forbidden_server_never_reaches_it(string how)
    {
        using var folder = new TempFolder();
        await using var allowed = await FileServer.StartAsync(folder.Path);
        using var forbidden = new System.Net.Sockets.TcpListener(IPAddress.Parse("127.0.0.2"), 0);
        forbidden.Start();
        var target = $"http://{forbidden.LocalEndpoint}/x.ts";
        allowed.Generated = name => (how, name) switch
        {
            ("segment", "list.m3u8") or ("variant's segment", "low.m3u8") =>
                $"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{target}\n#EXT-X-ENDLIST\n",
            ("variant's segment", "list.m3u8") =>
                "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9\nhigh.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n",
            ("variant's segment", "high.m3u8") or ("rendition's key", "high.m3u8") =>
                "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nx.ts\n#EXT-X-ENDLIST\n",
            ("rendition's key", "list.m3u8") =>
                "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x\",URI=\"sound.m3u8\"\n#EXT-X-STREAM-INF:BANDWIDTH=9,AUDIO=\"a\"\n"
                    + "high.m3u8\n",
            ("rendition's key", "sound.m3u8") => $"#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"{target}\"\n#EXTINF:4,\nx.ts\n#EXT-X-ENDLIST\n",
            _ => null,
        };
        await File.WriteAllTextAsync(folder["video.mp4"], $"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{target}\n#EXT-X-ENDLIST\n",
            TestContext.Current.CancellationToken);
        var url = how switch
        {
            "direct" => target,
            "redirect" => $"{allowed.Address}/away?to={Uri.EscapeDataString(target)}",
            "under another name" => $"{allowed.Address}/video.mp4",
            _ => $"{allowed.Address}/list.m3u8",
        };
        var stream = new StreamOptions { Id = "gate", Url = SourceUrl.Parse(url) };
        var refused = await Assert.ThrowsAsync<SourceException>(() =>
            HttpLook.AskAsync(stream, Read(("Forbid", "127.0.0.2/32")).Gate, TestContext.Current.CancellationToken));
        Assert.Contains("127.0.0.2", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Crispy:Sources:Forbid", refused.Message, StringComparison.Ordinal);
        Assert.False(forbidden.Pending(), "it was connected to");
    }
}

/// <summary>The same by the whole of stream-handle.</summary>
public sealed class SourceGateRunTests(Servers servers)
{
    [Fact]
    public async Task A_forbidden_camera_and_server_are_not_connected_to()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Parse("127.0.0.2"), 0);
        listener.Start();
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "camera", ["Url"] = $"rtsp://{listener.LocalEndpoint}/cam" },
            new Dictionary<string, string> { ["Id"] = "page", ["Url"] = $"http://{listener.LocalEndpoint}/clip.mp4" })
                .With("Crispy__Sources__Forbid__0", "127.0.0.2").StartAsync();
        foreach (var id in (string[])["camera", "page"])
            await Until.TrueAsync(async () =>
                (await handle.StreamAsync(id)).Error?.Contains("Crispy:Sources:Forbid", StringComparison.Ordinal) == true,
                what: $"{id} is refused");
        foreach (var scheme in (string[])["rtsp", "http"])
            Assert.Contains("Crispy:Sources:Forbid",
                await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/probe",
                    $$"""{"url":"{{scheme}}://{{listener.LocalEndpoint}}/x"}"""), StringComparison.Ordinal);
        Assert.False(listener.Pending(), "it was connected to");
    }
}
