namespace Crispy.Contracts.Tests;

/// <summary>What people type, and what they meant.</summary>
public sealed class TypedWordTests
{
    private static readonly string[] Options = ["--window", "--data", "--once", "--mode", "--container", "--every-nth-frame", "--port",
        "--verbose"];
    private static readonly string[] Commands = ["up", "status", "streams", "add", "probe", "chunks", "play", "export", "dead", "verify",
        "plan", "completion"];

    [Theory]
    [InlineData("--windw", "--window")]
    [InlineData("--wnidow", "--window")]
    [InlineData("--windows", "--window")]
    [InlineData("-window", "--window")]
    [InlineData("--Window", "--window")]
    [InlineData("--contaner", "--container")]
    [InlineData("--every-nth", "--every-nth-frame")]
    [InlineData("--dat", "--data")]
    [InlineData("--colour", null)]
    [InlineData("--x", null)]
    public void The_nearest_option_is_meant_or_none(string typed, string? meant) => Assert.Equal(meant, NearestWord.Of(typed, Options));

    [Theory]
    [InlineData("stauts", "status")]
    [InlineData("exprot", "export")]
    [InlineData("verfy", "verify")]
    [InlineData("stat", "status")]
    [InlineData("foo", null)]
    [InlineData("s", null)]
    public void The_nearest_command_is_meant_or_none(string typed, string? meant) => Assert.Equal(meant, NearestWord.Of(typed, Commands));

    [Theory]
    [InlineData("192.168.1.20")]
    [InlineData("192.168.1.20:554/h264")]
    [InlineData("192.168.1.20/Streaming/Channels/101")]
    [InlineData("admin:secret@192.168.1.20/live")]
    [InlineData("viewer@camera")]
    [InlineData("camera.local")]
    [InlineData("camera:554")]
    [InlineData("localhost:8554/gate")]
    [InlineData("cam-1.example.com/axis-media/media.amp")]
    [InlineData("[fe80::1]:554/live")]
    [InlineData("fe80::1")]
    public void A_host_without_a_scheme_is_told_to_begin_with_rtsp_and_nothing_of_it_is_repeated(string text)
    {
        var mistake = SourceAddress.Mistake(text, _ => false);
        Assert.Contains("begins with rtsp://", mistake, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", mistake, StringComparison.Ordinal);
        // A file is a file, no matter what it looks like.
        Assert.Null(SourceAddress.Mistake(text, _ => true));
    }

    [Theory]
    [InlineData("/srv/video/gate.mp4")]
    [InlineData("gate.mp4")]
    [InlineData("clips/gate.mkv")]
    [InlineData("./192.168.1.20")]
    [InlineData("~/gate.ts")]
    [InlineData("gate")]
    [InlineData("a film, with blanks.mp4")]
    [InlineData("demo:")]
    [InlineData("demo:?size=64x48")]
    [InlineData("rtsp://192.168.1.20/live")]
    [InlineData("RTSP://camera")]
    [InlineData("https://example.com/list.m3u8")]
    [InlineData("file:///srv/gate.mp4")]
    public void What_may_be_a_source_is_no_mistake(string text) => Assert.Null(SourceAddress.Mistake(text, _ => false));

    [Theory]
    [InlineData("rstp://camera/live", "rtsp://")]
    [InlineData("rtp://camera/live", "rtsp://")]
    [InlineData("htp://camera/live", "http://")]
    [InlineData("ftp://camera/live", null)]
    [InlineData("hunter2://x", null)]
    public void A_scheme_that_is_none_of_ours_is_told_with_the_one_that_was_meant(string text, string? meant)
    {
        var mistake = SourceAddress.Mistake(text, _ => false);
        Assert.StartsWith("its scheme is none of rtsp:, rtsps:, http:, https:, file:, demo:", mistake, StringComparison.Ordinal);
        Assert.Equal(meant is not null, mistake!.EndsWith($"; did you mean {meant}?", StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", mistake, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rtsp://***@camera:554/gate: Server returned 401 Unauthorized (authorization failed)", "rtsp://***@camera:554/gate",
        "Server returned 401 Unauthorized (authorization failed)")]
    [InlineData("rtsp://camera/gate: Connection refused", null, "Connection refused")]
    [InlineData("rtsp://camera/gate did not answer within 15 s", "rtsp://camera/gate", "Did not answer within 15 s")]
    [InlineData("/srv/gate.mp4: no such file", "/srv/gate.mp4", "No such file")]
    [InlineData("no video for 20 s", "rtsp://camera/gate", "no video for 20 s")]
    [InlineData("rtsp://camera/gate", null, "rtsp://camera/gate")]
    public void A_cause_comes_without_the_address_in_front_of_it(string error, string? address, string cause) =>
        Assert.Equal(cause, Cause.Of(error, address));
}
