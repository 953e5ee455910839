using System.Globalization;
using Crispy.Archive.Api;
using Crispy.Archive.Pictures;
using Crispy.Archive.Playing;
using Crispy.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Crispy.Archive;

/// <summary>The archive's routes.</summary>
public static class ArchiveEndpoints
{
    private const string Tag = "Archive";

    // The media type that a signed report's 'typ' names (RFC 7515, section 4.1.9).
    private const string ReportType = $"application/{LedgerReport.SignatureType}";

    /// <summary>The header that says when a thumbnail was filmed, UTC.</summary>
    private const string MomentHeader = "Crispy-Moment";

    private static readonly ArchiveDescription.Query Converted =
        ArchiveDescription.Flag("converted", false,
            "Whether its segments are re-encoded as H.264, at most 1280 pixels wide, for players that cannot play what was recorded.");

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Maps <c>/api/chunks</c>, <c>/api/ledger</c>, and <c>timeline</c>, <c>trend</c>, <c>thumbnail</c>, <c>playlist.m3u8</c>,
    /// <c>live.m3u8</c>, their segments and <c>holds</c> below <c>/api/streams/{stream}</c>. Failures are problem details (RFC 9457):
    /// 400 with <c>errors</c> by field, 404, and 503 where the bucket does not answer.</summary>
    public static RouteGroupBuilder MapArchive(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").WithTags(Tag).AddEndpointFilter<ArchiveProblems>();
        MapChunks(api);
        MapStreams(api);
        ExportEndpoints.MapExports(api);
        MapLedger(api);
        HoldEndpoints.Map(api);
        return api;
    }

    private static void MapChunks(RouteGroupBuilder api)
    {
        api.MapGet("/chunks", ChunksAsync).Produces<ChunkPage>()
            .Describe("listChunks", "Chunks", "A page of chunks of a range, oldest first, of the bucket and the spools.",
        [
            ArchiveDescription.Text("stream", "Only this stream's."), .. ArchiveDescription.Range("an hour before to"),
            ArchiveDescription.Text("state", "Only those in this state."),
            ArchiveDescription.Number("limit", 100, ChunkQuery.MaxLimit, "How many at most."),
            ArchiveDescription.Text("after", "Begins behind it: the next of the page before."),
        ]);
        api.MapGet("/chunks/{stream}/{epoch}/{sequence}", ChunkAsync).Produces<ChunkDetail>().ProducesProblem(404)
            .Describe("getChunk", "One chunk", "What its manifest says, whether its signature is good, and where it is.");
        api.MapGet("/chunks/{stream}/{epoch}/{sequence}/url", UrlAsync).Produces<SignedUrl>().ProducesProblem(404)
            .Describe("getChunkUrl", "A chunk's signed URL", "An address at which anybody can fetch the chunk until it expires.");
    }

    private static void MapStreams(RouteGroupBuilder api)
    {
        api.MapGet("/streams/{stream}/timeline", TimelineAsync).Produces<Timeline>().ProducesProblem(404)
            .Describe("getTimeline", "A stream's timeline", "What of a range is stored, waiting, lost or not recorded.",
                [.. ArchiveDescription.Range("a day before to"),
                    ArchiveDescription.Number("pixels", 1000, ChunkArchive.MostPixels, "How fine it must be.")]);
        api.MapGet("/streams/{stream}/trend", TrendAsync).Produces<Trend>().ProducesProblem(404)
            .Describe("getTrend", "How a stream went", "Bits a second, delays and what waited, over a range.",
                [.. ArchiveDescription.Range("an hour before to"),
                    ArchiveDescription.Number("points", 240, ChunkArchive.MostPoints, "How many points.")]);
        api.MapGet("/streams/{stream}/thumbnail", ThumbnailAsync).Produces(200, contentType: "image/jpeg")
            .Produces(304).ProducesProblem(404)
            .Describe("getThumbnail", "A picture", "The newest picture, also of what still waits for its upload, or that of a time.",
                ArchiveDescription.Instant("at", "The time; by default the newest."));
        api.MapGet("/streams/{stream}/playlist.m3u8", PlaylistAsync)
            .Produces(200, contentType: PlaylistMaker.MediaType).ProducesProblem(404)
            .Describe("getPlaylist", "A range to play", "An HLS playlist (RFC 8216) of what of a range is stored, or waits to be.",
                [.. ArchiveDescription.Range("an hour before to"), Converted]);
        api.MapGet("/streams/{stream}/live.m3u8", LiveAsync).Produces(200, contentType: PlaylistMaker.MediaType)
            .Produces(302).ProducesProblem(404)
            .Describe("getLivePlaylist", "A stream to play as it is stored",
                "An HLS playlist (RFC 8216) without an end: asked again, it goes on.", Converted);
        api.MapGet("/streams/{stream}/converted/init/{name}.mp4", ConvertedInitializationAsync)
            .Produces(200, contentType: "video/mp4").ProducesProblem(404)
            .Describe("getConvertedInitialization", "A converted segment's header", "Named by a playlist with converted=true.");
        api.MapGet("/streams/{stream}/converted/{offset:long}/{name}.m4s", ConvertedSegmentAsync)
            .Produces(200, contentType: "video/iso.segment").ProducesProblem(404)
            .Describe("getConvertedSegment", "A converted segment",
                "Named by a playlist with converted=true. It is encoded when it is first asked for; 503 while the machine does that "
                    + "for others.");
        api.MapGet("/streams/{stream}/segments/init/{name}.mp4", InitializationAsync)
            .Produces(200, contentType: "video/mp4").ProducesProblem(404)
            .Describe("getSegmentInitialization", "A segment's header", "Named by a playlist.");
        api.MapGet("/streams/{stream}/segments/{offset:long}/{name}.m4s", SegmentAsync)
            .Produces(200, contentType: "video/iso.segment").ProducesProblem(404)
            .Describe("getSegment", "A segment", "Named by a playlist.");
    }

