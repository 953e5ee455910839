using System.Globalization;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Crispy.CloudEmulator.Http;

/// <summary>Small JSON bodies in and out.</summary>
internal static class JsonBody
{
    /// <summary>Bytes of JSON, inflated, that a request may hold.</summary>
    public const int Limit = 1 << 20;

    // Below it, compressing costs more than it saves.
    private const int LeastToCompress = 1024;

    /// <summary>The body's object; an empty object when there is no body. Official clients gzip it.</summary>
    public static async Task<JsonElement> ReadAsync(HttpRequest request)
    {
        var gzip = request.Headers.ContentEncoding.ToString().Equals("gzip", StringComparison.OrdinalIgnoreCase);
        await using var body = gzip ? new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true) : request.Body;
        using var buffer = new MemoryStream();
        var block = new byte[16 * 1024];
        try
        {
            for (int read; (read = await body.ReadAsync(block, request.HttpContext.RequestAborted)) > 0;)
            {
                buffer.Write(block, 0, read);
                if (buffer.Length > Limit) throw StorageException.Invalid("Request body is too large");
            }
        }
        catch (InvalidDataException)
        {
            throw StorageException.Invalid("Request body is not valid gzip");
        }
        return Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }

    /// <summary>A JSON object; empty or white text counts as an empty one.</summary>
    public static JsonElement Parse(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Span.Trim(" \r\n\t"u8).IsEmpty) utf8 = "{}"u8.ToArray();
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new StorageException(400, "parseError", "InvalidArgument", "Parse Error: a JSON object was expected");
        }
        catch (JsonException)
        {
            throw new StorageException(400, "parseError", "InvalidArgument", "Parse Error");
        }
    }

    /// <summary>A string property, null where there is none.</summary>
    public static string? Text(JsonElement resource, string property) =>
        resource.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A 64-bit number, which comes as a string or as a number; null where there is none.</summary>
    public static long? Number(JsonElement resource, string property)
    {
        if (!resource.TryGetProperty(property, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return long.TryParse(value.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw StorageException.Invalid($"Invalid value for {property}: '{value}' is not a 64-bit number");
    }

    /// <summary>Answers with JSON, or the fields of it that the request asks for.</summary>
    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> json, int status = 200)
    {
        if (FieldMask.Of(context.Request) is { } mask)
        {
            var some = mask.Apply(JsonNode.Parse(json.Span));
            json = Compose(writer => some!.WriteTo(writer));
        }
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=UTF-8";
        if (json.Length >= LeastToCompress && TakesGzip(context.Request))
        {
            context.Response.Headers.ContentEncoding = "gzip";
            json = Compressed(json.Span);
        }
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }

    // Google's APIs compress where both headers say so, as those of the official clients do.
    private static bool TakesGzip(HttpRequest request) =>
        request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase)
        && request.Headers.UserAgent.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);

    private static ReadOnlyMemory<byte> Compressed(ReadOnlySpan<byte> json)
    {
        using var buffer = new MemoryStream(json.Length / 4);
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(json);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    /// <summary>Composes JSON text.</summary>
    public static byte[] Compose(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream(1024);
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) write(json);
        return buffer.ToArray();
    }
}
