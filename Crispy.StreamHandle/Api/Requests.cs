using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Contracts;
using Crispy.StreamHandle.Redacting;
using Crispy.StreamHandle.Registering;
using Microsoft.AspNetCore.Http.Features;

namespace Crispy.StreamHandle.Api;

/// <summary>Reads what requests bring, and refuses what is wrong by the name of its field.</summary>
internal static class Requests
{
    /// <summary>Bytes of a body at most.</summary>
    public const int MaxBody = 64 * 1024;

    /// <summary>Bytes at most of a body that names many chunks.</summary>
    public const int MaxLongBody = 128 * 1024;

    private const int MaxPage = 1000;

    /// <summary>How many items a page is to have: 1 to 1000, by default 100.</summary>
    public static int Limit(string? text) => text is null ? 100
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxPage ? limit
        : throw RefusalException.BadField("limit", $"is '{Short(text)}': must be a whole number from 1 to {MaxPage}");

    /// <summary>A stream's id in a query; null where there is none.</summary>
    public static string? StreamIn(string field, string? text) =>
        text is null || StreamId.IsValid(text) ? text : throw RefusalException.BadField(field, $"is '{Short(text)}': not a stream's id");

    /// <summary>A chunk's id in a query; null where there is none.</summary>
    public static ChunkId? ChunkIn(string field, string? text) => text is null ? null : ChunkId.TryParse(text, out var id)
        ? id
        : throw RefusalException.BadField(field, $"is '{Short(text)}': not a chunk's id");

    /// <summary>The version that If-Match (RFC 9110, section 13.1.1) asks for; null where any will do.</summary>
    public static long? Version(HttpRequest request)
    {
        var text = request.Headers.IfMatch.ToString().Trim();
        if (text is "" or "*") return null;
        return long.TryParse(text.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version
            : throw RefusalException.BadField("If-Match", $"is '{Short(text)}': must be the version of a stream in quotation marks, or *");
    }

    /// <summary>The body as a JSON object.</summary>
    /// <param name="request">The request.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <exception cref="RefusalException">It is not said to be JSON (415), is too large (413), or is none (400).</exception>
    public static async Task<JsonObject> ObjectAsync(HttpRequest request, int most = MaxBody) =>
        await NodeAsync(request, most) as JsonObject ?? throw RefusalException.BadField("$", "must be a JSON object");

    /// <summary>The body as a JSON object of a known kind; null where there is no body.</summary>
    public static async Task<T?> BodyAsync<T>(HttpRequest request, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type,
        int most = MaxBody) where T : class
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true) return null;
        var json = await ObjectAsync(request, most);
        RequireKnown(json, [.. type.Properties.Select(property => property.Name)]);
        try
        {
            return json.Deserialize(type);
        }
        catch (JsonException wrong)
        {
            throw RefusalException.BadField(wrong.Path?.TrimStart('$', '.') is { Length: > 0 } path ? path : "$",
                "has a value of another kind than its schema says");
        }
    }

    /// <summary>Refuses a body with other fields.</summary>
    public static void RequireKnown(JsonObject json, params IReadOnlyList<string> known)
    {
        if (json.Select(field => field.Key).FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown)
            throw RefusalException.BadField(Short(unknown), $"is not a known field (known: {string.Join(", ", known)})");
    }

    private static async Task<JsonNode?> NodeAsync(HttpRequest request, int most)
    {
        if (!RequestGuard.IsJson(request))
            throw new RefusalException(StatusCodes.Status415UnsupportedMediaType, ProblemTypes.NotJson, "Not JSON",
                "This needs a body, with the Content-Type application/json.");
        try
        {
            if (request.ContentLength > most) throw TooLarge(most);
            using var body = new MemoryStream();
            var buffer = new byte[16 * 1024];
            while (await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted) is > 0 and var read)
            {
                if (body.Length + read > most) throw TooLarge(most);
                body.Write(buffer, 0, read);
            }
            return JsonNode.Parse(body.ToArray(), documentOptions: new() { AllowDuplicateProperties = false, MaxDepth = 8 });
        }
        catch (JsonException broken)
        {
            // Its message may quote what stands there, and that may be a password.
            throw RefusalException.BadField("$", $"is not JSON (line {broken.LineNumber + 1}, byte {broken.BytePositionInLine})");
        }
    }

    private static RefusalException TooLarge(int most) =>
        new(StatusCodes.Status413PayloadTooLarge, ProblemTypes.TooLarge, "Body too large", $"A body has at most {most} bytes.");

    private static string Short(string text) => Redaction.Apply(text.Length > 100 ? text[..100] + "…" : text);
}