    private static void MapLedger(RouteGroupBuilder api)
    {
        ArchiveDescription.Query[] account =
            [.. ArchiveDescription.Range("a day before to"), ArchiveDescription.Text("stream", "Only this stream.")];
        api.MapGet("/ledger", LedgerAsync).Produces<Ledger>()
            .Describe("getLedger", "The account of a range",
                "Of each stream: what is stored, lost, dead, missing and not recorded.", account);
        api.MapGet("/ledger.csv", LedgerCsvAsync).Produces(200, contentType: "text/csv")
            .Describe("getLedgerCsv", "The account as CSV", "One line for each entry.", account);
        api.MapGet("/ledger/report", ReportAsync).Produces(200, responseType: null, ReportType, "application/json")
            .Describe("getLedgerReport", "The signed account", "A JWS (RFC 7515) where a report key is set, else JSON.", account);
    }

    private static async Task<IResult> ChunksAsync(HttpRequest request, ChunkArchive archive, TimeProvider time,
        CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var (from, to) = query.Range(time.GetUtcNow(), Hour);
        var wanted = new ChunkQuery { Stream = query.Stream(), From = from, To = to, State = query.State("state"),
            Limit = query.Number("limit", 100, 1, ChunkQuery.MaxLimit), After = query.Text("after") };
        return query.Problem ?? Json(await archive.ChunksAsync(wanted, cancellation).ConfigureAwait(false));
    }

    private static async Task<IResult> ChunkAsync(string stream, string epoch, string sequence, ChunkArchive archive,
        CancellationToken cancellation)
    {
        var id = Id(stream, epoch, sequence);
        return await archive.ChunkAsync(id, cancellation).ConfigureAwait(false) is { } chunk
            ? Json(chunk)
            : throw new NotInArchiveException($"neither the bucket nor a spool has chunk {id}");
    }

    private static async Task<IResult> UrlAsync(string stream, string epoch, string sequence, HttpResponse response, ChunkArchive archive,
        CancellationToken cancellation)
    {
        var id = Id(stream, epoch, sequence);
        response.Headers.CacheControl = "no-store";
        var url = await archive.UrlAsync(id, asFile: false, cancellation).ConfigureAwait(false);
        return url is not null ? Json(url) : throw new NotInArchiveException($"the bucket does not hold chunk {id}");
    }

    private static async Task<IResult> TimelineAsync(string stream, HttpRequest request, ChunkArchive archive, TimeProvider time,
        CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var (from, to) = query.Range(time.GetUtcNow(), Day);
        var pixels = query.Number("pixels", 1000, 1, ChunkArchive.MostPixels);
        return query.Problem ?? Json(await archive.TimelineAsync(stream, from, to, pixels, cancellation).ConfigureAwait(false));
    }

    private static async Task<IResult> TrendAsync(string stream, HttpRequest request, ChunkArchive archive, TimeProvider time,
        CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var (from, to) = query.Range(time.GetUtcNow(), Hour);
        var points = query.Number("points", 240, 1, ChunkArchive.MostPoints);
        return query.Problem ?? Json(await archive.TrendAsync(stream, from, to, points, cancellation).ConfigureAwait(false));
    }

