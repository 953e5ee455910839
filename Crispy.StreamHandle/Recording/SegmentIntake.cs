using System.Threading.Channels;
using Crispy.Contracts;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Timing;

namespace Crispy.StreamHandle.Recording;

/// <summary>Makes chunks of a run's closed segments, beside the reading. A disk that refuses is tried until it takes them.</summary>
internal sealed class SegmentIntake(
    RunOrder order, ChunkSpooler spooler, StreamRoom room, ChannelWriter<Found> found, TimeProvider clock, ILogger log)
{
    /// <summary>Segments that become chunks together at most.</summary>
    private const int MaxBatch = 16;

    /// <summary>How long a refusing disk is tried when the stream is to stop.</summary>
    private static readonly TimeSpan RefusedLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(0.25);

    private readonly Channel<ClosedSegment> _closed = Channel.CreateUnbounded<ClosedSegment>(new() { SingleReader = true });
    private string? _gapReason = order.GapReason;
    private int _closedCount;
    private int _spooledCount;

    /// <summary>What ffmpeg complained of.</summary>
    public ComplaintPlaces Complaints { get; } = new();

    /// <summary>Segments closed so far.</summary>
    public int Closed => Volatile.Read(ref _closedCount);

    /// <summary>Those of them that are not yet chunks.</summary>
    public int Pending => Volatile.Read(ref _closedCount) - Volatile.Read(ref _spooledCount);

    /// <summary>Whether it was asked to stop while the disk refused: what is left waits in <c>open/</c> for the next start.</summary>
    public bool HasGivenUp { get; private set; }

    /// <summary>Counts a segment that is closed.</summary>
    public void Count() => Interlocked.Increment(ref _closedCount);

    /// <summary>Takes a segment that was counted.</summary>
    public void Take(ClosedSegment segment)
    {
        _closed.Writer.TryWrite(segment);
        found.TryWrite(new Found.Pending(Pending));
    }

    /// <summary>Takes no more.</summary>
    public void End() => _closed.Writer.TryComplete();

    /// <summary>Makes chunks until <see cref="End"/>.</summary>
    /// <param name="epochs">The run's clock.</param>
    /// <param name="stopping">Ends the waiting for a disk that refuses.</param>
    public async Task RunAsync(EpochClock epochs, CancellationToken stopping)
    {
        var batch = new List<ClosedSegment>(MaxBatch);
        while (await _closed.Reader.WaitToReadAsync(CancellationToken.None))
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _closed.Reader.TryRead(out var segment))
                batch.Add(segment with { IsDamaged = segment.IsDamaged | Complaints.TakeBefore(segment.Cut!.LastByte) });
            if (await SpoolAsync(batch, epochs, stopping) is not { } spooled)
            {
                HasGivenUp = true;
                return;
            }
            _gapReason = spooled.GapReason;
            Interlocked.Add(ref _spooledCount, batch.Count);
            room.Add(spooled.Chunks.Sum(chunk => chunk.Manifest.Size));
            found.TryWrite(new Found.Chunks(spooled));
            found.TryWrite(new Found.Pending(Pending));
        }
    }

    /// <returns>Null when asked to stop meanwhile.</returns>
    private async Task<SpooledBatch?> SpoolAsync(List<ClosedSegment> batch, EpochClock epochs, CancellationToken stopping)
    {
        long? refused = null;
        while (true)
        {
            try
            {
                var dropped = !order.IsFinite && room.LosesNewest ? LossReason.DroppedNewest : null;
                var spooled = spooler.Spool(batch, epochs, _gapReason, dropped);
                if (refused is null) return spooled;
                Log.SpoolTakesAgain(log, order.Stream.Id);
                found.TryWrite(new Found.Accepted());
                return spooled;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                room.Refused();
                if (refused is null) Log.SpoolRefused(log, order.Stream.Id, failure.Message);
                refused ??= clock.GetTimestamp();
                found.TryWrite(new Found.Refused(failure.Message));
                if (stopping.IsCancellationRequested && clock.GetElapsedTime(refused.Value) > RefusedLimit) return null;
                await Task.Delay(RefusedPause, clock, CancellationToken.None);
            }
        }
    }
}
