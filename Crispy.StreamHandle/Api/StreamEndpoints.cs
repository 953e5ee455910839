using System.Text.Json.Nodes;
using Crispy.Contracts;
using Crispy.StreamHandle.Registering;
using Crispy.StreamHandle.Reporting;
using Crispy.StreamHandle.Sources;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Crispy.StreamHandle.Api;

/// <summary>The HTTP API of streams: what they do now, and what they are.</summary>
public static class StreamEndpoints
{
    private const string Json = "application/json";
    private const string MergePatch = "application/merge-patch+json";

    /// <summary>Maps <c>/api/status</c> and <c>/api/streams</c> with all below it. Errors are problem details (RFC 9457).</summary>
    public static void MapStreams(this IEndpointRouteBuilder api)
    {
        MapReading(api);
        MapSpooledChunk(api);
        MapDefining(api);
        MapImport(api);
        MapProbe(api);
        MapSteering(api);
    }

    private static void MapReading(IEndpointRouteBuilder api)
    {
        api.MapGet("/api/status", (StatusReader reader) => TypedResults.Json(reader.Read(), ApiJson.Default.StatusReport))
            .Describe("getStatus", "Everything at once", "All streams and their sums, counted on disk at each call.")
            .Produces<StatusReport>();
        api.MapGet("/api/streams", (StatusReader reader, string? limit, string? after) =>
                TypedResults.Json(reader.ReadPage(Requests.StreamIn("after", after), Requests.Limit(limit)), ApiJson.Default.StreamPage))
            .Describe("listStreams", "Streams", "A page of streams, by id. A removed one is shown until its spool is empty.")
            .Produces<StreamPage>().Refuses(400).Paged("the last stream's id of the page before");
        api.MapGet("/api/streams/{id}", (string id, StatusReader reader, HttpContext context) => Show(id, reader, context))
            .Describe("getStream", "One stream", "With its definition, secrets left out, and its version as ETag.")
            .Produces<StreamReport>().Refuses(404);
        api.MapGet("/api/streams/{id}/spool", (string id, SpoolReader reader, string? limit, string? after) =>
                reader.Read(id, Requests.ChunkIn("after", after), Requests.Limit(limit)) is { } page
                ? TypedResults.Json(page, SpoolJson.Default.SpoolPage)
                : throw RefusalException.UnknownStream(id))
            .Describe("listSpool", "What of a stream waits in the spool",
                "Chunks that are not in the bucket yet, in the order in which they were recorded.").Produces<SpoolPage>().Refuses(400, 404)
                    .Paged("the last chunk's id of the page before");
    }

    private static void MapSpooledChunk(IEndpointRouteBuilder api) =>
        api.MapGet("/api/streams/{id}/spool/{sequence}", (string id, string sequence, SpoolReader reader, HttpResponse response) =>
            {
                if (reader.Open(id, sequence) is not { } found)
                    throw new RefusalException(StatusCodes.Status404NotFound, ProblemTypes.UnknownSpooledChunk, "Unknown chunk",
                        $"No chunk {sequence} of '{id}' waits in the spool.");
                response.Headers.CacheControl = "no-store";
                response.Headers[SpoolPage.ObjectHeader] = found.Manifest.Object;
                return TypedResults.Stream(found.Video, ChunkContainer.ContentType(found.Manifest.Container));
            })
            .Describe("getSpooledChunk", "The video of a chunk that waits",
                "As it was recorded, while it is not in the bucket yet; Crispy-Object says under which name it will be stored.")
            .Produces(StatusCodes.Status200OK, contentType: ChunkContainer.ContentType(ChunkContainer.Matroska)).Refuses(404);

    private static void MapDefining(IEndpointRouteBuilder api)
    {
        api.MapPost("/api/streams", async (HttpRequest request, StreamEditor editor, StatusReader reader) =>
            {
                var id = await editor.CreateAsync(await Requests.ObjectAsync(request));
                request.HttpContext.Response.Headers.Location = $"/api/streams/{id}";
                return Show(id, reader, request.HttpContext, StatusCodes.Status201Created);
            })
            .Accepts<StreamDefinition>(Json)
            .Describe("createStream", "Make a stream",
                "Recorded at once, without touching the others, and after every restart. The ids of configured streams are taken.")
            .Produces<StreamReport>(StatusCodes.Status201Created).Refuses(400, 409, 413, 415);
        api.MapPut("/api/streams/{id}",
            (string id, HttpRequest request, StreamEditor editor, StatusReader reader) => ChangeAsync(id, request, false, editor, reader))
            .Accepts<StreamDefinition>(Json)
            .Describe("replaceStream", "Replace a definition",
                "The last chunk of the old definition is closed as final, and a new epoch begins. A change of name or spoolShare alone "
                    + "does not interrupt. An absent or redacted url stays as it is.")
            .Produces<StreamReport>().Refuses(400, 404, 409, 412, 413, 415).Conditional();
        api.MapPatch("/api/streams/{id}",
            (string id, HttpRequest request, StreamEditor editor, StatusReader reader) => ChangeAsync(id, request, true, editor, reader))
            .Accepts<StreamDefinition>(MergePatch, Json)
            .Describe("changeStream", "Change a stream",
                "A merge patch (RFC 7396) of its definition: null takes a key back to its default.")
            .Produces<StreamReport>().Refuses(400, 404, 409, 412, 413, 415).Conditional();
        api.MapDelete("/api/streams/{id}", async (string id, HttpRequest request, StreamEditor editor) =>
            {
                await editor.RemoveAsync(id, Requests.Version(request));
                return TypedResults.NoContent();
            })
            .Describe("removeStream", "Remove a stream",
                "Its last chunk is closed as final. What lies in its spool is still uploaded, and it is shown until nothing is left there.")
            .Produces(StatusCodes.Status204NoContent).Refuses(400, 404, 409, 412).Conditional();
    }

