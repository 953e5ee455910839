using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Crispy.Console.StreamHandles;

/// <summary>One stream as the console knows it now.</summary>
/// <param name="Report">What its stream-handle says.</param>
/// <param name="StreamHandle">The stream-handle that said it.</param>
/// <param name="Revision">Grows with every change.</param>
/// <param name="Delay">From the last frame of a chunk to the news that it is stored; of the newest stored chunk;
/// null before the first.</param>
public sealed record KnownStream(StreamReport Report, Uri StreamHandle, long Revision, TimeSpan? Delay = null)
{
    /// <summary>How far storing is behind. This is the age of the oldest chunk that waits or, where that is more, the delay of the newest
    /// stored one. Null while neither is known, or nothing is recorded.</summary>
    /// <param name="now">Now, UTC.</param>
    public TimeSpan? Behind(DateTimeOffset now)
    {
        var age = now - Report.WaitingSince;
        if (age > (Delay ?? TimeSpan.Zero)) return age;
        return Report.State is StreamState.Running or StreamState.Ended ? Delay : null;
    }
}

/// <summary>A stream-handle that cannot be asked.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Error">Why, in a sentence.</param>
/// <param name="Since">Since when, UTC.</param>
public sealed record StreamHandleTrouble(Uri Address, string Error, DateTimeOffset Since);

/// <summary>All streams of all stream-handles, as they are now: kept by <see cref="StreamFeed"/>, read by pages.
/// Pages look once a second whether
/// <see cref="Revision"/> has grown, so that a thousand events cost them one drawing.</summary>
public sealed class KnownStreams(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, KnownStream> _streams = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Uri, StreamHandleTrouble> _troubles = new();
    private readonly ConcurrentDictionary<Uri, bool> _heard = new();
    private long _revision;

    /// <summary>Raised for each chunk that changes its state; handlers must be quick.</summary>
    public event Action<ChunkEvent>? ChunkChanged;

    /// <summary>Grows with every change of anything.</summary>
    public long Revision => Interlocked.Read(ref _revision);

    /// <summary>Whether any stream-handle was heard, or is known to be away.</summary>
    public bool IsKnown => !_heard.IsEmpty || !_troubles.IsEmpty;

    /// <summary>Whether a stream-handle was heard at least once.</summary>
    public bool HasHeard(Uri streamHandle) => _heard.ContainsKey(streamHandle);

    /// <summary>The streams, in no order.</summary>
    public IReadOnlyCollection<KnownStream> All => [.. _streams.Values];

    /// <summary>The stream-handles that cannot be asked now.</summary>
    public ImmutableArray<StreamHandleTrouble> Troubles => [.. _troubles.Values.OrderBy(trouble => trouble.Since)];

    /// <summary>Those of some stream-handles that can be asked now.</summary>
    public IEnumerable<Uri> Answering(IEnumerable<Uri> streamHandles) => streamHandles.Except(_troubles.Keys);

    /// <summary>The stream-handle for a new stream: of those that answer the one with the fewest. Where all seem to be away it is the
    /// first, which may be back; null where there is none.</summary>
    public Uri? LeastLoaded(IReadOnlyList<Uri> streamHandles)
    {
        var loads = All.CountBy(stream => stream.StreamHandle).ToDictionary();
        return Answering(streamHandles).MinBy(streamHandle => loads.GetValueOrDefault(streamHandle))
            ?? (streamHandles.Count > 0 ? streamHandles[0] : null);
    }

    /// <summary>One stream; null where none has the id.</summary>
    public KnownStream? Find(string id) => _streams.GetValueOrDefault(id);

    /// <summary>Takes in everything that a stream-handle has; what it no longer has is forgotten.</summary>
    public void Replace(Uri streamHandle, IReadOnlyCollection<StreamReport> reports)
    {
        _heard[streamHandle] = true;
        if (_troubles.TryRemove(streamHandle, out _)) Grow();
        var present = reports.Select(report => report.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _streams.Values.Where(stream => stream.StreamHandle == streamHandle && !present.Contains(stream.Report.Id)))
            Remove(streamHandle, gone.Report.Id);
        foreach (var report in reports.Where(report =>
            !(_streams.TryGetValue(report.Id, out var known) && known.StreamHandle == streamHandle && Same(known.Report, report))))
            Put(streamHandle, report);
    }

    /// <summary>Takes in news of one stream. Where several stream-handles share it, the one that records it is believed.</summary>
    public void Put(Uri streamHandle, StreamReport report)
    {
        _streams.AddOrUpdate(report.Id, _ => new(report, streamHandle, Grow()), (_, known) =>
        {
            var isOfAnother = known.StreamHandle != streamHandle && !_troubles.ContainsKey(known.StreamHandle);
            if (isOfAnother && report.State == StreamState.Standby) return known;
            return known with { Report = report, StreamHandle = streamHandle, Revision = Grow() };
        });
    }

    /// <summary>Forgets a stream that its stream-handle no longer has.</summary>
    public void Remove(Uri streamHandle, string id)
    {
        if (_streams.TryGetValue(id, out var known) && known.StreamHandle == streamHandle && _streams.TryRemove(new(id, known))) Grow();
    }

    /// <summary>How a stream is; what its stream-handle says of it is old while that one is away.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="now">Now, UTC.</param>
    public Condition ConditionOf(KnownStream stream, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Troubles.FirstOrDefault(trouble => trouble.Address == stream.StreamHandle) is { } away
            ? new(Level.Bad, "Unknown", $"stream-handle is away: {away.Error}", false)
            : Condition.Of(stream.Report, now);
    }

    /// <summary>Takes in news of a chunk.</summary>
    public void Put(ChunkEvent chunk)
    {
        var now = clock.GetUtcNow();
        if (_streams.TryGetValue(chunk.Stream, out var known))
        {
            var changed = chunk.State switch
            {
                ChunkEventState.Stored =>
                    known with { Delay = now - chunk.To is { } delay && delay > TimeSpan.Zero ? delay : TimeSpan.Zero, Revision = Grow() },
                _ => known,
            };
            _streams.TryUpdate(chunk.Stream, changed, known);
        }
        ChunkChanged?.Invoke(chunk);
    }

    /// <summary>Notes that a stream-handle cannot be asked.</summary>
    public void Miss(Uri streamHandle, string error)
    {
        _troubles.AddOrUpdate(streamHandle, _ => new(streamHandle, error, clock.GetUtcNow()), (_, known) => known with { Error = error });
        Grow();
    }

    /// <summary>Forgets stream-handles that are no longer there, with their streams.</summary>
    public void Keep(IReadOnlyCollection<Uri> streamHandles)
    {
        foreach (var gone in _heard.Keys.Concat(_troubles.Keys).Where(known => !streamHandles.Contains(known)).Distinct().ToList())
        {
            _heard.TryRemove(gone, out _);
            _troubles.TryRemove(gone, out _);
            foreach (var stream in _streams.Values.Where(stream => stream.StreamHandle == gone)) Remove(gone, stream.Report.Id);
            Grow();
        }
    }

    /// <summary>Something that is shown with the streams changed.</summary>
    public void Touch() => Grow();

    // The lists that a report holds are new objects each time.
    private static bool Same(StreamReport one, StreamReport other) =>
        one with { Gaps = [] } == other with { Gaps = [] } && one.Gaps.SequenceEqual(other.Gaps);

    private long Grow() => Interlocked.Increment(ref _revision);
}
