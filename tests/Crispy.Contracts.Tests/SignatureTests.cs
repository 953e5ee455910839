using System.Security.Cryptography;
using System.Text;
using Jose;

namespace Crispy.Contracts.Tests;

public sealed class SignatureTests : IDisposable
{
    private readonly byte[] _manifest = ManifestJson.Write(Samples.Manifest());
    private readonly ManifestSigner _signer = new(SigningKey.NewPrivatePem());

    public void Dispose() => _signer.Dispose();

    [Fact]
    public void A_signature_is_verified_with_the_public_key()
    {
        using var verifier = new ManifestVerifier(_signer.PublicPem);
        Assert.Equal(SignatureState.Verified, verifier.Check(_manifest, _signer.Sign(_manifest)));
    }

    [Fact]
    public void The_signature_is_es256_over_header_dot_payload()
    {
        var signature = _signer.Sign(_manifest);
        Assert.Matches("^[^.]+\\.\\.[^.]+$", signature);
        var parts = signature.Split("..");
        using var key = SigningKey.ReadPublic(_signer.PublicPem)[0];
        var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{System.Buffers.Text.Base64Url.EncodeToString(_manifest)}");
        Assert.True(key.VerifyData(signed, System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]), HashAlgorithmName.SHA256));
        Assert.Equal(_signer.KeyId, JWT.Headers(signature)["kid"]);
    }

    [Fact]
    public void A_signature_says_which_key_made_it_and_a_key_given_twice_is_one()
    {
        Assert.Equal(_signer.KeyId, ManifestVerifier.KeyIdOf(_signer.Sign(_manifest)));
        Assert.All(new[] { null, "", "x", new string('x', 5000), _signer.Sign(_manifest) + new string('A', 4096) },
            signature => Assert.Null(ManifestVerifier.KeyIdOf(signature)));
        using var verifier = new ManifestVerifier(_signer.PublicPem + "\n" + _signer.PublicPem);
        Assert.Equal([_signer.KeyId], verifier.KeyIds);
    }

    [Fact]
    public void Each_state_has_its_word() =>
        Assert.Equal(["invalid", "missing", "unknownKey", "verified"],
            Enum.GetValues<SignatureState>().Select(SignatureStateText.Of).Order(StringComparer.Ordinal));

    [Fact]
    public void One_changed_byte_is_seen()
    {
        using var verifier = new ManifestVerifier(_signer.PublicPem);
        var signature = _signer.Sign(_manifest);
        for (var at = 0; at < _manifest.Length; at += 37)
        {
            var changed = _manifest.ToArray();
            changed[at] ^= 1;
            Assert.Equal(SignatureState.Invalid, verifier.Check(changed, signature));
        }
    }

    [Fact]
    public void A_foreign_key_is_unknown_and_several_keys_may_be_valid()
    {
        using var other = new ManifestSigner(SigningKey.NewPrivatePem());
        using var onlyOther = new ManifestVerifier(other.PublicPem);
        using var both = new ManifestVerifier(other.PublicPem + "\n" + _signer.PublicPem);
        Assert.Equal(SignatureState.UnknownKey, onlyOther.Check(_manifest, _signer.Sign(_manifest)));
        Assert.Equal(SignatureState.Verified, both.Check(_manifest, _signer.Sign(_manifest)));
        Assert.Equal(SignatureState.Verified, both.Check(_manifest, other.Sign(_manifest)));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("..")]
    [InlineData("e30..")]
    [InlineData("bnVsbA..AAAA")]
    [InlineData("e30..AAAA")]
    [InlineData("W10..AAAA")]
    [InlineData("eyJhbGciOiJub25lIn0..")]
    public void What_is_no_signature_is_invalid(string signature)
    {
        using var verifier = new ManifestVerifier(_signer.PublicPem);
        Assert.Equal(SignatureState.Invalid, verifier.Check(_manifest, signature));
    }

    [Fact]
    public void A_signature_with_a_payload_of_its_own_says_nothing_of_the_manifest()
    {
        using var verifier = new ManifestVerifier(_signer.PublicPem);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = new ManifestVerifier(key.ExportSubjectPublicKeyInfoPem());
        var attached = JWT.EncodeBytes(Encoding.UTF8.GetBytes("{}"), key, JwsAlgorithm.ES256,
            new Dictionary<string, object> { ["kid"] = SigningKey.Thumbprint(key) });
        Assert.Equal(SignatureState.Invalid, own.Check(_manifest, attached));
    }

    [Fact]
    public void No_signature_is_missing()
    {
        using var verifier = new ManifestVerifier(_signer.PublicPem);
        Assert.Equal(SignatureState.Missing, verifier.Check(_manifest, null));
    }

    [Fact]
    public void A_public_key_does_not_sign_and_the_message_does_not_repeat_it()
    {
        var refused = Assert.Throws<FormatException>(() => new ManifestSigner(_signer.PublicPem));
        Assert.DoesNotContain("MFkw", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_on_another_curve_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Throws<FormatException>(() => new ManifestVerifier(key.ExportSubjectPublicKeyInfoPem()));
    }
}
