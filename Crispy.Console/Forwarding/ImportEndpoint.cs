using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Console.StreamHandles;
using Microsoft.AspNetCore.Mvc;

namespace Crispy.Console.Forwarding;

/// <summary><c>POST /api/streams/import</c>, over all stream-handles.</summary>
internal static class ImportEndpoint
{
    private static readonly string[] Known = ["dryRun", "items", "onlyGood", "replace"];

    /// <summary>Maps it.</summary>
    public static void MapImport(this IEndpointRouteBuilder routes) => routes.MapPost("/api/streams/import", ImportAsync)
        .WithMetadata(new RequestSizeLimitAttribute(ImportRequest.MaxBytes)).ExcludeFromDescription();

    private static async Task<IResult> ImportAsync(HttpRequest request, StreamImporter importer)
    {
        try
        {
            var given = await ReadAsync(request);
            if (given.Select(field => field.Key).FirstOrDefault(field => !Known.Contains(field, StringComparer.Ordinal)) is not null)
                throw Wrong("$", $"has a field that is not known (known: {string.Join(", ", Known)})");
            if (given["items"] is not JsonArray { Count: >= 1 and <= ImportRequest.MaxItems } items)
                throw Wrong("items", $"must be a list of 1 to {ImportRequest.MaxItems} definitions");
            // What has begun is finished, though nobody waits for it any more.
            var report = await importer.RunAsync([.. items], YesNo(given, "dryRun"), YesNo(given, "replace"),
                YesNo(given, "onlyGood"), CancellationToken.None);
            return TypedResults.Json(report, ApiJson.Options);
        }
        catch (RefusedException refused)
        {
            return refused.ToProblem();
        }
        catch (HttpRequestException none)
        {
            return Results.Problem(none.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "No stream-handle");
        }
    }

    private static async Task<JsonObject> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > ImportRequest.MaxBytes) throw TooLarge();
        try
        {
            var node = await JsonNode.ParseAsync(request.Body, documentOptions: new() { AllowDuplicateProperties = false, MaxDepth = 8 },
                cancellationToken: request.HttpContext.RequestAborted);
            return node as JsonObject ?? throw Wrong("$", "must be a JSON object");
        }
        catch (JsonException broken)
        {
            // Its message may quote what stands there, and that may be a password.
            throw Wrong("$", $"is not JSON (line {broken.LineNumber + 1}, byte {broken.BytePositionInLine})");
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge();
        }
    }

    private static RefusedException TooLarge() =>
        new(StatusCodes.Status413PayloadTooLarge, $"A body has at most {ImportRequest.MaxBytes} bytes.");

    private static bool YesNo(JsonObject given, string field) => given[field] switch
    {
        null => false,
        JsonValue value when value.TryGetValue<bool>(out var truth) => truth,
        _ => throw Wrong(field, "must be true or false"),
    };

    private static RefusedException Wrong(string field, string message) =>
        new(StatusCodes.Status400BadRequest, $"{field} {message}", new Dictionary<string, string[]> { [field] = [message] });
}
