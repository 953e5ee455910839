using System.Text.Json;
using Crispy.Archive.Retaining;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace Crispy.Archive.Api;

/// <summary>What is kept at any age: <c>/api/streams/{stream}/holds</c>.</summary>
internal static class HoldEndpoints
{
    private const string Path = "/streams/{stream}/holds";

    /// <summary>Maps them.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet(Path, ListAsync).Produces<HoldPage>().ProducesProblem(404).Describe("listHolds", "What is held",
            "The ranges of a stream that no rule deletes, by the bucket's objects themselves: one request of the bucket for each "
                + "thousand of them.",
            ArchiveDescription.Instant("from", "Begin of the range; by default the stream's beginning."),
                ArchiveDescription.Instant("to", "End of the range; by default its end."));
        api.MapPut(Path, HoldAsync).Produces<HoldReport>().ProducesProblem(404).ProducesProblem(415)
            .Describe("holdRange", "Hold a range",
                "Keeps every chunk and loss record of a range of at most a day that the bucket has. What waits in a spool is counted, "
                + "and not held: ask again when it is stored.").TakesRange();
        api.MapDelete(Path, ReleaseAsync).Produces<HoldReport>().ProducesProblem(404)
            .Describe("releaseRange", "Release a range",
                "Ends the hold of everything in a range of at most a day. What is older than it is kept is then deleted by the bucket.",
                ArchiveDescription.Instant("from", "Begin of the range."), ArchiveDescription.Instant("to", "End of the range."));
    }

    // Told by hand: a body that is bound, or declared to the routing, has a request without one go elsewhere.
    private static RouteHandlerBuilder TakesRange(this RouteHandlerBuilder endpoint) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        OpenApiSchema instant = new() { Type = JsonSchemaType.String, Format = "date-time" };
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true, Description = "The range, and why it is held.",
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new()
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object, Required = new HashSet<string> { "from", "to" },
                        Properties = new Dictionary<string, IOpenApiSchema>
                        {
                            ["from"] = instant, ["to"] = instant, ["note"] = new OpenApiSchema { Type = JsonSchemaType.String,
                                MaxLength = HoldMetadata.LongestNote },
                        },
                    },
                },
            },
        };
        return Task.CompletedTask;
    });

    private static async Task<IResult> ListAsync(string stream, HttpRequest request, ChunkArchive archive, CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var (from, to) = (query.Instant("from"), query.Instant("to"));
        return query.Problem ?? Json(await archive.HoldsAsync(stream, from, to, cancellation).ConfigureAwait(false));
    }

    // Read by hand: what is no JSON is told in the archive's own words.
    private static async Task<IResult> HoldAsync(string stream, HttpRequest request, ChunkArchive archive, CancellationToken cancellation)
    {
        if (!request.HasJsonContentType()) return Results.Problem("The body must be JSON (application/json).",
            statusCode: StatusCodes.Status415UnsupportedMediaType);
        HoldRequest? wish;
        try
        {
            wish = await request.ReadFromJsonAsync<HoldRequest>(ArchiveJson.Options, cancellation).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            throw new ArchiveQueryException("body",
                """it is no {"from": "2026-11-22T14:03:00Z", "to": "2026-11-22T14:10:00Z", "note": "why"}""");
        }
        return Json(await SetAsync(stream, wish?.From, wish?.To, true, wish?.Note, archive, cancellation).ConfigureAwait(false));
    }

    private static async Task<IResult> ReleaseAsync(string stream, HttpRequest request, ChunkArchive archive,
        CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var (from, to) = (query.Instant("from"), query.Instant("to"));
        return query.Problem ?? Json(await SetAsync(stream, from, to, false, null, archive, cancellation).ConfigureAwait(false));
    }

    private static Task<HoldReport> SetAsync(string stream, DateTimeOffset? from, DateTimeOffset? to, bool held, string? note,
        ChunkArchive archive, CancellationToken cancellation) =>
        archive.HoldAsync(stream, from ?? throw new ArchiveQueryException("from", "it is missing: a range needs both ends"),
            to ?? throw new ArchiveQueryException("to", "it is missing: a range needs both ends"), held, note, cancellation);

    private static IResult Json<T>(T value) => Results.Json(value, ArchiveJson.Options);
}
