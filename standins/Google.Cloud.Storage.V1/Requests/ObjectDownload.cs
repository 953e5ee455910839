using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Numerics;
using Google.Apis.Download;
using Google.Apis.Services;
using Object = Google.Apis.Storage.v1.Data.Object;

namespace Google.Cloud.Storage.V1.Requests;

/// <summary>A download that remembers what the headers say of the object, and compares the CRC32C of a whole object with the one that they give.</summary>
internal sealed class ObjectDownload : MediaDownloader
{
    private readonly bool _validates;
    private string? _expected;
    private uint _crc;

    public ObjectDownload(IClientService service, Object metadata, DownloadObjectOptions? options)
        : base(service)
    {
        Object = metadata;
        _validates = options?.DownloadValidationMode != DownloadValidationMode.Never;
        if (options?.ChunkSize is { } size) ChunkSize = size;
        if (options?.Range is { } range) Range = range;
    }

    public Object Object { get; }

    protected override void OnResponseReceived(HttpResponseMessage response)
    {
        _crc = uint.MaxValue;
        Object.Generation = Number(response, "x-goog-generation") ?? Object.Generation;
        Object.Metageneration = Number(response, "x-goog-metageneration") ?? Object.Metageneration;
        Object.ContentType = response.Content.Headers.ContentType?.ToString() ?? Object.ContentType;
        Object.ETag = response.Headers.ETag?.Tag ?? Object.ETag;
        Object.Crc32c = Hash(response, "crc32c=") ?? Object.Crc32c;
        Object.Md5Hash = Hash(response, "md5=") ?? Object.Md5Hash;
        _expected = _validates && response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentEncoding.Count == 0 ? Object.Crc32c : null;
    }

    protected override void OnDataReceived(byte[] data, int length)
    {
        if (_expected is null) return;
        foreach (var one in data.AsSpan(0, length)) _crc = BitOperations.Crc32C(_crc, one);
    }

    protected override void OnDownloadCompleted()
    {
        if (_expected is null) return;
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ~_crc);
        var actual = Convert.ToBase64String(bytes);
        if (actual != _expected) throw new IOException($"Incorrect hash: expected CRC32C '{_expected}', was '{actual}'");
    }

    private static long? Number(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Hash(HttpResponseMessage response, string prefix) => response.Headers.TryGetValues("x-goog-hash", out var values)
        ? values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries))
            .FirstOrDefault(value => value.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))?[prefix.Length..]
        : null;
}