    private static void MapImport(IEndpointRouteBuilder api) =>
        api.MapPost("/api/streams/import", ImportAsync).Accepts<ImportRequest>(Json)
            .WithMetadata(new RequestSizeLimitAttribute(2 * ImportRequest.MaxBytes))
            .Describe("importStreams", "Make many streams",
                "All definitions are looked at first. Where one is wrong nothing is done, unless onlyGood asks for the good ones; that is "
                    + "no error of the request. "
                + "A stream that is there with the same definition is left alone. One with another definition is wrong, unless replace "
                + "asks for it. Then an absent or redacted url stays. Sent once more, the request does what was not done.")
            .Produces<ImportReport>().Refuses(400, 413, 415);

    private static void MapProbe(IEndpointRouteBuilder api) =>
        api.MapPost("/api/streams/probe", ProbeAsync).Accepts<TrialRequest>(Json)
            .Describe("probeStream", "Try an address",
                "Opens it once or twice, for 15 s at most: codecs, size, frames, keyframes, audio and a picture. Or it says why not, which "
                    + "is no error of the request.")
            .Produces<TrialReport>().Refuses(400, 413, 415, 429);

    private static void MapSteering(IEndpointRouteBuilder api)
    {
        Map("pause", "Pause a stream", "Its last chunk is closed as final. It stays paused through restarts.",
            (editor, id, version) => editor.EnableAsync(id, false, version)).Refuses(400, 404, 412);
        Map("resume", "Resume a paused stream", "A new epoch begins.", (editor, id, version) => editor.EnableAsync(id, true, version))
            .Refuses(400, 404, 412);
        Map("restart", "Restart a stream",
            "Its last chunk is closed as final, its source is opened again, and a new epoch begins. A file goes on where it was, or from "
                + "its beginning if it was read to its end.",
            (editor, id, version) => editor.RestartAsync(id, version)).Refuses(400, 404, 409, 412);

        RouteHandlerBuilder Map(string what, string summary, string description, Func<StreamEditor, string, long?, Task> act) =>
            api.MapPost($"/api/streams/{{id}}/{what}", async (string id, HttpRequest request, StreamEditor editor, StatusReader reader) =>
            {
                await act(editor, id, Requests.Version(request));
                return Show(id, reader, request.HttpContext);
            }).Describe($"{what}Stream", summary, description).Produces<StreamReport>().Conditional();
    }

    private static async Task<JsonHttpResult<StreamReport>> ChangeAsync(string id, HttpRequest request, bool isPatch,
        StreamEditor editor, StatusReader reader)
    {
        await editor.ChangeAsync(id, await Requests.ObjectAsync(request), isPatch, Requests.Version(request));
        return Show(id, reader, request.HttpContext);
    }

    private static JsonHttpResult<StreamReport> Show(string id, StatusReader reader, HttpContext context,
        int status = StatusCodes.Status200OK)
    {
        var report = reader.ReadWhole(id) ?? throw RefusalException.UnknownStream(id);
        context.Response.Headers.ETag = $"\"{report.Version}\"";
        return TypedResults.Json(report, ApiJson.Default.StreamReport, statusCode: status);
    }

    private static async Task<JsonHttpResult<ImportReport>> ImportAsync(HttpRequest request, StreamImport import)
    {
        var given = await Requests.ObjectAsync(request, ImportRequest.MaxBytes);
        Requests.RequireKnown(given, "dryRun", "items", "onlyGood", "replace");
        if (given["items"] is not JsonArray { Count: >= 1 and <= ImportRequest.MaxItems } items)
            throw RefusalException.BadField("items", $"must be a list of 1 to {ImportRequest.MaxItems} definitions");
        return TypedResults.Json(await import.RunAsync([.. items], YesNo("dryRun"), YesNo("replace"), YesNo("onlyGood")),
            ApiJson.Default.ImportReport);

        bool YesNo(string field) => given[field] switch
        {
            null => false,
            JsonValue value when value.TryGetValue<bool>(out var truth) => truth,
            _ => throw RefusalException.BadField(field, "must be true or false"),
        };
    }

    private static async Task<IResult> ProbeAsync(HttpRequest request, SourceTrial trial)
    {
        var given = await Requests.ObjectAsync(request);
        Requests.RequireKnown(given, "rtspTransport", "url");
        given["id"] = "probe";
        var options = DefinitionReader.Read(given, out var errors) ?? throw RefusalException.BadFields(errors);
        return await trial.RunAsync(options, request.HttpContext.RequestAborted) is { } report
            ? TypedResults.Json(report, TrialJson.Default.TrialReport)
            : throw new RefusalException(StatusCodes.Status429TooManyRequests, ProblemTypes.TooMany, "Too many at once",
                "Other addresses are being tried; ask again in some seconds.");
    }
}
