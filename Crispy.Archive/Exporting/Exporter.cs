using System.Collections.Concurrent;
using Crispy.Archive.Chunks;
using Crispy.Archive.Listing;
using Crispy.Archive.Timelines;
using Crispy.Contracts;
using Crispy.Exporting;
using Crispy.Media;

namespace Crispy.Archive.Exporting;

/// <summary>What to export.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="From">UTC.</param>
/// <param name="To">UTC.</param>
/// <param name="Container">The video's container: <c>mp4</c> or <c>mkv</c>.</param>
/// <param name="Sound">What becomes of the sound.</param>
/// <param name="Originals">Whether the chunks themselves go into it, which make the proof complete.</param>
/// <param name="Ticket">What its progress will be asked for by; null where nobody will.</param>
internal sealed record ExportRequest(string Stream, DateTimeOffset From, DateTimeOffset To, string Container, SoundPolicy Sound,
    bool Originals, string? Ticket)
{
    /// <summary>ffmpeg's name of the container.</summary>
    public string Muxer => Joiner.Muxers[$".{Container}"];

    /// <summary>The name of its files, without an ending: <c>gate-20261122T140300Z-20261122T140500Z</c>.</summary>
    public string Name => $"{Stream}-{Short(From)}-{Short(To)}";

    private static string Short(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Plans exports and begins them.</summary>
internal sealed class Exporter(RangeReader ranges, Bucket bucket, ChunkFetcher fetcher, ExportDesk desk,
    ExportFolders folders, ArchiveOptions options)
{
    // Enough for the headers of a chunk of any container.
    private const int HeadBytes = 64 * 1024;
    private const int FinestSpans = 10_000;
    private const long Margin = 64 << 20;

    private readonly FfmpegTools _tools = new(options.FfmpegFolder, IsBackground: true);

    // What a container holds is tried once for each codec.
    private readonly ConcurrentDictionary<(string Codec, string Muxer), bool> _fits = new();

    /// <summary>Where the tools are.</summary>
    public FfmpegTools Tools => _tools;

    /// <summary>Says what an export would hold.</summary>
    /// <exception cref="NotInArchiveException">The stream is not known.</exception>
    /// <exception cref="ArchiveAwayException">The bucket does not answer.</exception>
    public async Task<ExportEstimate> EstimateAsync(string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var (stored, plan) = await PlanAsync(stream, from, to, cancellation).ConfigureAwait(false);
        var estimate = new ExportEstimate
        {
            Stream = stream, From = from, To = to, Chunks = stored.Count, Bytes = stored.Sum(item => item.Size), Holes = plan.Holes,
            Length = stored.Aggregate(TimeSpan.Zero, (sum, item) => sum + (item.Duration ?? TimeSpan.Zero)), Problem = ProblemOf(stored),
        };
        return stored.Count == 0 ? estimate : await FitAsync(estimate, stored[0], cancellation).ConfigureAwait(false);
    }

    /// <summary>Begins an export: refuses what cannot be done before a byte is sent.</summary>
    /// <exception cref="ArchiveQueryException">It cannot be done as it was asked for.</exception>
    /// <exception cref="ArchiveBusyException">Too many others are being made, or there is no room.</exception>
    /// <exception cref="NotInArchiveException">Nothing of the range is stored.</exception>
    /// <exception cref="ArchiveAwayException">The bucket does not answer.</exception>
    public async Task<PreparedExport> PrepareAsync(ExportRequest request, ExportProgress progress, CancellationToken cancellation)
    {
        var (stored, plan) = await PlanAsync(request.Stream, request.From, request.To, cancellation).ConfigureAwait(false);
        if (stored.Count == 0)
            throw new NotInArchiveException(
                $"the bucket holds nothing of '{request.Stream}' from {Instants.Format(request.From)} to {Instants.Format(request.To)}");
        if (ProblemOf(stored) is { } problem) throw new ArchiveQueryException("to", problem);
        var bytes = stored.Sum(item => item.Size);
        progress.At(ExportStage.Beginning, 0, bytes * (request.Originals ? 2 : 1));
        var place = desk.Enter();
        ExportFolder? folder = null;
        try
        {
            // The chunks, and what is made of them; while an MP4 is completed its bytes are moved within it.
            folder = folders.Make((bytes * 2) + Margin);
            var prepared = new PreparedExport(request, stored, plan, folder, place, fetcher, progress);
            await RequireFitAsync(prepared, cancellation).ConfigureAwait(false);
            return prepared;
        }
        catch
        {
            folder?.Dispose();
            place.Dispose();
            throw;
        }
    }

    private async Task<(List<Recorded> Stored, ExportPlan Plan)> PlanAsync(string stream, DateTimeOffset from, DateTimeOffset to,
        CancellationToken cancellation)
    {
        var content = await ranges.ReadAsync(stream, from, to, cancellation).ConfigureAwait(false);
        var chunks = content.Items.Select(item => ToChunk(stream, item)).ToList();
        var plan = ExportPlan.Of(chunks, from, to, new Dictionary<string, string>());
        var gaps = TimelineMaker.Make(stream, from, to, FinestSpans, content).Spans.Where(span => span.Kind == SpanKind.Gap);
        var stored = content.Items.Where(item => item.State == ArchiveState.Stored).ToList();
        return (stored, plan.Explained([.. gaps.Select(span => new ExportGap(span.From, span.To, span.Reason, span.Chunks))]));
    }

    internal static ExportChunk ToChunk(string stream, Recorded item) =>
        new(item.Epoch.Length > 0 ? new ChunkId(stream, item.Epoch, item.Sequence).ToString() : item.ObjectName(stream), item.From, item.To,
            item.State.ToString().ToLowerInvariant(), item.Reason) { Duration = item.Duration ?? TimeSpan.Zero, Size = item.Size };

    private string? ProblemOf(List<Recorded> stored)
    {
        if (stored.Count == 0) return "Nothing of this range is stored.";
        // What has no manifest that can be read is left out, as all that is not what was signed.
        var first = stored.Find(HasPicture).Shape;
        var index = stored.FindIndex(item => HasPicture(item) && Picture(item.Shape) != Picture(first));
        if (index >= 0)
            return $"The picture changes at {Instants.Format(stored[index].From)}, from {Words(first)} to {Words(stored[index].Shape)}, "
                + "and a file holds one. Take out two parts: one that ends there, one that begins there.";
        var bytes = stored.Sum(item => item.Size);
        return bytes > options.ExportMaxBytes
            ? $"The range has {bytes >> 20} MiB, and at most {options.ExportMaxBytes >> 20} MiB are exported at once: "
                + "take out a shorter one."
            : null;
    }

    private static (string?, int?, int?, int?, string?) Picture(VideoShape? shape) =>
        (shape?.Codec, shape?.Width, shape?.Height, shape?.Rotation, shape?.Sar);

    private static bool HasPicture(Recorded item) => item.Shape is { Codec.Length: > 0 };

    private static string Words(VideoShape? shape)
    {
        if (shape is null) return "";
        var turned = shape.Rotation == 0 ? "" : $" turned by {shape.Rotation}";
        var pixels = shape.Sar is null ? "" : $" with pixels {shape.Sar}";
        return $"{shape.Codec} {shape.Width}x{shape.Height}{turned}{pixels}";
    }

    private async Task<ExportEstimate> FitAsync(ExportEstimate estimate, Recorded first, CancellationToken cancellation)
    {
        var head = new MemoryStream();
        await using (head.ConfigureAwait(false))
        {
            var range = new System.Net.Http.Headers.RangeHeaderValue(0, Math.Max(1, Math.Min(HeadBytes, first.Size)) - 1);
            await bucket.DownloadAsync(first.ObjectName(estimate.Stream), first.Generation, head, range, cancellation)
                .ConfigureAwait(false);
            var sound = HeadReader.TryRead(head.GetBuffer().AsSpan(0, (int)head.Length), out var media) ? media.AudioCodec : null;
            estimate = estimate with { Codec = first.Shape?.Codec, Sound = sound, SoundName = sound is null ? null : Fit.NameOf(sound) };
        }
        ExportFolder? folder = null;
        try
        {
            return estimate with
            {
                VideoFitsMp4 = estimate.Codec is not { } codec
                    || await IsHeldAsync(codec, "mp4", FileAsync, isSound: false, cancellation).ConfigureAwait(false),
                SoundFitsMp4 = estimate.Sound is not { } audio
                    || await IsHeldAsync(audio, "mp4", FileAsync, isSound: true, cancellation).ConfigureAwait(false),
            };
        }
        finally
        {
            folder?.Dispose();
        }

        // A chunk that is not what was signed is told when all are fetched.
        async Task<string?> FileAsync()
        {
            folder ??= folders.Make(first.Size + Margin);
            return (await fetcher.FetchAsync(estimate.Stream, first, folder, cancellation).ConfigureAwait(false)).Chunk is { } chunk
                ? folder[chunk.Piece.Name]
                : null;
        }
    }

    private async Task RequireFitAsync(PreparedExport prepared, CancellationToken cancellation)
    {
        var request = prepared.Request;
        if (await prepared.FirstAsync(cancellation).ConfigureAwait(false) is not { } first) return;
        var path = prepared.PathOf(first);
        if (!await IsHeldAsync(first.Manifest.Codec, request.Muxer, () => Task.FromResult<string?>(path), isSound: false, cancellation)
            .ConfigureAwait(false))
            throw new ArchiveQueryException("container", $"an {request.Container} file cannot hold {first.Manifest.Codec} video: mkv can");
        if (request.Sound != SoundPolicy.Keep || first.Piece.Facts.SoundCodec is not { } sound) return;
        if (!await IsHeldAsync(sound, request.Muxer, () => Task.FromResult<string?>(path), isSound: true, cancellation)
            .ConfigureAwait(false))
            throw new ArchiveQueryException("audio",
                $"the sound is {Fit.NameOf(sound)}, which an {request.Container} file cannot hold. "
                    + "aac encodes it, drop leaves it out, and an mkv file holds it as it is");
    }

    private async Task<bool> IsHeldAsync(string codec, string muxer, Func<Task<string?>> fileAsync, bool isSound,
        CancellationToken cancellation)
    {
        // Of these nobody needs to try.
        if (muxer == "matroska" || (muxer == "mp4" && codec is "h264" or "hevc" or "aac")) return true;
        if (_fits.TryGetValue((codec, muxer), out var known)) return known;
        if (await fileAsync().ConfigureAwait(false) is not { } file) return true;
        var fits = isSound ? await Fit.HoldsSoundAsync(_tools, file, codec, muxer, cancellation).ConfigureAwait(false)
            : await Fit.HoldsVideoAsync(_tools, file, muxer, cancellation).ConfigureAwait(false);
        return _fits[(codec, muxer)] = fits;
    }
}
