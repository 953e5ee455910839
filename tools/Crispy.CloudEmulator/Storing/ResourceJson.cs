using System.Globalization;
using System.Text.Json;
using Crispy.CloudEmulator.Http;

namespace Crispy.CloudEmulator.Storing;

/// <summary>The JSON API's resources. 64-bit numbers are strings there.</summary>
internal static class ResourceJson
{
    /// <summary>RFC 3339 in UTC with milliseconds.</summary>
    public static string Time(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static byte[] Object(StoredObject stored, string baseUri, string? shownCrc32c = null) =>
        JsonBody.Compose(json => Write(json, stored, baseUri, shownCrc32c));

    /// <param name="json">Gets one object.</param>
    /// <param name="stored">What to show.</param>
    /// <param name="baseUri">The server as the caller addressed it.</param>
    /// <param name="shownCrc32c">Instead of the true one: a fault that was asked for.</param>
    public static void Write(Utf8JsonWriter json, StoredObject stored, string baseUri, string? shownCrc32c = null)
    {
        var path = $"b/{stored.Bucket}/o/{Uri.EscapeDataString(stored.Name)}";
        var generation = Number(stored.Generation);
        json.WriteStartObject();
        json.WriteString("kind", "storage#object");
        json.WriteString("id", $"{stored.Bucket}/{stored.Name}/{generation}");
        json.WriteString("selfLink", $"{baseUri}/storage/v1/{path}");
        json.WriteString("mediaLink", $"{baseUri}/download/storage/v1/{path}?generation={generation}&alt=media");
        json.WriteString("name", stored.Name);
        json.WriteString("bucket", stored.Bucket);
        json.WriteString("generation", generation);
        json.WriteString("metageneration", Number(stored.Metageneration));
        Optional(json, "contentType", stored.Attributes.ContentType);
        Optional(json, "contentEncoding", stored.Attributes.ContentEncoding);
        Optional(json, "contentDisposition", stored.Attributes.ContentDisposition);
        Optional(json, "contentLanguage", stored.Attributes.ContentLanguage);
        Optional(json, "cacheControl", stored.Attributes.CacheControl);
        Optional(json, "customTime", stored.Attributes.CustomTime);
        Optional(json, "temporaryHold", stored.Attributes.TemporaryHold);
        Optional(json, "eventBasedHold", stored.Attributes.EventBasedHold);
        json.WriteString("storageClass", stored.Attributes.StorageClass ?? "STANDARD");
        json.WriteString("size", Number(stored.Size));
        Optional(json, "md5Hash", stored.Md5);
        json.WriteString("crc32c", shownCrc32c ?? stored.Crc32c);
        if (stored.Components is { } components) json.WriteNumber("componentCount", components);
        json.WriteString("etag", stored.ETag);
        json.WriteString("timeCreated", Time(stored.Created));
        json.WriteString("updated", Time(stored.Updated));
        json.WriteString("timeStorageClassUpdated", Time(stored.Created));
        json.WriteString("timeFinalized", Time(stored.Created));
        if (stored.Attributes.Metadata.Count > 0)
        {
            json.WriteStartObject("metadata");
            foreach (var (key, value) in stored.Attributes.Metadata) json.WriteString(key, value);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, Bucket bucket, string baseUri)
    {
        json.WriteStartObject();
        json.WriteString("kind", "storage#bucket");
        json.WriteString("id", bucket.Name);
        json.WriteString("selfLink", $"{baseUri}/storage/v1/b/{bucket.Name}");
        json.WriteString("name", bucket.Name);
        json.WriteString("projectNumber", "0");
        json.WriteString("metageneration", Number(bucket.Metageneration));
        json.WriteString("location", bucket.Location);
        json.WriteString("locationType", bucket.Location is "US" or "EU" or "ASIA" ? "multi-region" : "region");
        json.WriteString("storageClass", bucket.StorageClass);
        json.WriteString("etag", ETag.OfBucket(bucket.Metageneration));
        json.WriteString("timeCreated", Time(bucket.Created));
        json.WriteString("updated", Time(bucket.Updated));
        if (!bucket.Settings.Has("iamConfiguration"))
        {
            json.WriteStartObject("iamConfiguration");
            json.WriteStartObject("uniformBucketLevelAccess");
            json.WriteBoolean("enabled", true);
            json.WriteEndObject();
            json.WriteString("publicAccessPrevention", "inherited");
            json.WriteEndObject();
        }
        bucket.Settings.WriteTo(json);
        json.WriteEndObject();
    }

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static void Optional(Utf8JsonWriter json, string property, bool? value)
    {
        if (value is { } flag) json.WriteBoolean(property, flag);
    }

    private static void Optional(Utf8JsonWriter json, string property, string? value)
    {
        if (value is not null) json.WriteString(property, value);
    }
}
