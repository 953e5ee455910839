using System.Collections.Concurrent;
using Crispy.Archive.Accounting;
using Crispy.Archive.Chunks;
using Crispy.Archive.Holding;
using Crispy.Archive.Listing;
using Crispy.Archive.Pictures;
using Crispy.Archive.Playing;
using Crispy.Archive.Retaining;
using Crispy.Archive.Spooled;
using Crispy.Archive.Timelines;
using Crispy.Contracts;

namespace Crispy.Archive;

/// <summary>What was recorded, as the bucket tells it; with what still waits in the spools, where stream-handle answers. Safe for
/// concurrent use. Every method may throw
/// <see cref="ArchiveQueryException"/> (what was asked for makes no sense) and
/// <see cref="ArchiveAwayException"/> (the bucket does not answer).</summary>
public sealed class ChunkArchive
{
    /// <summary>Longest range that is listed or accounted for at once.</summary>
    public static readonly TimeSpan LongestRange = TimeSpan.FromDays(31);

    /// <summary>Longest range of one playlist.</summary>
    public static readonly TimeSpan LongestPlaylist = TimeSpan.FromDays(1);

    /// <summary>Longest range that is held, or released, at once.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromDays(1);

    /// <summary>Most pixels of a timeline.</summary>
    public const int MostPixels = 10_000;

    /// <summary>Most steps of a trend.</summary>
    public const int MostPoints = 2000;

    private const int StreamsAtOnce = 4;

