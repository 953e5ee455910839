using System.Text;
using Crispy.Console.Notifying;

namespace Crispy.Console.Tests.Notifying;

[Trait("Needs", "nothing")]
public sealed class WebhookSecretTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    // The vector that the specification's own libraries test with.
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Body = """{"test": 2432232314}""";
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1614265330);

    [Fact]
    public void The_signature_is_that_of_the_specifications_own_vector() =>
        Assert.Equal(Signature, WebhookSecret.Parse(Secret)!.Sign(Id, At, Encoding.UTF8.GetBytes(Body)));

    [Fact]
    public void Each_of_several_secrets_signs_so_that_a_receiver_can_change_from_one_to_the_next()
    {
        var other = "whsec_" + Convert.ToBase64String(new byte[32]);
        var both = WebhookSecret.Parse($"{Secret} {other}\n")!.Sign(Id, At, Encoding.UTF8.GetBytes(Body));
        Assert.Equal([Signature, WebhookSecret.Parse(other)!.Sign(Id, At, Encoding.UTF8.GetBytes(Body))], both.Split(' '));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw other")]
    [InlineData("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    public void What_is_no_secret_is_refused(string text) => Assert.Null(WebhookSecret.Parse(text));

    [Fact]
    public void A_secret_has_24_to_64_bytes_and_is_never_printed()
    {
        Assert.Null(WebhookSecret.Parse("whsec_" + Convert.ToBase64String(new byte[23])));
        Assert.Null(WebhookSecret.Parse("whsec_" + Convert.ToBase64String(new byte[65])));
        Assert.Equal("***", WebhookSecret.Parse("whsec_" + Convert.ToBase64String(new byte[64]))!.ToString());
    }
}
