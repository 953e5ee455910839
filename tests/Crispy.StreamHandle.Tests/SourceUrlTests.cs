using Crispy.StreamHandle.Redacting;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Tests;

public sealed class SourceUrlTests
{
    [Theory]
    [InlineData("rtsp://camera/1", "rtsp://camera/1")]
    [InlineData("rtsp://camera:554/Streaming/Channels/101", "rtsp://camera:554/Streaming/Channels/101")]
    [InlineData("rtsp://[fd00::7]:554/h264/ch1/main/", "rtsp://[fd00::7]:554/h264/ch1/main/")]
    [InlineData("rtsp://camera/axis-media/media.amp", "rtsp://camera/axis-media/media.amp")]
    [InlineData("https://camera/live/index.m3u8", "https://camera/live/index.m3u8")]
    [InlineData("rtsp://user:pass@camera/1", "rtsp://***@camera/1")]
    [InlineData("rtsp://user:p@ss@camera:554/1?x=1", "rtsp://***@camera:554/1?***")]
    [InlineData("https://camera/1.m3u8?token=abc&x=1", "https://camera/1.m3u8?***")]
    [InlineData("rtsp://CAMERA/user=admin_password=S3CRET_channel=1_stream=0.sdp", "rtsp://CAMERA/***")]
    [InlineData("http://CAMERA/video?loginuse=admin&loginpas=S3CRET", "http://CAMERA/video?***")]
    [InlineData("http://CAMERA/video?jwt=S3CRET", "http://CAMERA/video?***")]
    [InlineData("http://CAMERA/video?p%61ssword=S3CRET", "http://CAMERA/video?***")]
    [InlineData("http://CAMERA/video#token=S3CRET", "http://CAMERA/video#***")]
    [InlineData("http://admin:#S3CRET@CAMERA/video", "http://***")]
    [InlineData("http://ad/min:S3CRET@CAMERA/video", "http://***")]
    [InlineData("rtsp://CAMERA/live/4711", "rtsp://CAMERA/***")]
    [InlineData("rtsp://CAMERA/live/;S3CRET", "rtsp://CAMERA/***")]
    [InlineData("rtsp://CAMERA/%6Cive", "rtsp://CAMERA/***")]
    [InlineData("rtsp://S3CRET@CAMERA", "rtsp://***@CAMERA")]
    public void What_is_not_known_to_be_harmless_is_hidden(string text, string redacted)
    {
        var url = SourceUrl.Parse(text);
        Assert.Equal(redacted, url.ToString());
        Assert.Equal(text, url.Secret);
        // What is shown can be sent back.
        Assert.Equal(redacted, SourceUrl.Parse(redacted).Redacted);
    }

