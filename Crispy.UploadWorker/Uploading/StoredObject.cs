using System.Globalization;
using System.Text.Json;

namespace Crispy.UploadWorker.Uploading;

/// <summary>An object as the bucket describes it.</summary>
/// <param name="Generation">Its generation.</param>
/// <param name="Crc32c">CRC32C of its bytes, base64.</param>
internal sealed record StoredObject(long Generation, string Crc32c)
{
    /// <summary>The fields that are asked for.</summary>
    public const string Fields = "generation,crc32c";

    /// <summary>Reads an object's resource, as in <c>{"generation":"1764000000000001","crc32c":"yZRlqg=="}</c>;
    /// numbers of 64 bits travel as text.</summary>
    /// <exception cref="JsonException">It is not one.</exception>
    public static StoredObject Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        return root.ValueKind == JsonValueKind.Object
            && root.TryGetProperty("crc32c", out var crc) && crc.ValueKind == JsonValueKind.String
            && root.TryGetProperty("generation", out var text) && text.ValueKind == JsonValueKind.String
            && long.TryParse(text.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var generation)
                ? new(generation, crc.GetString()!)
                : throw new JsonException("the bucket's answer is not an object's resource");
    }
}
