using Crispy.Cameras;
using Crispy.Testing;

namespace Crispy.Cli.Tests;

[Trait("Needs", "nothing")]
public sealed class MakerTests
{
    [Theory]
    [InlineData("axis", "rtsp://u:p@h/axis-media/media.amp?camera=1", "rtsp://u:p@h/axis-media/media.amp?camera=1&resolution=640x360")]
    [InlineData("hikvision", "rtsp://u:p@h:554/Streaming/Channels/101", "rtsp://u:p@h:554/Streaming/Channels/102")]
    [InlineData("dahua", "rtsp://u:p@h:554/cam/realmonitor?channel=1&subtype=0", "rtsp://u:p@h:554/cam/realmonitor?channel=1&subtype=1")]
    [InlineData("reolink", "rtsp://u:p@h:554/Preview_01_main", "rtsp://u:p@h:554/Preview_01_sub")]
    [InlineData("hanwha", "rtsp://u:p@h:554/profile2/media.smp", "rtsp://u:p@h:554/profile3/media.smp")]
    [InlineData("uniview", "rtsp://u:p@h:554/unicast/c1/s0/live", "rtsp://u:p@h:554/unicast/c1/s1/live")]
    [InlineData("bosch", "rtsp://u:p@h:554/?line=1&inst=1", "rtsp://u:p@h:554/?line=1&inst=2")]
    [InlineData("tapo", "rtsp://u:p@h:554/stream1", "rtsp://u:p@h:554/stream2")]
    [InlineData("vivotek", "rtsp://u:p@h:554/live.sdp", "rtsp://u:p@h:554/live2.sdp")]
    [InlineData("mobotix", "rtsp://u:p@h:554/mobotix.h264", "rtsp://u:p@h:554/mobotix.mjpeg")]
    public void Each_maker_has_its_rule(string id, string main, string sub)
    {
        var maker = Maker.Find(id)!;
        Assert.Equal(main, maker.Address(new("h", "u", "p")));
        Assert.Equal(sub, maker.Address(new("h", "u", "p", IsSub: true)));
    }

    [Theory]
    [InlineData("192.168.1.20", "rtsp://192.168.1.20:554/stream1")]
    [InlineData(" camera.local:8554 ", "rtsp://camera.local:8554/stream1")]
    [InlineData("fe80::1", "rtsp://[fe80::1]:554/stream1")]
    [InlineData("[fe80::1]:8554", "rtsp://[fe80::1]:8554/stream1")]
    public void A_host_may_have_a_port_or_be_of_the_new_kind(string host, string address) =>
    Assert.Equal(address, Maker.Find("tapo")!.Address(new(host)));

    [Fact]
    public void Secrets_are_written_by_their_codes()
    {
        var address = Maker.Find("reolink")!.Address(new("h", "ad:min", "p@ss/w#rd?%", 12));
        Assert.Equal("rtsp://ad%3Amin:p%40ss%2Fw%23rd%3F%25@h:554/Preview_12_main", address);
        Assert.Equal("p@ss/w#rd?%", Uri.UnescapeDataString(new Uri(address).UserInfo.Split(':')[1]));
        Assert.Equal("rtsps://h:7441/AbC123", Maker.Find("UniFi")!.Address(new("h", Key: "AbC123")));
    }

    [Theory]
    [InlineData("host: is missing", "")]
    [InlineData("host: is a whole address", "rtsp://h/1")]
    [InlineData("host: must be", "h/path")]
    [InlineData("host: must be", "u@h")]
    [InlineData("host: must be", "a b")]
    [InlineData("host: must be", "h:port")]
    public void What_is_no_host_is_refused(string told, string host) =>
        Assert.StartsWith(told, Assert.Throws<FormatException>(() => Maker.Find("axis")!.Address(new(host))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void What_lacks_or_does_not_belong_is_refused_by_name()
    {
        Assert.StartsWith("key: ", Wrong("unifi", new("h")), StringComparison.Ordinal);
        Assert.StartsWith("user: ", Wrong("unifi", new("h", "u", "p", Key: "k")), StringComparison.Ordinal);
        Assert.StartsWith("user: ", Wrong("axis", new("h", null, "p")), StringComparison.Ordinal);
        Assert.StartsWith("channel: ", Wrong("axis", new("h", Channel: 0)), StringComparison.Ordinal);
        Assert.StartsWith("stream: ", Wrong("unifi", new("h", Key: "k", IsSub: true)), StringComparison.Ordinal);
        Assert.Null(Maker.Find("onvif"));
        Assert.Null(Maker.Find(null));
    }

    [Fact]
    public void The_table_of_the_documentation_is_that_of_the_rules() =>
        Assert.Contains(MakerTable.Write(), File.ReadAllText(Path.Combine(Repository.Root, "docs", "cameras.md")),
            StringComparison.Ordinal);

    private static string Wrong(string maker, CameraAccess access) =>
        Assert.Throws<FormatException>(() => Maker.Find(maker)!.Address(access)).Message;
}
