using Crispy.Archive.Exporting;
using Crispy.Exporting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Crispy.Archive.Api;

/// <summary>The routes that take a range out as one file.</summary>
internal static class ExportEndpoints
{
    private const int LongestTicket = 64;

    private static readonly string[] Containers = ["mp4", "mkv"];

    /// <summary>Maps <c>export</c>, <c>export/plan</c> and <c>export/progress</c> below <c>/api/streams/{stream}</c>.</summary>
    public static void MapExports(RouteGroupBuilder api)
    {
        var range = ArchiveDescription.Range("an hour before to");
        api.MapGet("/streams/{stream}/export/plan", PlanAsync).Produces<ExportEstimate>().ProducesProblem(404)
            .Describe("planExport", "What an export would hold",
                "Its length, its size, what is missing, and what an MP4 cannot hold.", range);
        api.MapGet("/streams/{stream}/export", ExportAsync).Produces(200, contentType: "application/zip")
            .ProducesProblem(404).ProducesProblem(422)
            .Describe("export", "A range as one file, with its proof",
                "A ZIP of the video and of what proves it: signed manifests, the chunks, records of losses, the signed account, public "
                    + "keys. One that ends early has no list at its end, and no program opens it.",
            [
                .. range, ArchiveDescription.Choice("container", "mp4", "The video's container.", Containers),
                ArchiveDescription.Choice("audio", "copy", "The sound: as it is, encoded as AAC, or left out.", "copy", "aac", "drop"),
                ArchiveDescription.Flag("originals", true,
                    "Whether the chunks themselves are in it: without them only this console's word says that the video is theirs."),
                ArchiveDescription.Text("ticket", "Letters, digits and hyphens of your own, to ask for its progress by."),
            ]);
        api.MapGet("/streams/{stream}/export/progress", Progress).Produces<ExportStatus>().ProducesProblem(404)
            .Describe("getExportProgress", "How far an export is", "Kept for an hour after its end, or until 200 others have ended.",
                ArchiveDescription.Text("ticket", "The one that was given to it."));
    }

    private static async Task<IResult> PlanAsync(string stream, HttpContext context, ChunkArchive archive, Exporter exporter,
        TimeProvider time, CancellationToken cancellation)
    {
        var query = new QueryReader(context.Request);
        var (from, to) = query.Range(time.GetUtcNow(), TimeSpan.FromHours(1));
        if (query.Problem is { } problem) return problem;
        ChunkArchive.RequireStream(stream);
        to = archive.RequirePast(from, to, ChunkArchive.LongestRange);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(await exporter.EstimateAsync(stream, from.ToUniversalTime(), to, cancellation)
            .ConfigureAwait(false), ArchiveJson.Options);
    }

    private static IResult Progress(string stream, HttpContext context, ExportDesk desk)
    {
        context.Response.Headers.CacheControl = "no-store";
        var ticket = new QueryReader(context.Request).Text("ticket");
        var status = ticket is null ? null : desk.Find(stream, ticket);
        return status is not null
            ? Results.Json(status, ArchiveJson.Options)
            : throw new NotInArchiveException("no export has this ticket");
    }

    private static async Task<IResult> ExportAsync(string stream, HttpContext context, ChunkArchive archive, Exporter exporter,
        ExportDesk desk, ExportWriter writer,
        TimeProvider time, ILogger<ExportWriter> logger, CancellationToken cancellation)
    {
        var query = new QueryReader(context.Request);
        var (from, to) = query.Range(time.GetUtcNow(), TimeSpan.FromHours(1));
        var container = query.Choice("container", Containers);
        var sound = query.Choice("audio", "copy", "aac", "drop") switch { "aac" => SoundPolicy.Aac,
            "drop" => SoundPolicy.Drop, _ => SoundPolicy.Keep };
        var originals = query.Flag("originals", true);
        var ticket = query.Text("ticket");
        if (ticket is not null
            && (ticket.Length > LongestTicket || !ticket.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-')))
            query.Mistake("ticket", $"'{ticket}' is not 1 to {LongestTicket} letters, digits and hyphens");
        if (query.Problem is { } problem) return problem;
        ChunkArchive.RequireStream(stream);
        to = archive.RequirePast(from, to, ChunkArchive.LongestRange);
        var request = new ExportRequest(stream, from.ToUniversalTime(), to, container, sound, originals, ticket);
        var progress = desk.Begin(stream, ticket);
        try
        {
            using var export = await exporter.PrepareAsync(request, progress, cancellation).ConfigureAwait(false);
            // A ZIP's headers, some bytes each, are written without waiting; videos are not.
            if (context.Features.Get<IHttpBodyControlFeature>() is { } body) body.AllowSynchronousIO = true;
            context.Response.ContentType = "application/zip";
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.ContentDisposition = $"attachment; filename=\"{request.Name}.zip\"";
            await writer.WriteAsync(export, context.Response.Body, cancellation).ConfigureAwait(false);
            return Results.Empty;
        }
        catch (Exception failure)
        {
            var isLeft = cancellation.IsCancellationRequested;
            progress.Fail(isLeft ? "it was cancelled" : failure.Message);
            if (!context.Response.HasStarted)
            {
                context.Response.Headers.Remove(HeaderNames.ContentDisposition);
                throw;
            }
            if (!isLeft) Log.ExportFailed(logger, stream, failure.Message);
            // The connection ends without the answer's end, so that nobody takes it for whole.
            context.Abort();
            return Results.Empty;
        }
    }
}
