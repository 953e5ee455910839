using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Crispy.Contracts.Tests;

/// <summary>A JWS that its key did make, in a form that RFC 7515 refuses or that has another spelling.</summary>
public sealed class JwsFormTests : IDisposable
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private readonly byte[] _manifest = ManifestJson.Write(Samples.Manifest());
    private readonly string _pem = SigningKey.NewPrivatePem();
    private readonly ManifestSigner _signer;
    private readonly ManifestVerifier _verifier;

    public JwsFormTests()
    {
        _signer = new(_pem);
        _verifier = new(_signer.PublicPem);
    }

    public void Dispose()
    {
        _signer.Dispose();
        _verifier.Dispose();
    }

    [Theory]
    [InlineData("""{"alg":"ES256","kid":"KID"}""")]
    [InlineData("""{"kid":"KID","alg":"ES256"}""")]
    [InlineData("""{ "alg" : "ES256",  "kid" : "KID", "x-later" : { "a" : [1, 2] } }""")]
    [InlineData("""{"alg":"ES256","k\u0069d":"KID"}""")]
    public void A_header_of_any_layout_is_read(string header) => Assert.Equal(SignatureState.Verified, Check(header));

    [Theory]
    [InlineData("crit", """{"alg":"ES256","kid":"KID","crit":["x"],"x":1}""")]
    [InlineData("crit of nothing", """{"alg":"ES256","kid":"KID","crit":[]}""")]
    [InlineData("crit that is null", """{"alg":"ES256","kid":"KID","crit":null}""")]
    [InlineData("crit that is text", """{"alg":"ES256","kid":"KID","crit":"kid"}""")]
    [InlineData("crit of what is known", """{"alg":"ES256","kid":"KID","crit":["alg","kid"]}""")]
    [InlineData("crit in other letters", """{"alg":"ES256","kid":"KID","cr\u0069t":["x"]}""")]
    [InlineData("b64", """{"alg":"ES256","kid":"KID","b64":false,"crit":["b64"]}""")]
    [InlineData("b64 alone", """{"alg":"ES256","kid":"KID","b64":false}""")]
    [InlineData("b64 as it is", """{"alg":"ES256","kid":"KID","b64":true}""")]
    [InlineData("alg twice", """{"alg":"none","kid":"KID","alg":"ES256"}""")]
    [InlineData("alg twice the same", """{"alg":"ES256","kid":"KID","alg":"ES256"}""")]
    [InlineData("kid twice", """{"alg":"ES256","kid":"other","kid":"KID"}""")]
    [InlineData("kid twice in other letters", """{"alg":"ES256","kid":"KID","\u006bid":"KID"}""")]
    [InlineData("twice within another", """{"alg":"ES256","kid":"KID","x":{"a":1,"a":2}}""")]
    [InlineData("no alg", """{"kid":"KID"}""")]
    [InlineData("alg none", """{"alg":"none","kid":"KID"}""")]
    [InlineData("alg in small letters", """{"alg":"es256","kid":"KID"}""")]
    [InlineData("alg of another curve", """{"alg":"ES384","kid":"KID"}""")]
    [InlineData("alg HS256", """{"alg":"HS256","kid":"KID"}""")]
    [InlineData("alg RS256", """{"alg":"RS256","kid":"KID"}""")]
    [InlineData("alg in an array", """{"alg":["ES256"],"kid":"KID"}""")]
    [InlineData("no kid", """{"alg":"ES256"}""")]
    [InlineData("kid that is no text", """{"alg":"ES256","kid":1}""")]
    [InlineData("typ", """{"alg":"ES256","kid":"KID","typ":"JWT"}""")]
    [InlineData("typ of a report", """{"alg":"ES256","kid":"KID","typ":"crispy-ledger+jws"}""")]
    [InlineData("typ that is null", """{"alg":"ES256","kid":"KID","typ":null}""")]
    [InlineData("an array", """[{"alg":"ES256","kid":"KID"}]""")]
    [InlineData("text", "\"KID\"")]
    [InlineData("null", "null")]
    [InlineData("two objects", """{"alg":"ES256","kid":"KID"}{}""")]
    [InlineData("a comment", """{"alg":"ES256","kid":"KID"/* */}""")]
    [InlineData("a comma too many", """{"alg":"ES256","kid":"KID",}""")]
    [InlineData("a byte order mark", "\uFEFF{\"alg\":\"ES256\",\"kid\":\"KID\"}")]
    [InlineData("half a surrogate pair", """{"alg":"ES256","kid":"\ud800KID"}""")]
    [InlineData("depth", """{"alg":"ES256","kid":"KID","x":[[[[[[[[[[1]]]]]]]]]]}""")]
    public void A_header_that_says_more_or_other_than_is_understood_is_invalid(string what, string header)
    {
        Assert.NotEmpty(what);
        Assert.Equal(SignatureState.Invalid, Check(header));
    }

    [Fact]
    public void A_malformed_header_is_invalid_also_under_a_foreign_key()
    {
        using var other = new ManifestVerifier(SigningKey.PublicPem(SigningKey.NewPrivatePem()));
        Assert.Equal(SignatureState.Invalid, other.Check(_manifest, Sign("""{"alg":"ES256","kid":"KID","crit":["x"]}""")));
        Assert.Equal(SignatureState.UnknownKey, other.Check(_manifest, Sign("""{"alg":"ES256","kid":"KID"}""")));
    }

    [Fact]
    public void No_other_spelling_of_a_true_signature_is_verified()
    {
        var jws = _signer.Sign(_manifest);
        var random = new Random(1);
        foreach (var other in Spellings(jws, random).Where(other => other != jws))
        {
            var state = _verifier.Check(_manifest, other);
            Assert.True(state is SignatureState.Invalid or SignatureState.UnknownKey or SignatureState.Missing, $"{state}: {other}");
        }
    }

    [Theory]
    [InlineData('+')]
    [InlineData('/')]
    [InlineData('=')]
    [InlineData(' ')]
    [InlineData('\n')]
    [InlineData('\0')]
    [InlineData('é')]
    [InlineData('Ａ')]
    public void No_character_from_outside_the_alphabet_stands_anywhere(char other)
    {
        var jws = _signer.Sign(_manifest);
        for (var at = 0; at <= jws.Length; at++)
        {
            Assert.Equal(SignatureState.Invalid, _verifier.Check(_manifest, jws.Insert(at, $"{other}")));
            if (at < jws.Length) Assert.Equal(SignatureState.Invalid, _verifier.Check(_manifest, jws.Remove(at, 1).Insert(at, $"{other}")));
        }
    }

    [Fact]
    public void The_standard_alphabet_is_another_one()
    {
        for (var tries = 0; tries < 100; tries++)
        {
            var jws = _signer.Sign(_manifest);
            var other = jws.Replace('-', '+').Replace('_', '/');
            if (other == jws) continue;
            Assert.Equal(SignatureState.Invalid, _verifier.Check(_manifest, other));
            return;
        }
        Assert.Fail("no signature had a '-' or '_'");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(65)]
    [InlineData(70)]
    [InlineData(128)]
    public void A_signature_of_another_length_is_invalid(int length)
    {
        var (header, signature) = Split(_signer.Sign(_manifest));
        var bytes = Base64Url.DecodeFromChars(signature);
        Array.Resize(ref bytes, length);
        Assert.Equal(SignatureState.Invalid, _verifier.Check(_manifest, $"{header}..{Base64Url.EncodeToString(bytes)}"));
    }

    [Fact]
    public void A_signature_in_the_form_of_asn1_is_invalid()
    {
        using var key = SigningKey.ReadPrivate(_pem);
        var (header, _) = Split(_signer.Sign(_manifest));
        var input = Encoding.ASCII.GetBytes($"{header}.{Base64Url.EncodeToString(_manifest)}");
        var der = key.SignData(input, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        Assert.Equal(SignatureState.Invalid, _verifier.Check(_manifest, $"{header}..{Base64Url.EncodeToString(der)}"));
    }

    [Fact]
    public void A_signature_of_zeros_is_invalid()
    {
        var (header, _) = Split(_signer.Sign(_manifest));
        Assert.Equal(SignatureState.Invalid, _verifier.Check(_manifest, $"{header}..{Base64Url.EncodeToString(new byte[64])}"));
    }

    private static IEnumerable<string> Spellings(string jws, Random random)
    {
        var (header, signature) = Split(jws);
        for (var at = 0; at < jws.Length; at++)
        {
            yield return jws.Remove(at, 1);
            yield return jws.Insert(at, $"{jws[at]}");
            yield return jws.Remove(at, 1).Insert(at, $"{Alphabet[random.Next(64)]}");
        }
        // Unused bits of the last character: two or four of its six.
        foreach (var last in Alphabet)
        {
            yield return jws[..^1] + last;
            yield return $"{header[..^1]}{last}..{signature}";
        }
        string[] around = ["=", "==", "====", "\n", "\r\n", " ", "\t", ".", "..", "\0", "A", "AA", "AAA", "AAAA", "\u200b", "%3D"];
        foreach (var more in around)
        {
            yield return jws + more;
            yield return more + jws;
            yield return $"{header}{more}..{signature}";
            yield return $"{header}.{more}.{signature}";
            yield return $"{header}..{more}{signature}";
        }
        yield return $"{header}.{signature}";
        yield return $"{header}...{signature}";
        yield return $"{header}..{signature}.{signature}";
        yield return $"{header}..{signature}..{signature}";
        yield return $".{header}..{signature}";
        yield return $"{header}..";
        yield return $"..{signature}";
        yield return $"{header}.e30.{signature}";
        yield return $$"""{"payload":"","signatures":[{"protected":"{{header}}","signature":"{{signature}}"}]}""";
    }

    private static (string Header, string Signature) Split(string jws) =>
        jws.Split("..") is [var header, var signature] ? (header, signature) : throw new FormatException(jws);

    private SignatureState Check(string header) => _verifier.Check(_manifest, Sign(header));

    // What the holder of the key can sign, with any header.
    private string Sign(string header)
    {
        using var key = SigningKey.ReadPrivate(_pem);
        var written = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.Replace("KID", _signer.KeyId, StringComparison.Ordinal)));
        var input = Encoding.ASCII.GetBytes($"{written}.{Base64Url.EncodeToString(_manifest)}");
        return $"{written}..{Base64Url.EncodeToString(key.SignData(input, HashAlgorithmName.SHA256))}";
    }
}