    // Epochs are named by four digits of a year, and a margin is added at both ends.
    private static readonly DateTimeOffset Earliest = new(1971, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(9990, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly RangeReader _ranges;
    private readonly ChunkPages _pages;
    private readonly ChunkDetails _details;
    private readonly Places _places;
    private readonly SpoolClient _spools;
    private readonly SignedUrls _urls;
    private readonly ReportWriter _reports;
    private readonly HoldKeeper _keeper;
    private readonly HoldList _holds;
    private readonly BucketRules _rules;
    private readonly TimeProvider _time;

    internal ChunkArchive(RangeReader ranges, ChunkPages pages, ChunkDetails details, Places places, SpoolClient spools, SignedUrls urls,
        ReportWriter reports, PictureReader pictures, Remuxer remuxer, Converter converter, HoldKeeper keeper,
        HoldList holds, BucketRules rules,
        TimeProvider time)
    {
        (_ranges, _pages, _details, _places, _spools, _urls, _reports, _time) =
            (ranges, pages, details, places, spools, urls, reports, time);
        (_keeper, _holds, _rules) = (keeper, holds, rules);
        (Pictures, Remuxer, Converter) = (pictures, remuxer, converter);
    }

    internal PictureReader Pictures { get; }

    internal Remuxer Remuxer { get; }

    internal Converter Converter { get; }

    /// <summary>The streams that have anything in the bucket, in order.</summary>
    public async Task<IReadOnlyList<string>> StreamsAsync(CancellationToken cancellation = default) =>
        await _places.StreamsAsync(cancellation).ConfigureAwait(false);

    /// <summary>A page of chunks, by stream and then by time.</summary>
    /// <exception cref="NotInArchiveException">The stream asked for is not known.</exception>
    public async Task<ChunkPage> ChunksAsync(ChunkQuery query, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        RequireRange(query.From, query.To, LongestRange);
        if (query.Limit is < 1 or > ChunkQuery.MaxLimit)
            throw new ArchiveQueryException("limit", $"{query.Limit} is not from 1 to {ChunkQuery.MaxLimit}");
        if (query.Stream is not null) RequireStream(query.Stream);
        _ = Cursor.Parse(query.After);
        return await _pages.ReadAsync(query, query.Stream is { } one ? [one] : await AllStreamsAsync(cancellation).ConfigureAwait(false),
            cancellation).ConfigureAwait(false);
    }

    /// <summary>All that is known of one chunk; null where neither the bucket nor a spool has it.</summary>
    public Task<ChunkDetail?> ChunkAsync(ChunkId id, CancellationToken cancellation = default) => _details.ReadAsync(id, cancellation);

    /// <summary>A URL that downloads a chunk, or its loss record, without credentials; null where the bucket has neither.</summary>
    /// <param name="id">The chunk.</param>
    /// <param name="asFile">Whether a browser is to save it, under a name that says what it is, and never to show it.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<SignedUrl?> UrlAsync(ChunkId id, bool asFile = false, CancellationToken cancellation = default) =>
        await _details.FindAsync(id, cancellation).ConfigureAwait(false) is { Name: { } name }
            ? await _urls.SignAsync(name, asFile, cancellation).ConfigureAwait(false)
            : null;

    /// <summary>What was recorded of a stream in a range.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="from">UTC.</param>
    /// <param name="to">UTC; what lies in the future is cut off.</param>
    /// <param name="pixels">How many spans can be told apart, 1 to <see cref="MostPixels"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NotInArchiveException">The stream is not known.</exception>
    public async Task<Timeline> TimelineAsync(string stream, DateTimeOffset from, DateTimeOffset to, int pixels = 1000,
        CancellationToken cancellation = default)
    {
        RequireStream(stream);
        to = RequirePast(from, to, LongestRange);
        if (pixels is < 1 or > MostPixels) throw new ArchiveQueryException("pixels", $"{pixels} is not from 1 to {MostPixels}");
        return TimelineMaker.Make(stream, from.ToUniversalTime(), to, pixels,
            await _ranges.ReadAsync(stream, from, to, cancellation).ConfigureAwait(false));
    }

    /// <summary>How the recording of a stream went in a range: throughput, delay and backlog.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="from">UTC.</param>
    /// <param name="to">UTC; what lies in the future is cut off.</param>
    /// <param name="points">How many steps, 1 to <see cref="MostPoints"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NotInArchiveException">The stream is not known.</exception>
    public async Task<Trend> TrendAsync(string stream, DateTimeOffset from, DateTimeOffset to, int points = 240,
        CancellationToken cancellation = default)
    {
        RequireStream(stream);
        to = RequirePast(from, to, LongestRange);
        if (points is < 1 or > MostPoints) throw new ArchiveQueryException("points", $"{points} is not from 1 to {MostPoints}");
        var content = await _ranges.ReadAsync(stream, from, to, cancellation).ConfigureAwait(false);
        var late = await _ranges.LateAsync(stream, from.ToUniversalTime(), content.Spooled, cancellation).ConfigureAwait(false);
        return TrendMaker.Make(stream, from.ToUniversalTime(), to, (int)Math.Min(points, (to - from).Ticks), content, late);
    }

    /// <summary>A picture of a stream at an instant, or the newest, of what still waits too;
    /// null where nothing was recorded then.</summary>
    public async Task<Thumbnail?> ThumbnailAsync(string stream, DateTimeOffset? at, CancellationToken cancellation = default)
    {
        RequireStream(stream);
        return await Pictures.FindAsync(stream, at, cancellation).ConfigureAwait(false) is { } found
            ? await ThumbnailAsync(found, PictureReader.Widths[0], cancellation).ConfigureAwait(false)
            : null;
    }

    /// <summary>A playlist (RFC 8216) of what the bucket holds of a range, and of what still waits for it. Its addresses are relative to
    /// <c>/api/streams/{id}/</c>.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="from">UTC.</param>
    /// <param name="to">UTC.</param>
    /// <param name="converted">Whether its segments are re-encoded as H.264, for browsers that cannot play what was recorded.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NotInArchiveException">The stream is not known, or nothing of the range can be played.</exception>
    public async Task<string> PlaylistAsync(string stream, DateTimeOffset from, DateTimeOffset to, bool converted = false,
        CancellationToken cancellation = default)
    {
        RequireStream(stream);
        RequireRange(from, to, LongestPlaylist);
        var content = await _ranges.ReadPlayableAsync(stream, from, to, cancellation).ConfigureAwait(false);
        var stored = content.Items.Where(LiveEdge.IsPlayable).ToList();
        if (stored.Count == 0)
            throw new NotInArchiveException(
                $"the bucket holds nothing of '{stream}' from {Instants.Format(from)} to {Instants.Format(to)}");
        return PlaylistMaker.Write(stored, converted);
    }

    /// <summary>A playlist (RFC 8216) that goes on: what the bucket holds from an instant on, the newest minute of it, and without an end.
    /// Asked again, it has more.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="from">UTC, at most <see cref="LongestPlaylist"/> ago: the places of its segments count from there.</param>
    /// <param name="converted">As of <see cref="PlaylistAsync"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NotInArchiveException">The stream is not known, or nothing is stored from then on yet.</exception>
    public async Task<string> LivePlaylistAsync(string stream, DateTimeOffset from, bool converted = false,
        CancellationToken cancellation = default)
    {
        RequireStream(stream);
        var now = RequirePast(from, _time.GetUtcNow(), LongestPlaylist);
        var playable = await PlayableAsync(stream, from, now, cancellation).ConfigureAwait(false);
        return playable.Count > 0 ? PlaylistMaker.WriteLive(playable, converted)
            : throw new NotInArchiveException($"the bucket holds nothing of '{stream}' from {Instants.Format(from)} on yet");
    }

    /// <summary>Where <see cref="LivePlaylistAsync"/> begins for somebody who wants to see the present: about two chunks ago.</summary>
    /// <exception cref="NotInArchiveException">The stream is not known, or nothing of the last hour is stored.</exception>
    public async Task<DateTimeOffset> LiveBeginningAsync(string stream, CancellationToken cancellation = default)
    {
        RequireStream(stream);
        var now = _time.GetUtcNow();
        var playable = await PlayableAsync(stream, now - Recorded.LongestChunk, now, cancellation).ConfigureAwait(false);
        return playable.Count > 0 ? LiveEdge.Begin(playable).From
            : throw new NotInArchiveException(
                $"the bucket holds nothing of '{stream}' from the last {Recorded.LongestChunk.TotalMinutes:0} minutes");
    }

    /// <summary>When the first stored chunk of a stream begins, UTC; null where nothing is stored.</summary>
    public async Task<DateTimeOffset?> BeginningAsync(string stream, CancellationToken cancellation = default)
    {
        RequireStream(stream);
        var first = await _places.FirstFromAsync(stream, Earliest, cancellation).ConfigureAwait(false);
        return ObjectName.TryParse(first?.Name, out var name) ? name.FirstFrame : null;
    }

    /// <summary>Holds what the bucket has of a range, so that no rule deletes it; or releases it. It may be repeated.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="from">UTC.</param>
    /// <param name="to">UTC, at most <see cref="LongestHold"/> later; what lies in the future is cut off.</param>
    /// <param name="held">True to hold it, false to release it.</param>
    /// <param name="note">Why; null leaves the notes that there are.</param>
    /// <param name="cancellation">Ends it halfway: what was done stays.</param>
    /// <exception cref="NotInArchiveException">The stream is not known.</exception>
    public async Task<HoldReport> HoldAsync(string stream, DateTimeOffset from, DateTimeOffset to, bool held, string? note = null,
        CancellationToken cancellation = default)
    {
        RequireStream(stream);
        if (note?.Length > HoldMetadata.LongestNote) throw new ArchiveQueryException("note",
            $"it has {note.Length} characters, and at most {HoldMetadata.LongestNote} are kept");
        if (note?.Any(char.IsControl) == true) throw new ArchiveQueryException("note", "it holds control characters");
        to = RequirePast(from, to, LongestHold);
        return await _keeper.SetAsync(stream, from.ToUniversalTime(), to, held, string.IsNullOrWhiteSpace(note) ? null : note.Trim(),
            cancellation).ConfigureAwait(false);
    }

    /// <summary>What of a stream is held. It takes one request for each thousand objects of the range.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="from">UTC; null from its beginning on.</param>
    /// <param name="to">UTC; null to its end.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NotInArchiveException">The bucket has nothing of the stream.</exception>
    public async Task<HoldPage> HoldsAsync(string stream, DateTimeOffset? from = null, DateTimeOffset? to = null,
        CancellationToken cancellation = default)
    {
        RequireStream(stream);
        RequireRange(from ?? Earliest, to ?? Latest, TimeSpan.MaxValue);
        var holds = await _holds.ReadAsync(stream, from?.ToUniversalTime(), to?.ToUniversalTime(), cancellation).ConfigureAwait(false);
        if (holds.Count == 0 && !await _places.HasAnyAsync(stream, cancellation)
            .ConfigureAwait(false)) throw new NotInArchiveException($"the bucket holds nothing of '{stream}'");
        return new(stream, holds);
    }

    /// <summary>When the newest stored chunk of a stream begins, UTC; null where nothing is stored.</summary>
    public async Task<DateTimeOffset?> NewestAsync(string stream, CancellationToken cancellation = default)
    {
        RequireStream(stream);
        var newest = await _places.NewestAsync(stream, _time.GetUtcNow(), cancellation).ConfigureAwait(false);
        return ObjectName.TryParse(newest?.Name, out var name) ? name.FirstFrame : null;
    }

    /// <summary>Where the bucket is an emulator, lets it delete what is older than it must be kept, as <c>crispy retention apply</c> does
    /// elsewhere.</summary>
    /// <param name="video">The default.</param>
    /// <param name="losses">That of loss records.</param>
    /// <param name="known">All streams, with what is their own.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="HttpRequestException">The bucket does not answer.</exception>
    public async Task<bool> CarryOutAsync(RetentionPeriod video, RetentionPeriod losses, IReadOnlyDictionary<string,
        RetentionPeriod?> known, CancellationToken cancellation = default)
    {
        var stored = await StreamsAsync(cancellation).ConfigureAwait(false);
        return await _rules.CarryOutAsync(present => RetentionPlan.For(video, losses, known, stored, present, whole: true), cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>After how many days the bucket's own rules delete the video of a stream; null where they may not be read.</summary>
    public Task<RetentionPeriod?> BucketRetentionAsync(string stream, CancellationToken cancellation = default) =>
        _rules.VideoAsync(stream, cancellation);

    /// <summary>The conservation law of a range.</summary>
    /// <param name="from">UTC.</param>
    /// <param name="to">UTC; what lies in the future is cut off.</param>
    /// <param name="stream">Only this stream; all where null.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NotInArchiveException">The stream is not known.</exception>
    public async Task<Ledger> LedgerAsync(DateTimeOffset from, DateTimeOffset to, string? stream = null,
        CancellationToken cancellation = default) =>
        (await AccountAsync(from, to, stream, cancellation).ConfigureAwait(false)).Ledger;

    /// <summary>A ledger with the signed statements that prove it, signed with the archive's own key where it has one
    /// (<see cref="ReportSigner"/>).</summary>
    /// <inheritdoc cref="LedgerAsync" />
    /// <returns>The file (<see cref="LedgerReport"/>), whole: a bucket that fails halfway is an exception and not half a report.</returns>
    public async Task<byte[]> ReportAsync(DateTimeOffset from, DateTimeOffset to, string? stream = null,
        CancellationToken cancellation = default)
    {
        var (ledger, contents) = await AccountAsync(from, to, stream, cancellation).ConfigureAwait(false);
        return await _reports.WriteAsync(ledger, id => contents[id], cancellation).ConfigureAwait(false);
    }

    internal async Task<Thumbnail?> ThumbnailAsync(PicturedChunk found, int width, CancellationToken cancellation) =>
        await Pictures.ReadAsync(found, width, cancellation).ConfigureAwait(false) is { } jpeg
            ? new(jpeg, PictureReader.ETagOf(found, width), found.Name.ToString())
            : null;

    /// <exception cref="ArchiveQueryException">It is no stream id.</exception>
    internal static void RequireStream(string? stream)
    {
        if (!StreamId.IsValid(stream))
            throw new ArchiveQueryException("stream",
                $"'{stream}' is not a stream id: 1 to {StreamId.MaxLength} characters of a-z, 0-9 and single inner hyphens");
    }

    private async Task<(Ledger Ledger, ConcurrentDictionary<string, RangeContent> Contents)> AccountAsync(DateTimeOffset from,
        DateTimeOffset to, string? stream, CancellationToken cancellation)
    {
        if (stream is not null) RequireStream(stream);
        to = RequirePast(from, to, LongestRange);
        IReadOnlyList<string> streams = stream is { } one ? [one] : await AllStreamsAsync(cancellation).ConfigureAwait(false);
        var contents = new ConcurrentDictionary<string, RangeContent>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(streams,
            new ParallelOptions { MaxDegreeOfParallelism = StreamsAtOnce, CancellationToken = cancellation }, async (id, token) =>
            contents[id] = await _ranges.ReadAsync(id, from, to, token).ConfigureAwait(false)).ConfigureAwait(false);
        // Of no stream at all, nothing is left out.
        var answer = contents.Values.Any(content => content.Spool == SpoolAnswer.Away) ? SpoolAnswer.Away : SpoolAnswer.Known;
        return (new(from.ToUniversalTime(), to, [.. streams.Select(id => LedgerMaker.Make(id, from, to, contents[id]))], answer), contents);
    }

    private async Task<List<Recorded>> PlayableAsync(string stream, DateTimeOffset from, DateTimeOffset now, CancellationToken cancellation)
    {
        // A camera's clock may be a little ahead of ours.
        var content = await _ranges.ReadPlayableAsync(stream, from, now.AddMinutes(1), cancellation).ConfigureAwait(false);
        return LiveEdge.Playable(content.Items, content.Holes, from, now, _spools.TellsShapes);
    }

    private async Task<IReadOnlyList<string>> AllStreamsAsync(CancellationToken cancellation)
    {
        var spooled = await _spools.StreamsAsync(cancellation).ConfigureAwait(false) ?? [];
        return [.. (await _places.StreamsAsync(cancellation).ConfigureAwait(false)).Union(spooled, StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)];
    }

    /// <exception cref="ArchiveQueryException">It is no range of the past.</exception>
    internal DateTimeOffset RequirePast(DateTimeOffset from, DateTimeOffset to, TimeSpan longest)
    {
        RequireRange(from, to, longest);
        var now = Instants.RoundToMicrosecond(_time.GetUtcNow());
        if (from >= now) throw new ArchiveQueryException("from", $"{Instants.Format(from)} is in the future");
        return to < now ? to.ToUniversalTime() : now;
    }

    private static void RequireRange(DateTimeOffset from, DateTimeOffset to, TimeSpan longest)
    {
        if (from.Year is < 1971 or > 9990)
            throw new ArchiveQueryException("from", $"{Instants.Format(from)} is not within the years 1971 to 9990");
        if (to.Year is < 1971 or > 9990)
            throw new ArchiveQueryException("to", $"{Instants.Format(to)} is not within the years 1971 to 9990");
        if (to <= from) throw new ArchiveQueryException("to", $"{Instants.Format(to)} is not after 'from', {Instants.Format(from)}");
        if (to - from > longest)
            throw new ArchiveQueryException("to",
                $"{Instants.Format(to)} is more than {longest.TotalHours} hours after 'from', {Instants.Format(from)}");
    }
}