    private static async Task<IResult> ThumbnailAsync(string stream, HttpContext context, ChunkArchive archive,
        CancellationToken cancellation)
    {
        var query = new QueryReader(context.Request);
        var (at, wanted) = (query.Instant("at"), query.Number("width", PictureReader.Widths[0], 1, PictureReader.Widths[^1]));
        if (query.Problem is { } problem) return problem;
        ChunkArchive.RequireStream(stream);
        var found = await archive.Pictures.FindAsync(stream, at, cancellation).ConfigureAwait(false)
            ?? throw new NotInArchiveException(at is { } instant
                ? $"nothing of '{stream}' is stored at {Instants.Format(instant)}"
                : $"nothing of '{stream}' is stored");
        var width = PictureReader.Widths.First(each => each >= wanted);
        var tag = new EntityTagHeaderValue(PictureReader.ETagOf(found, width));
        context.Response.Headers[MomentHeader] = Instants.Format(found.Name.FirstFrame);
        context.Response.Headers.CacheControl = "private, no-cache";
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false)
            || known.Equals(EntityTagHeaderValue.Any)))
        {
            context.Response.GetTypedHeaders().ETag = tag;
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }
        var thumbnail = await archive.ThumbnailAsync(found, width, cancellation).ConfigureAwait(false)
            ?? throw new NotInArchiveException($"no picture can be made of '{found.Name}'");
        return Results.Bytes(thumbnail.Jpeg, "image/jpeg", entityTag: tag);
    }

    private static async Task<IResult> PlaylistAsync(string stream, HttpContext context, ChunkArchive archive, ArchiveOptions options,
        TimeProvider time, CancellationToken cancellation)
    {
        var query = new QueryReader(context.Request);
        var ((from, to), converted) = (query.Range(time.GetUtcNow(), Hour), query.Flag("converted", false));
        if (query.Problem is { } problem) return problem;
        if (converted) RequireConversions(options);
        context.Response.Headers.CacheControl = "private, no-cache";
        return Results.Text(await archive.PlaylistAsync(stream, from, to, converted, cancellation).ConfigureAwait(false),
            PlaylistMaker.MediaType);
    }

    // Where it begins is said once, by the redirection: the places of segments count from there, and must not change.
    private static async Task<IResult> LiveAsync(string stream, HttpContext context, ChunkArchive archive, ArchiveOptions options,
        CancellationToken cancellation)
    {
        var query = new QueryReader(context.Request);
        var (from, converted) = (query.Instant("from"), query.Flag("converted", false));
        if (query.Problem is { } problem) return problem;
        if (converted) RequireConversions(options);
        context.Response.Headers.CacheControl = "no-store";
        if (from is { } begin)
            return Results.Text(await archive.LivePlaylistAsync(stream, begin, converted, cancellation).ConfigureAwait(false),
                PlaylistMaker.MediaType);
        var present = await archive.LiveBeginningAsync(stream, cancellation).ConfigureAwait(false);
        return Results.Redirect($"live.m3u8?from={Uri.EscapeDataString(Instants.Format(present))}{(converted ? "&converted=true" : "")}");
    }

    private static Task<IResult> InitializationAsync(string stream, string name, HttpContext context, ChunkArchive archive,
        CancellationToken cancellation) =>
        SendAsync(stream, name, context, "video/mp4", chunk => archive.Remuxer.OpenAsync(chunk, cancellation),
            (mp4, destination) => destination.WriteAsync(mp4.Initialization, cancellation).AsTask());

    private static Task<IResult> SegmentAsync(string stream, long offset, string name, HttpContext context, ChunkArchive archive,
        CancellationToken cancellation)
    {
        RequireOffset(offset);
        return SendAsync(stream, name, context, "video/iso.segment", chunk => archive.Remuxer.OpenAsync(chunk, cancellation),
            (mp4, destination) => mp4.WriteMediaAsync(destination, TimeSpan.FromMicroseconds(offset), cancellation));
    }

    private static Task<IResult> ConvertedInitializationAsync(string stream, string name, HttpContext context, ChunkArchive archive,
        ArchiveOptions options, CancellationToken cancellation)
    {
        RequireConversions(options);
        return SendAsync(stream, name, context, "video/mp4", chunk => archive.Converter.OpenAsync(chunk, Viewer(context), cancellation),
            (mp4, destination) => destination.WriteAsync(mp4.Initialization, cancellation).AsTask());
    }

    private static Task<IResult> ConvertedSegmentAsync(string stream, long offset, string name, HttpContext context, ChunkArchive archive,
        ArchiveOptions options, CancellationToken cancellation)
    {
        RequireConversions(options);
        RequireOffset(offset);
        return SendAsync(stream, name, context, "video/iso.segment",
            chunk => archive.Converter.OpenAsync(chunk, Viewer(context), cancellation),
            (mp4, destination) => mp4.WriteMediaAsync(destination, TimeSpan.FromMicroseconds(offset), cancellation));
    }

    private static async Task<IResult> SendAsync(string stream, string name, HttpContext context, string mediaType,
        Func<ObjectName, Task<FragmentedMp4?>> open, Func<FragmentedMp4, Stream, Task> write)
    {
        ChunkArchive.RequireStream(stream);
        if (!SegmentName.TryParse(stream, name, out var chunk)) throw new NotInArchiveException($"'{name}' is not the name of a segment");
        var mp4 = await open(chunk).ConfigureAwait(false) ?? throw new NotInArchiveException($"there is no '{chunk}' that can be played");
        await using (mp4.ConfigureAwait(false))
        {
            context.Response.ContentType = mediaType;
            // Chunks never change.
            context.Response.Headers.CacheControl = "private, max-age=86400, immutable";
            await write(mp4, context.Response.Body).ConfigureAwait(false);
        }
        return Results.Empty;
    }

    private static void RequireOffset(long offset)
    {
        if (offset < 0 || offset > ChunkArchive.LongestRange.TotalMicroseconds)
            throw new ArchiveQueryException("offset",
                string.Create(CultureInfo.InvariantCulture, $"{offset} is not a number of microseconds within a playlist"));
    }

    private static void RequireConversions(ArchiveOptions options)
    {
        if (options.Conversions == 0)
            throw new ArchiveQueryException("converted", "nothing is converted here: Crispy:Archive:Conversions is 0");
    }

    // Who asks, as far as that is known: one of each is converted for at once.
    private static string Viewer(HttpContext context) =>
        $"{context.User.Identity?.Name} {context.Connection.RemoteIpAddress} {context.Request.Headers.UserAgent}";

    private static async Task<IResult> LedgerAsync(HttpRequest request, ChunkArchive archive, TimeProvider time,
        CancellationToken cancellation) =>
        await AccountAsync(request, archive, time, Json, cancellation).ConfigureAwait(false);

    private static async Task<IResult> LedgerCsvAsync(HttpContext context, ChunkArchive archive, TimeProvider time,
        CancellationToken cancellation) =>
        await AccountAsync(context.Request, archive, time, ledger =>
        {
            Attach(context, "ledger.csv");
            return Results.Text(LedgerCsv.Write(ledger), LedgerCsv.MediaType);
        }, cancellation).ConfigureAwait(false);

    private static async Task<IResult> AccountAsync(HttpRequest request, ChunkArchive archive, TimeProvider time,
        Func<Ledger, IResult> answer, CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var ((from, to), stream) = (query.Range(time.GetUtcNow(), Day), query.Stream());
        return query.Problem ?? answer(await archive.LedgerAsync(from, to, stream, cancellation).ConfigureAwait(false));
    }

    private static async Task<IResult> ReportAsync(HttpContext context, ChunkArchive archive, ReportSigner signer, TimeProvider time,
        CancellationToken cancellation)
    {
        var query = new QueryReader(context.Request);
        var ((from, to), stream) = (query.Range(time.GetUtcNow(), Day), query.Stream());
        if (query.Problem is { } problem) return problem;
        var report = await archive.ReportAsync(from, to, stream, cancellation).ConfigureAwait(false);
        Attach(context, signer.Signer is null ? "ledger-report.json" : "ledger-report.jws");
        return Results.Bytes(report, signer.Signer is null ? "application/json" : ReportType);
    }

    private static void Attach(HttpContext context, string name) =>
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";

    private static ChunkId Id(string stream, string epoch, string sequence)
    {
        ChunkArchive.RequireStream(stream);
        if (!Epoch.TryParse(epoch, out _))
            throw new ArchiveQueryException("epoch", $"'{epoch}' is not an epoch's name, such as 20261122T170844123Z");
        if (!long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > ChunkId.MaxSequence)
            throw new ArchiveQueryException("sequence", $"'{sequence}' is not a number from 0 to {ChunkId.MaxSequence}");
        return new(stream, epoch, number);
    }

    private static IResult Json<T>(T value) => Results.Json(value, ArchiveJson.Options);
}
