using Crispy.Contracts;
using Crispy.Spool;
using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Recording;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Supervising;

/// <summary>One stream from its source to its ready chunks, as the rest of the process sees it. That is what is known of it, and what may
/// be done to its part of the spool while it runs.</summary>
public sealed class StreamRunner
{
    private readonly StreamAccount _account;
    private readonly StreamSpool _spool;
    private readonly StreamRoom _room;
    private readonly StreamLife _life;
    private readonly IChunkPublisher _publisher;

    /// <summary>A stream that does not run yet.</summary>
    /// <param name="options">What it is.</param>
    /// <param name="parts">What it shares with the others.</param>
    /// <param name="duty">What to do about it.</param>
    /// <param name="before">The runner that it takes over from, which has ended; null for the first of this process.</param>
    /// <param name="hasLive">Tells whether any of the streams is a live one.</param>
    public StreamRunner(StreamOptions options, StreamParts parts, StreamDuty duty, StreamRunner? before, Func<bool> hasLive)
    {
        (Options, Duty, _publisher) = (options, duty, parts.Outlets.Publisher);
        _account = new(options, parts.Outlets, before?.Status, parts.Clock, parts.Log);
        _room = new(options, parts.Spool, hasLive);
        _spool = new(options.Id, options.Container, parts.Spool.Layout, parts.Spool.Signer, parts.Spool.Verifier, parts.Clock)
        {
            Stored = parts.Outlets.Events.Stored,
            Quarantined = file => Log.FileQuarantined(parts.Log, file.Stream, file.File, file.Reason),
        };
        var source = new StreamSource(options, _spool, parts.Opening, _room, parts.Clock, parts.Log);
        _life = new(new(options, duty, GapAfter(before?.Status)), source, _account, parts.Leases, _room, parts.Clock);
    }

    /// <summary>The stream's configuration.</summary>
    public StreamOptions Options { get; }

    /// <summary>What to do about it.</summary>
    public StreamDuty Duty { get; }

    /// <summary>What is known of it now.</summary>
    public StreamStatus Status => _account.Status;

    /// <summary>Where the stream's chunks are; null before its journal was read.</summary>
    public Conservation? Law => _spool.Law;

    /// <summary>The newest gaps, oldest first.</summary>
    public IReadOnlyList<Gap> Gaps => _spool.Journal.GapsOrNone;

    /// <summary>Files in the stream's folders that are not its own.</summary>
    public IReadOnlyList<QuarantinedFile> Foreign => _spool.Foreign;

    /// <summary>Whether nothing of it is left in the spool but its journal.</summary>
    public bool IsEmpty => _spool.IsEmpty;

    /// <summary>Runs until the source ends for good or is to stop; then every closed segment is a ready chunk.</summary>
    public Task RunAsync(CancellationToken stopping) => _life.RunAsync(stopping);

    /// <summary>Leaves the stream to another runner: from now on this one touches nothing in the spool.</summary>
    public void Retire() => _spool.Retire();

    /// <summary>Counts the chunks that workers stored since the last time.</summary>
    public void CountStored() => _spool.CountStored();

    /// <summary>Declares a dead chunk lost, because a person wants it so, and deletes its files.</summary>
    /// <returns>False where it is not dead, or not ours to touch now.</returns>
    /// <inheritdoc cref="StreamSpool.Discard"/>
    internal bool Discard(ChunkId id, string? note)
    {
        if (_spool.Discard(id, note) is not { } losses) return false;
        _account.Publish(losses);
        return true;
    }

    /// <summary>Takes a dead chunk back to the ready ones, and publishes it.</summary>
    /// <returns>False where it is not dead, or not ours to touch now.</returns>
    /// <inheritdoc cref="StreamSpool.TakeBack"/>
    internal bool Replay(ChunkId id)
    {
        if (_spool.TakeBack(id) is not { } manifest) return false;
        _publisher.PublishAnew(manifest);
        return true;
    }

    /// <summary>Drops the oldest ready chunks, each leaving a loss record.</summary>
    /// <param name="bytes">How much room is wanted, at least.</param>
    /// <exception cref="IOException">The disk does not take the records.</exception>
    public void DropOldest(long bytes)
    {
        var (losses, freed) = _spool.DropOldest(bytes);
        _room.Add(-freed);
        _account.Publish(losses);
    }

    /// <summary>Deletes files that were kept for a look although they cannot be used.</summary>
    public void DropUnusable() => _room.Add(-_spool.DropUnusable());

    private static string GapAfter(StreamStatus? before) =>
        before switch { null => Gap.Restart, { State: StreamState.Paused } => Gap.Paused, _ => Gap.Changed };
}
