using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Crispy.Testing;

namespace Crispy.Contracts.Tests;

public sealed class KeyTests
{
    [Fact]
    public void A_key_set_verifies_what_each_of_its_keys_signed()
    {
        using var older = new ManifestSigner(SigningKey.NewPrivatePem());
        using var newer = new ManifestSigner(SigningKey.NewPrivatePem());
        var set = Set(string.Join("\n", older.PublicPem, newer.PublicPem, older.PublicPem));
        using var verifier = new ManifestVerifier(set);
        byte[] manifest = [1, 2, 3];
        Assert.Equal(2, verifier.KeyIds.Count);
        Assert.Equal((SignatureState.Verified, SignatureState.Verified),
            (verifier.Check(manifest, older.Sign(manifest)), verifier.Check(manifest, newer.Sign(manifest))));
    }

    [Fact]
    public void A_key_set_is_as_RFC_7517_says_and_holds_no_private_member()
    {
        using var signer = new ManifestSigner(SigningKey.NewPrivatePem());
        using var set = JsonDocument.Parse(Set(signer.PublicPem));
        var key = Assert.Single(set.RootElement.GetProperty("keys").EnumerateArray());
        Assert.Equal(["kty", "crv", "x", "y", "kid", "use", "alg"], key.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("EC", "P-256", "sig", "ES256", signer.KeyId),
            (key.GetProperty("kty").GetString(), key.GetProperty("crv").GetString(), key.GetProperty("use").GetString(),
                key.GetProperty("alg").GetString(), key.GetProperty("kid").GetString()));
    }

    [Fact]
    public void Another_JOSE_library_reads_our_key_set()
    {
        using var signer = new ManifestSigner(SigningKey.NewPrivatePem());
        var manifest = ManifestJson.Write(Samples.Manifest());
        var theirs = Jose.JwkSet.FromJson(Set(signer.PublicPem), Jose.JWT.DefaultSettings.JsonMapper).Keys.Single();
        Assert.Equal(manifest, Jose.JWT.DecodeBytes(signer.Sign(manifest), theirs, Jose.JwsAlgorithm.ES256, payload: manifest));
    }

    [Fact]
    public void PEM_and_a_key_set_can_stand_in_one_text()
    {
        using var one = new ManifestSigner(SigningKey.NewPrivatePem());
        using var other = new ManifestSigner(SigningKey.NewPrivatePem());
        using var verifier = new ManifestVerifier($"{one.PublicPem}\n{Set(other.PublicPem)}");
        Assert.Equal(new[] { one.KeyId, other.KeyId }.Order(), verifier.KeyIds.Order());
    }

    [Fact]
    public void Keys_of_other_kinds_are_passed_over_and_a_name_is_not_believed()
    {
        using var signer = new ManifestSigner(SigningKey.NewPrivatePem());
        var set = Set(signer.PublicPem).Replace(signer.KeyId, "the-key-of-somebody-else", StringComparison.Ordinal)
            .Replace("""{"keys":[""",
                """{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"EC","crv":"P-384","x":"AA","y":"AA"},"""
                    + """{"kty":"EC","crv":"P-256","use":"enc"},""", StringComparison.Ordinal);
        using var verifier = new ManifestVerifier(set);
        Assert.Equal([signer.KeyId], verifier.KeyIds);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"keys\":{}}")]
    [InlineData("{\"keys\":[]}")]
    [InlineData("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}")]
    [InlineData("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
        + "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}")]
    [InlineData("{\"keys\":")]
    [InlineData("{nothing}")]
    public void What_is_no_key_set_is_refused(string text) => Assert.Throws<FormatException>(() => SigningKey.ReadPublic(text));

    [Fact]
    public void A_deeply_nested_or_oversized_key_set_is_refused()
    {
        Assert.Throws<FormatException>(() =>
            SigningKey.ReadPublic("{\"keys\":" + new string('[', 100_000) + new string(']', 100_000) + "}"));
        Assert.Throws<FormatException>(() => SigningKey.ReadPublic("{\"keys\":[\"" + new string('a', JsonWebKeySet.MaxLength) + "\"]}"));
    }

    [Theory]
    [InlineData("600")]
    [InlineData("400")]
    [InlineData("440")]
    public void A_secret_that_others_cannot_read_is_read(string mode)
    {
        using var folder = new TempFolder();
        Assert.Equal("secret\n", SecretFile.Read(WithMode(folder, mode)));
    }

    [Theory]
    [InlineData("644")]
    [InlineData("640")]
    [InlineData("604")]
    [InlineData("620")]
    [InlineData("444")]
    [InlineData("700")]
    public void A_secret_that_others_can_read_is_refused_without_repeating_it(string mode)
    {
        using var folder = new TempFolder();
        var refused = Assert.Throws<FormatException>(() => SecretFile.Read(WithMode(folder, mode)));
        Assert.Contains($"mode 0{mode}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret\n", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_at_the_end_of_a_link_counts()
    {
        using var folder = new TempFolder();
        File.CreateSymbolicLink(folder["link"], WithMode(folder, "644"));
        Assert.Throws<FormatException>(() => SecretFile.Read(folder["link"]));
    }

    private static string WithMode(TempFolder folder, string mode)
    {
        var path = folder["secret"];
        File.WriteAllText(path, "secret\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
        return path;
    }

    private static string Set(string pems)
    {
        var keys = SigningKey.ReadPublic(pems);
        try
        {
            return Encoding.UTF8.GetString(JsonWebKeySet.Write(keys));
        }
        finally
        {
            foreach (ECDsa key in keys) key.Dispose();
        }
    }
}
