using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Crispy.Contracts;

/// <summary>Public P-256 keys as a JSON Web Key Set (RFC 7517). Each has its thumbprint (RFC 7638) as <c>kid</c>,
/// with <c>use</c> <c>sig</c> and <c>alg</c> <c>ES256</c>:
/// <c>{"keys":[{"kty":"EC","crv":"P-256","x":"..","y":"..","kid":"..","use":"sig","alg":"ES256"}]}</c>. A key that signs reports alone also
/// has <c>"crispy-signs":"reports"</c>, which other readers ignore (RFC 7517, section 4). Who holds that key must not be able to sign a
/// chunk.</summary>
public static class JsonWebKeySet
{
    /// <summary>The media type of RFC 7517, section 8.5.2.</summary>
    public const string MediaType = "application/jwk-set+json";

    /// <summary>Largest set that is read, in characters: some thousand keys.</summary>
    public const int MaxLength = 1 << 20;

    private const string Purpose = "crispy-signs";
    private const string Reports = "reports";

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The set of the public halves of some keys, each once, in the order given.</summary>
    /// <param name="keys">Keys that sign chunks.</param>
    /// <param name="reportKeys">Keys that sign reports alone.</param>
    public static byte[] Write(IEnumerable<ECDsa> keys, IEnumerable<ECDsa>? reportKeys = null)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            json.WriteStartArray("keys");
            var signing = keys.DistinctBy(SigningKey.Thumbprint).ToList();
            foreach (var key in signing) Write(json, key, purpose: null);
            foreach (var key in (reportKeys ?? []).DistinctBy(SigningKey.Thumbprint)
                .ExceptBy(signing.Select(SigningKey.Thumbprint), SigningKey.Thumbprint))
                Write(json, key, Reports);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>Reads the P-256 keys of a set that may sign; keys of other kinds are passed over (RFC 7517, section 5). A key's own
    /// <c>kid</c> is not believed: its name is always its thumbprint.</summary>
    /// <param name="json">The set.</param>
    /// <param name="purpose">What must be verified: a key that signs reports alone is passed over for anything else.</param>
    /// <exception cref="FormatException">Not a key set, or one with a P-256 key that is malformed.</exception>
    public static IReadOnlyList<ECDsa> Read(string json, KeyPurpose purpose = KeyPurpose.Recordings)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (json.Length > MaxLength) throw new FormatException($"a key set of {json.Length} characters is longer than {MaxLength}");
        try
        {
            using var document = JsonDocument.Parse(json, new() { MaxDepth = 16, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("keys", out var keys)
                || keys.ValueKind != JsonValueKind.Array)
                throw new FormatException("not a JSON Web Key Set: there is no array 'keys'");
            return [.. keys.EnumerateArray().Where(key => IsOurKind(key) && IsFor(key, purpose)).Select(Read)];
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"not a JSON Web Key Set: {malformed.Message}", malformed);
        }
    }

    private static void Write(Utf8JsonWriter json, ECDsa key, string? purpose)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        json.WriteStartObject();
        json.WriteString("kty", "EC");
        json.WriteString("crv", "P-256");
        json.WriteString("x", Base64Url.EncodeToString(point.X));
        json.WriteString("y", Base64Url.EncodeToString(point.Y));
        json.WriteString("kid", SigningKey.Thumbprint(key));
        json.WriteString("use", "sig");
        json.WriteString("alg", "ES256");
        if (purpose is not null) json.WriteString(Purpose, purpose);
        json.WriteEndObject();
    }

    private static bool IsOurKind(JsonElement key) =>
        Text(key, "kty") == "EC" && Text(key, "crv") == "P-256" && Text(key, "use") is null or "sig" && Text(key, "alg") is null or "ES256";

    // What no purpose is stated of may sign anything; of what a later version states, nothing is known here.
    private static bool IsFor(JsonElement key, KeyPurpose purpose) =>
        !key.TryGetProperty(Purpose, out var stated)
        || (purpose == KeyPurpose.Reports && stated.ValueKind == JsonValueKind.String && stated.GetString() == Reports);

    private static ECDsa Read(JsonElement key)
    {
        try
        {
            return ECDsa.Create(
                new ECParameters { Curve = ECCurve.NamedCurves.nistP256,
                    Q = new() { X = Coordinate(key, "x"), Y = Coordinate(key, "y") } });
        }
        catch (CryptographicException)
        {
            throw new FormatException("a key of the set is no point on the curve P-256");
        }
    }

    // RFC 7518, section 6.2.1.2: always the full 32 bytes.
    private static byte[] Coordinate(JsonElement key, string name) =>
        Text(key, name) is { } text && Base64Url.IsValid(text) && Base64Url.DecodeFromChars(text) is { Length: 32 } bytes
            ? bytes
            : throw new FormatException($"a key of the set has no '{name}' of 32 bytes in base64url");

    private static string? Text(JsonElement key, string name) =>
        key.ValueKind == JsonValueKind.Object && key.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        ? value.GetString()
        : null;
}
