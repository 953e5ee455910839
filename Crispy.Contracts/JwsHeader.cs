using System.Buffers.Text;
using System.Text.Json;

namespace Crispy.Contracts;

/// <summary>What a detached JWS in compact form (RFC 7515) says of itself, and its signature:
/// <c>BASE64URL(header)..BASE64URL(signature)</c>. There is one spelling of each: base64url without padding, line breaks or unused bits
/// that are set (RFC 4648, section 3.5). So no character can be changed unseen.</summary>
/// <param name="KeyId">The <c>kid</c>.</param>
/// <param name="Type">The <c>typ</c>; null where there is none.</param>
/// <param name="Signature">64 bytes, as RFC 7518, section 3.4 has them.</param>
internal sealed record JwsHeader(string KeyId, string? Type, byte[] Signature)
{
    private const int SignatureLength = 64;

    // RFC 7515, section 4: a name that stands twice is refused, here at any depth.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>Reads a JWS.</summary>
    /// <returns>Null where it is no detached JWS, is not made by ES256, or names no key. Also null where it asks for what is not understood
    /// here (<c>crit</c>, <c>b64</c>).</returns>
    public static JwsHeader? Parse(string jws)
    {
        if (jws.Split('.') is not [{ Length: > 0 } header, "", { Length: > 0 } signature]) return null;
        if (Exact(header) is not { } json || Exact(signature) is not { Length: SignatureLength } bytes) return null;
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return Read(document.RootElement, bytes);
        }
        // The latter for a string that is no Unicode.
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static JwsHeader? Read(JsonElement header, byte[] signature)
    {
        if (header.ValueKind != JsonValueKind.Object || header.TryGetProperty("crit", out _) || header.TryGetProperty("b64", out _))
            return null;
        if (Text(header, "alg") != "ES256" || Text(header, "kid") is not { } kid) return null;
        var typed = header.TryGetProperty("typ", out var type);
        return typed && type.ValueKind != JsonValueKind.String ? null : new(kid, typed ? type.GetString() : null, signature);
    }

    private static string? Text(JsonElement header, string name) =>
        header.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[]? Exact(string part) =>
        Base64Url.IsValid(part) && Base64Url.DecodeFromChars(part) is var bytes && Base64Url.EncodeToString(bytes) == part ? bytes : null;
}
