using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Crispy.Contracts;

namespace Crispy.StreamHandle.Registering;

/// <summary>A record as it lies in Redis, which must not be trusted. It is signed as manifests are, by a detached JWS (ES256) over the
/// exact bytes of the record.</summary>
/// <param name="Version">The record's version, for Redis to compare.</param>
/// <param name="Changed">The record's time, for Redis to compare.</param>
/// <param name="Record">The record's bytes.</param>
/// <param name="Signature">Over them.</param>
internal sealed record SharedRecord(long Version, string Changed, byte[] Record, string Signature)
{
    /// <summary>Signs a record.</summary>
    public static SharedRecord Of(StreamRecord record, ManifestSigner signer)
    {
        var bytes = record.ToJson();
        return new(record.Version, record.Changed.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), bytes, signer.Sign(bytes));
    }

    /// <summary>What is stored.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SharedJson.Default.SharedRecord);

    /// <summary>Reads what is stored, and believes it only with the signature of a known key.</summary>
    /// <exception cref="FormatException">It is malformed, of another stream, or not signed by a known key.</exception>
    public static StreamRecord Parse(string stream, byte[] json, ManifestVerifier verifier)
    {
        try
        {
            if (JsonSerializer.Deserialize(json, SharedJson.Default.SharedRecord) is not { Record: { } bytes } shared)
                throw new FormatException("it holds no record");
            var signature = verifier.Check(bytes, shared.Signature);
            if (signature != SignatureState.Verified) throw new FormatException($"its signature is {SignatureStateText.Of(signature)}");
            var record = StreamRecord.Parse(bytes);
            return record.Id == stream ? record : throw new FormatException($"it is the record of '{record.Id}'");
        }
        catch (JsonException)
        {
            throw new FormatException("it is not JSON of a shared record");
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(SharedRecord))]
internal sealed partial class SharedJson : JsonSerializerContext;