    [Theory]
    [InlineData("rtsp://user:s3cret%20x@camera/1", "401 for rtsp://user:s3cret%20x@camera/1 now")]
    [InlineData("rtsp://user:s3cret%20x@camera/1", "trying s3cret x there")]
    [InlineData("rtsp://user:s3cret%20x@camera/1", "Authorization user:s3cret%20x")]
    [InlineData("rtsp://camera/1", "moved to http://other:8080/s3cret/x?y, ended")]
    [InlineData("rtsp://camera/1", "moved to 'https://other/?q=s3cret'")]
    [InlineData("rtsp://camera/1", "asked for rtsp%3A%2F%2Fuser%3As3cret%40camera")]
    [InlineData("http://camera/a%73/s3cret%2Dkey", "GET /as/s3cret-key failed")]
    [InlineData("http://camera/video?jwt=s3cret%3D", "GET /video?jwt=s3cret= failed: s3cret=")]
    [InlineData("http://camera/video#s3cret", "fragment S3CRET")]
    public void Secrets_are_hidden_in_the_texts_of_others(string url, string text) =>
        Assert.DoesNotContain("s3cret", SourceUrl.Parse(url).Redact(text), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Words_of_ffmpeg_stay_where_an_address_holds_them_too()
    {
        const string line = "[error] Connection to tcp://camera:80 failed: Connection refused";
        Assert.Equal(line, SourceUrl.Parse("http://camera/connection/refused/error/failed").Redact(line));
    }

    /// <summary>Random addresses with a marker in each place where a secret may stand, and texts that repeat them in some way.</summary>
    [Fact]
    public void A_marker_anywhere_in_an_address_but_its_host_is_shown_nowhere()
    {
        const string marker = "mArKeR7";
        var random = new Random(20261127);
        for (var i = 0; i < 5_000; i++)
        {
            var text = Address(random, marker);
            SourceUrl url;
            try
            {
                url = SourceUrl.Parse(text);
            }
            catch (FormatException refused)
            {
                Hidden(text, refused.Message);
                Hidden(text, Redaction.ApplyToGiven(text));
                continue;
            }
            var plain = Uri.UnescapeDataString(text);
            string[] told = [url.Redacted, url.ToString(), Redaction.Apply($"at {text}"), Redaction.ApplyToGiven(text),
                url.Redact($"[error] '{text}': 404"), url.Redact(plain),
                url.Redact(Uri.EscapeDataString(text)),
                url.Redact($"GET {text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..]} failed"),
                url.Redact($"tried {plain[(plain.IndexOf("://", StringComparison.Ordinal) + 3)..]}: refused")];
            foreach (var line in told) Hidden(text, line);
            Assert.Equal(url.Redacted, SourceUrl.Parse(url.Redacted).Redacted);
        }

        static void Hidden(string address, string line) =>
            Assert.False(line.Contains(marker, StringComparison.OrdinalIgnoreCase), $"{address} -> {line}");
    }

    private static string Address(Random random, string marker)
    {
        string[] noise =
            ["", "a", "live", "stream", "%20", "'", "+", "=", "&", ";", ":", "_", "1", "\"", "~", "%2F", "%40", "é", "user", "password"];
        var place = random.Next(6);
        return Pick("rtsp", "rtsps", "http", "HTTPS", "http") + "://"
            + (place == 0 ? $"{Secret()}@" : place == 1 ? $"{Noise()}:{Secret()}@" : random.Next(3) == 0 ? "viewer:x@" : "")
            + Pick("camera", "10.0.0.7", "[::1]", "cam.example.org") + Pick("", ":8554")
            + Pick("", "/live", "/" + Noise()) + (place == 2 ? $"/{Secret()}/{Noise()}" : "")
            + (place == 3 ? $"?{Noise()}={Secret()}" : place == 4 ? $"?{Secret()}={Noise()}" : Pick("", "?x=1"))
            + (place == 5 ? $"#{Secret()}" : Pick("", "#t"));

        string Pick(params string[] from) => from[random.Next(from.Length)];
        string Noise() => string.Concat(Enumerable.Range(0, random.Next(3)).Select(_ => Pick(noise)));
        string Secret() =>
            Noise() + (random.Next(3) == 0
                ? string.Concat(marker.Select(letter => random.Next(3) == 0 ? $"%{(int)letter:X2}" : $"{letter}"))
                : marker) + Noise();
    }

    [Theory]
    [InlineData(2048, true)]
    [InlineData(2049, false)]
    public void An_address_has_2_KiB_at_most(int bytes, bool fits)
    {
        foreach (var start in (string[])["rtsp://camera/", "/clips/", "demo:?", "https://camera/?é="])
        {
            var text = start + new string('a', bytes - System.Text.Encoding.UTF8.GetByteCount(start));
            if (fits) Assert.Equal(text, SourceUrl.Parse(text).Secret);
            else Assert.Equal("it is longer than 2048 bytes", Assert.Throws<FormatException>(() => SourceUrl.Parse(text)).Message);
        }
    }

    [Theory]
    [InlineData("clips/a.mp4", "file")]
    [InlineData("/clips/a b.mp4", "file")]
    [InlineData("file:///clips/a%20b.mp4", "file")]
    [InlineData("RTSPS://camera/1", "rtsps")]
    [InlineData("demo:", "demo")]
    public void Schemes_and_paths_are_told_apart(string text, string scheme) => Assert.Equal(scheme, SourceUrl.Parse(text).Scheme);

    [Theory]
    [InlineData("gopher://x")]
    [InlineData("rtsp://")]
    [InlineData("rtsp://camera/\nfile '/etc/passwd'")]
    [InlineData("admin:s3cret@camera/1")]
    [InlineData("rtsp:/user:s3cret@camera")]
    [InlineData("")]
    public void What_is_no_source_is_refused(string text) =>
        Assert.DoesNotContain("s3cret", Assert.Throws<FormatException>(() => SourceUrl.Parse(text)).Message + Redaction.ApplyToGiven(text),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("rtsp://user:it's@camera/1", @"file 'rtsp://user:it'\''s@camera/1'")]
    [InlineData("rtsps://camera/live", "file 'rtsps://camera/live'")]
    [InlineData("http://camera/video", "file 'http://camera/video'")]
    public void A_network_source_is_opened_by_a_script_and_not_by_the_command_line(string url, string line)
    {
        foreach (var input in (SourceInput[])[SourceInput.Of(new() { Id = "gate", Url = SourceUrl.Parse(url) }, demoClock: false),
            SourceInput.Bytes(SourceUrl.Parse(url))])
        {
            Assert.DoesNotContain("camera", string.Join(' ', [.. input.Options, input.Address]), StringComparison.Ordinal);
            Assert.Contains(line["file ".Length..], input.Script, StringComparison.Ordinal);
        }
        Assert.Contains(line, SourceInput.Of(new() { Id = "gate", Url = SourceUrl.Parse(url) }, demoClock: false).Script,
            StringComparison.Ordinal);
    }
}
