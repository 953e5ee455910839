using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Storing;
using Microsoft.Extensions.Primitives;
using Microsoft.Win32.SafeHandles;

namespace Crispy.CloudEmulator.Sending;

/// <summary>An object's bytes, or a range of them, as an answer of either API.</summary>
internal static class Download
{
    private const int BlockSize = 64 * 1024;

    public static async Task SendAsync(HttpContext context, StoredObject stored, SafeFileHandle file)
    {
        var response = context.Response;
        if (IsToBeInflated(context.Request, stored, file))
        {
            WriteHeaders(context, stored);
            WriteHash(context, stored);
            response.Headers.ContentEncoding = default;
            response.Headers.Warning = "214 UploadServer gunzipped";
            if (!HttpMethods.IsHead(context.Request.Method)) await InflateAsync(context, file);
            return;
        }
        var range = ByteRange.Parse(context.Request.Headers.Range, stored.Size);
        WriteHeaders(context, stored);
        var (offset, length) = range is { } part ? (part.Offset, part.Length) : (0, stored.Size);
        // Of a part the service tells no checksum: that of the whole would be held against it.
        if (range is null || context.ShowsHashOfWhole()) WriteHash(context, stored);
        if (range is not null)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {offset}-{offset + length - 1}/{stored.Size}";
        }
        response.ContentLength = length;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await CopyAsync(context, file, offset, length);
    }

    /// <summary>
    /// Decompressive transcoding: to who does not take gzip, what is stored gzipped goes out inflated and whole, for any range.
    /// </summary>
    private static bool IsToBeInflated(HttpRequest request, StoredObject stored, SafeFileHandle file)
    {
        if (stored.Attributes.ContentEncoding != "gzip"
            || stored.Attributes.CacheControl?.Contains("no-transform", StringComparison.OrdinalIgnoreCase) == true
            || request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase)) return false;
        Span<byte> magic = stackalloc byte[2];
        return RandomAccess.Read(file, magic, 0) == 2 && magic.SequenceEqual<byte>([0x1F, 0x8B]);
    }

    private static async Task InflateAsync(HttpContext context, SafeFileHandle file)
    {
        await using var source = new FileStream(file, FileAccess.Read, bufferSize: 0);
        await using var inflated = new GZipStream(source, CompressionMode.Decompress);
        await inflated.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static void WriteHeaders(HttpContext context, StoredObject stored)
    {
        var headers = context.Response.Headers;
        var query = context.Request.Query;
        var attributes = stored.Attributes;
        context.Response.ContentType = Given(query["response-content-type"]) ?? Given(attributes.ContentType) ?? "application/octet-stream";
        headers.ContentDisposition = Given(query["response-content-disposition"]) ?? Given(attributes.ContentDisposition);
        headers.ContentEncoding = Given(attributes.ContentEncoding);
        headers.ContentLanguage = Given(attributes.ContentLanguage);
        headers.CacheControl = Given(attributes.CacheControl);
        headers.AcceptRanges = "bytes";
        headers.ETag = stored.Md5 is { } md5 ? $"\"{Convert.ToHexStringLower(Convert.FromBase64String(md5))}\"" : $"\"{stored.ETag}\"";
        headers.LastModified = stored.Updated.ToString("R", CultureInfo.InvariantCulture);
        headers["x-goog-generation"] = stored.Generation.ToString(CultureInfo.InvariantCulture);
        headers["x-goog-metageneration"] = stored.Metageneration.ToString(CultureInfo.InvariantCulture);
        headers["x-goog-stored-content-length"] = stored.Size.ToString(CultureInfo.InvariantCulture);
        headers["x-goog-stored-content-encoding"] = Given(attributes.ContentEncoding) ?? "identity";
        headers["x-goog-storage-class"] = Given(attributes.StorageClass) ?? "STANDARD";
        foreach (var (key, value) in attributes.Metadata)
        {
            if (IsHeader(key, value)) headers["x-goog-meta-" + key] = value;
        }
    }

    /// <summary>The object's checksums, also of what an upload stored: one line in the JSON API, one each in the XML API.</summary>
    public static void WriteHash(HttpContext context, StoredObject stored)
    {
        var crc32c = "crc32c=" + (context.ShownCrc32c() ?? stored.Crc32c);
        context.Response.Headers["x-goog-hash"] = stored.Md5 is null ? crc32c
            : RequestTarget.Of(context).IsJsonApi ? $"{crc32c},md5={stored.Md5}"
            : new StringValues([crc32c, "md5=" + stored.Md5]);
    }

    private static async Task CopyAsync(HttpContext context, SafeFileHandle file, long offset, long length)
    {
        var block = ArrayPool<byte>.Shared.Rent((int)Math.Min(BlockSize, Math.Max(length, 1)));
        try
        {
            while (length > 0)
            {
                var read = RandomAccess.Read(file, block.AsSpan(0, (int)Math.Min(block.Length, length)), offset);
                if (read == 0) throw new InvalidDataException("The object's file is shorter than its record says");
                await context.Response.Body.WriteAsync(block.AsMemory(0, read), context.RequestAborted);
                offset += read;
                length -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    // What came as JSON, or by a query, may hold what a header cannot: then it is left out.
    private static bool IsHeader(string key, string value) =>
        key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && IsValue(value);

    private static bool IsValue(string value) => value.All(c => c is >= ' ' and < '\x7f');

    private static string? Given(string? text) => string.IsNullOrEmpty(text) || !IsValue(text) ? null : text;
}
