using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Crispy.Contracts;

/// <summary>What a public key is believed for.</summary>
public enum KeyPurpose
{
    /// <summary>Manifests and loss records: what stream-handle signs.</summary>
    Recordings,

    /// <summary>Reports of the ledger: what the console signs.</summary>
    Reports,
}

/// <summary>Elliptic curve keys on P-256, read from PEM (RFC 7468) or, public ones, from a JSON Web Key Set,
/// and named by their thumbprint.</summary>
public static class SigningKey
{
    private const string P256Oid = "1.2.840.10045.3.1.7";

    /// <summary>Makes a new private key.</summary>
    /// <returns>PKCS #8 in PEM.</returns>
    public static string NewPrivatePem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>The public half of a private key, as SubjectPublicKeyInfo in PEM.</summary>
    /// <exception cref="FormatException">The text holds no P-256 private key.</exception>
    public static string PublicPem(string privatePem)
    {
        using var key = ReadPrivate(privatePem);
        return key.ExportSubjectPublicKeyInfoPem();
    }

    /// <summary>Reads a private key.</summary>
    /// <exception cref="FormatException">The text holds no P-256 private key. The message never repeats the text.</exception>
    public static ECDsa ReadPrivate(string pem)
    {
        var key = ReadP256(pem);
        try
        {
            _ = key.ExportParameters(includePrivateParameters: true);
            return key;
        }
        catch (CryptographicException)
        {
            key.Dispose();
            throw new FormatException("a private key is needed, but the PEM holds a public one");
        }
    }

    /// <summary>Reads every public key of a text. They stand in its PEM blocks (a private key counts by its public half) and in its JSON
    /// Web Key Set, if any.</summary>
    /// <param name="text">The text.</param>
    /// <param name="purpose">What must be verified; a key in PEM does not say what it signs, and counts for everything.</param>
    /// <exception cref="FormatException">The text holds no such key, or one that is not on P-256.</exception>
    public static IReadOnlyList<ECDsa> ReadPublic(string text, KeyPurpose purpose = KeyPurpose.Recordings)
    {
        var keys = new List<ECDsa>();
        var (begin, end) = (text.IndexOf('{', StringComparison.Ordinal), text.LastIndexOf('}') + 1);
        var set = begin >= 0 && end > begin ? text[begin..end] : null;
        if (set is not null) keys.AddRange(JsonWebKeySet.Read(set, purpose));
        for (var rest = set is null ? text : text.Remove(begin, set.Length); PemEncoding.TryFind(rest, out var fields);
            rest = rest[fields.Location.End..])
            keys.Add(ReadP256(rest[fields.Location]));
        return keys.Count > 0 ? keys : throw new FormatException("no key in PEM form found, and no P-256 key in a JSON Web Key Set");
    }

    /// <summary>Requires that a text holds public keys (<see cref="ReadPublic"/>).</summary>
    /// <exception cref="FormatException">The text holds no key, or one that is not on P-256.</exception>
    public static void RequirePublic(string text)
    {
        foreach (var key in ReadPublic(text)) key.Dispose();
    }

    /// <summary>The key's name: its JWK thumbprint (RFC 7638) in base64url.</summary>
    public static string Thumbprint(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var jwk =
            $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(jwk)));
    }

    private static ECDsa ReadP256(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == P256Oid) return key;
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new FormatException("not an elliptic curve key in PEM form");
        }
        key.Dispose();
        throw new FormatException("the key is not on the curve P-256, which ES256 needs");
    }
}
