using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Crispy.Contracts;

/// <summary>What checking a signature came to.</summary>
public enum SignatureState
{
    /// <summary>There is no signature.</summary>
    Missing,

    /// <summary>It does not fit the manifest, or is malformed.</summary>
    Invalid,

    /// <summary>It names a key that is not among the known ones. A foreign key made it, or the verifier has not been given a new one
    /// yet.</summary>
    UnknownKey,

    /// <summary>One of the known keys made it over exactly these bytes.</summary>
    Verified,
}

/// <summary>The states as they stand in log lines and reports.</summary>
public static class SignatureStateText
{
    /// <summary><c>verified</c>, <c>invalid</c>, <c>missing</c> or <c>unknownKey</c>.</summary>
    public static string Of(SignatureState state) => state switch
    {
        SignatureState.Verified => "verified",
        SignatureState.Missing => "missing",
        SignatureState.UnknownKey => "unknownKey",
        _ => "invalid",
    };
}

/// <summary>Checks signatures against several public keys at once, so that keys can rotate. Safe for concurrent use.</summary>
public sealed class ManifestVerifier : IDisposable
{
    // Some 200 characters are a signature; what is far longer is not even parsed.
    private const int LongestSignature = 4096;

    private readonly Dictionary<string, ECDsa> _keys = new(StringComparer.Ordinal);
    private readonly Lock _oneAtATime = new();

    /// <summary>A verifier for all keys of a text.</summary>
    /// <param name="publicKeys">PEM, any number, or a JSON Web Key Set, or both (<see cref="SigningKey.ReadPublic"/>).</param>
    /// <exception cref="FormatException">The text holds no key, or one that is not on P-256.</exception>
    public ManifestVerifier(string publicKeys)
        : this(SigningKey.ReadPublic(publicKeys))
    {
    }

    /// <summary>A verifier for some keys.</summary>
    /// <param name="keys">The keys, any number; they are disposed with the verifier.</param>
    public ManifestVerifier(IEnumerable<ECDsa> keys)
    {
        foreach (var key in keys)
        {
            if (!_keys.TryAdd(SigningKey.Thumbprint(key), key)) key.Dispose();
        }
    }

    /// <summary>The names (RFC 7638) of the known keys.</summary>
    public IReadOnlyCollection<string> KeyIds => _keys.Keys;

    /// <summary>The name of the key with which a signature says that it was made; null where it says nothing.</summary>
    public static string? KeyIdOf(string? signature) =>
        signature is { Length: > 0 and <= LongestSignature } ? JwsHeader.Parse(signature)?.KeyId : null;

    /// <summary>Checks a detached JWS over a statement's bytes.</summary>
    /// <param name="manifest">The bytes.</param>
    /// <param name="signature">The JWS.</param>
    /// <param name="type">The <c>typ</c> that it must have (<see cref="ManifestSigner"/>):
    /// one that was made for anything else is invalid.</param>
    public SignatureState Check(byte[] manifest, string? signature, string? type = null)
    {
        if (string.IsNullOrEmpty(signature)) return SignatureState.Missing;
        if (signature.Length > LongestSignature || JwsHeader.Parse(signature) is not { } header || header.Type != type)
            return SignatureState.Invalid;
        if (!_keys.TryGetValue(header.KeyId, out var key)) return SignatureState.UnknownKey;
        var signed = SigningInput(signature.AsSpan(0, signature.IndexOf('.', StringComparison.Ordinal)), manifest);
        lock (_oneAtATime)
            return key.VerifyData(signed, header.Signature, HashAlgorithmName.SHA256) ? SignatureState.Verified : SignatureState.Invalid;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
    }

    // RFC 7515, section 5.2: the header as it was written, a dot, the payload in base64url.
    private static byte[] SigningInput(ReadOnlySpan<char> header, byte[] payload)
    {
        var input = new byte[header.Length + 1 + Base64Url.GetEncodedLength(payload.Length)];
        Encoding.ASCII.GetBytes(header, input);
        input[header.Length] = (byte)'.';
        Base64Url.EncodeToUtf8(payload, input.AsSpan(header.Length + 1));
        return input;
    }
}
