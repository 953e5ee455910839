using System.Text;
using System.Text.Json;
using Crispy.CloudEmulator.Http;

namespace Crispy.CloudEmulator.Storing;

/// <summary>An object as its uploader announces it, before its bytes are known.</summary>
internal sealed record ObjectDraft
{
    public required string Bucket { get; init; }

    public required string Name { get; init; }

    public ObjectAttributes Attributes { get; init; } = new();

    /// <summary>Base64, to be compared with what arrives.</summary>
    public string? Crc32c { get; init; }

    /// <summary>Base64, to be compared with what arrives.</summary>
    public string? Md5 { get; init; }

    /// <summary>Objects that it is composed of; null for an upload.</summary>
    public int? Components { get; init; }

    /// <summary>
    /// With the checksums of a request's <c>x-goog-hash</c>, such as <c>crc32c=mnG7TA==,md5=XUFAKrxLKna5cZ2REBfFkg==</c>.
    /// </summary>
    /// <exception cref="StorageException">400: the object's JSON has announced others.</exception>
    public ObjectDraft WithHashes(IHeaderDictionary headers)
    {
        var hashes = headers["x-goog-hash"].SelectMany(line => line!.Split(',', StringSplitOptions.TrimEntries)).ToList();
        return this with { Crc32c = Agreed("crc32c", Crc32c), Md5 = Agreed("md5", Md5) };

        string? Agreed(string kind, string? announced)
        {
            var hash = hashes.Find(each => each.StartsWith(kind + "=", StringComparison.OrdinalIgnoreCase))?[(kind.Length + 1)..];
            return announced is null || hash is null || hash == announced ? hash ?? announced
                : throw StorageException.Invalid($"The {kind} of X-Goog-Hash, {hash}, is not that of the object's metadata, {announced}.");
        }
    }

    /// <summary>From the JSON resource of an upload; the query's name is used where the resource has none.</summary>
    public static ObjectDraft FromJson(string bucket, JsonElement resource, string? queryName, string? contentType)
    {
        var name = JsonBody.Text(resource, "name") ?? queryName;
        if (string.IsNullOrEmpty(name)) throw StorageException.Required("name");
        var attributes = new ObjectAttributes().With(resource);
        return new()
        {
            Bucket = bucket,
            Name = CheckedName(name),
            Attributes = attributes.ContentType is null ? attributes with { ContentType = contentType } : attributes,
            Crc32c = JsonBody.Text(resource, "crc32c"),
            Md5 = JsonBody.Text(resource, "md5Hash"),
        };
    }

    /// <summary>Cloud Storage's rules: 1 to 1024 bytes of valid UTF-8, no line breaks, not "." nor "..".</summary>
    public static string CheckedName(string name)
    {
        int bytes;
        try
        {
            bytes = StrictUtf8.GetByteCount(name);
        }
        catch (EncoderFallbackException)
        {
            throw StorageException.Invalid("Invalid object name: not valid Unicode");
        }
        if (bytes is < 1 or > 1024)
            throw new StorageException(400, "invalid", bytes == 0 ? "InvalidArgument" : "KeyTooLongError",
                $"The specified object name is not valid: it must be 1 to 1024 bytes long in UTF-8, not {bytes}.");
        if (name is "." or ".." || name.AsSpan().ContainsAny('\r', '\n') || name.Contains('\0', StringComparison.Ordinal)
            || name.StartsWith(".well-known/acme-challenge/", StringComparison.Ordinal))
            throw StorageException.Invalid("Disallowed unicode characters present in object name, or a reserved name.");
        return name;
    }

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
}
