using System.Text;

namespace Crispy.Contracts.Tests;

/// <summary>JSON in which a name stands twice: one reader takes the first value, another the last.</summary>
public sealed class DuplicateMemberTests
{
    private static readonly string Manifest = Encoding.UTF8.GetString(ManifestJson.Write(Samples.Manifest()));
    private static readonly string Loss = Encoding.UTF8.GetString(LossJson.Write(Samples.Loss(Samples.Manifest())));

    [Theory]
    [InlineData("\"schema\":\"crispy.chunk/1\"")]
    [InlineData("\"size\":1500000")]
    [InlineData("\"s\\u0069ze\":1500000")]
    [InlineData("\"sha256\":null")]
    [InlineData("\"previous\":null,\"previous\":null")]
    [InlineData("\"later\":1,\"later\":2")]
    [InlineData("\"later\":{\"a\":1,\"a\":2}")]
    [InlineData("\"clock\":{\"source\":\"file\",\"uncertaintyMs\":0}")]
    public void A_manifest_with_a_name_twice_is_refused_wherever_it_stands(string member)
    {
        Assert.NotNull(ManifestJson.Read(Encoding.UTF8.GetBytes(Manifest)));
        Assert.Throws<FormatException>(() => ManifestJson.Read(Encoding.UTF8.GetBytes(Manifest[..^1] + "," + member + "}")));
        Assert.Throws<FormatException>(() => ManifestJson.Read(Encoding.UTF8.GetBytes("{" + member + "," + Manifest[1..])));
    }

    [Fact]
    public void A_manifest_with_a_name_twice_in_its_clock_is_refused() => Assert.Throws<FormatException>(() =>
        ManifestJson.Read(
            Encoding.UTF8.GetBytes(Manifest.Replace("\"clock\":{", "\"clock\":{\"source\":\"rtcp\",", StringComparison.Ordinal))));

    [Theory]
    [InlineData("\"schema\":\"crispy.loss/1\"")]
    [InlineData("\"bytes\":1500000")]
    [InlineData("\"r\\u0065ason\":\"unusable\"")]
    [InlineData("\"later\":1,\"later\":2")]
    [InlineData("\"later\":[{\"a\":1,\"a\":2}]")]
    [InlineData("\"manifest\":null")]
    public void A_loss_record_with_a_name_twice_is_refused(string member)
    {
        Assert.NotNull(LossJson.Read(Encoding.UTF8.GetBytes(Loss)));
        Assert.Throws<FormatException>(() => LossJson.Read(Encoding.UTF8.GetBytes(Loss[..^1] + "," + member + "}")));
    }

    [Fact]
    public void A_key_set_with_a_name_twice_is_refused()
    {
        using var key = SigningKey.ReadPrivate(SigningKey.NewPrivatePem());
        var set = Encoding.UTF8.GetString(JsonWebKeySet.Write([key]));
        Assert.Throws<FormatException>(() =>
            JsonWebKeySet.Read(set.Replace("\"kty\":\"EC\"", "\"kty\":\"EC\",\"kty\":\"EC\"", StringComparison.Ordinal)));
        Assert.Throws<FormatException>(() =>
            JsonWebKeySet.Read(set.Replace("{\"keys\":", "{\"keys\":[],\"keys\":", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_later_writers_members_are_still_kept()
    {
        var manifest = ManifestJson.Read(Encoding.UTF8.GetBytes(Manifest[..^1] + ",\"later\":{\"a\":1,\"b\":[{\"a\":2}]}}"));
        Assert.True(manifest.Extra!.ContainsKey("later"));
    }
}
