using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Tests;

public sealed class SourceUrlTests
{
    [Theory]
    [InlineData("rtsp://user:pass@camera/1", "rtsp://***@camera/1")]
    [InlineData("rtsp://user:p@ss@camera:554/1?x=1", "rtsp://***@camera:554/1?x=1")]
    [InlineData("https://camera/1.m3u8?token=abc&x=1", "https://camera/1.m3u8?token=***&x=1")]
    [InlineData("rtsp://camera/1", "rtsp://camera/1")]
    [InlineData("http://camera/live?Password=abc", "http://camera/live?Password=***")]
    public void Secrets_are_hidden(string text, string redacted)
    {
        var url = SourceUrl.Parse(text);
        Assert.Equal(redacted, url.ToString());
        Assert.Equal(redacted != text, url.HasCredentials);
        Assert.Equal(text, url.Secret);
    }

    [Theory]
    [InlineData("rtsp://user:s3cret%20x@camera/1", "401 for rtsp://user:s3cret%20x@camera/1 now")]
    [InlineData("rtsp://user:s3cret%20x@camera/1", "trying s3cret x there")]
    [InlineData("rtsp://user:s3cret%20x@camera/1", "Authorization user:s3cret%20x")]
    public void Secrets_are_hidden_in_the_texts_of_others(string url, string text) => Assert.DoesNotContain("s3cret", SourceUrl.Parse(url).Redact(text));

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
    [InlineData("")]
    public void What_is_no_source_is_refused(string text) => Assert.Throws<FormatException>(() => SourceUrl.Parse(text));

    [Fact]
    public void A_camera_with_a_password_is_opened_by_a_script_and_not_by_the_command_line()
    {
        var input = SourceInput.Of(new() { Id = "gate", Url = SourceUrl.Parse("rtsp://user:it's@camera/1") }, demoClock: false);
        Assert.DoesNotContain("it's", string.Join(' ', [.. input.Options, input.Address]));
        Assert.Contains(@"file 'rtsp://user:it'\''s@camera/1'", input.Script);
    }
}
