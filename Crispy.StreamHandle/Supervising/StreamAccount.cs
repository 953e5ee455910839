using Crispy.Contracts;
using Crispy.Spool;
using Crispy.StreamHandle.Measuring;
using Crispy.StreamHandle.Recording;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Supervising;

/// <summary>The one place where what happens to a stream becomes known: it keeps the status, publishes what lies ready, counts, and tells
/// events. Safe for concurrent use.</summary>
internal sealed class StreamAccount
{
    private readonly StreamOptions _stream;
    private readonly Outlets _outlets;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly StreamStatus? _before;
    private StreamStatus _status;

    /// <summary>An account of a stream that does not run yet.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="outlets">Who is told.</param>
    /// <param name="before">What another runner of this process left; null for the first.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="log">The log.</param>
    public StreamAccount(StreamOptions stream, Outlets outlets, StreamStatus? before, TimeProvider clock, ILogger log)
    {
        (_stream, _outlets, _before, _clock, _log) = (stream, outlets, before, clock, log);
        _status = (before ?? new()) with
        {
            State = StreamState.Starting, IsFinite = SourceLook.HasEnd(stream), Error = null, Pending = 0, Paused = false,
        };
    }

    /// <summary>What is known of the stream now.</summary>
    public StreamStatus Status { get { lock (_gate) return _status; } }

    /// <summary>Notes where the stream stands, without an error.</summary>
    public void Enter(StreamState state) => Update(status => status with { State = state, Error = null });

    /// <summary>Notes that its source is opened now; why it was away stays known until it is there.</summary>
    public void Start() => Update(status => status with { State = StreamState.Starting });

    /// <summary>Notes that another try is wanted.</summary>
    public void Retry(string error)
    {
        Telemetry.Reconnected(_stream.Id);
        Update(status => status with { State = StreamState.Backoff, Error = error, LastError = new(_clock.GetUtcNow(), error) });
    }

    /// <summary>Notes that no other try can help.</summary>
    public void Fail(string error)
    {
        Update(status => status with
        {
            State = StreamState.Failed, Error = error, LastError = new(_clock.GetUtcNow(), error), Pending = 0, Paused = false,
        });
        Log.StreamFailed(_log, _stream.Id, error);
    }

    /// <summary>Notes that it ended by a fault of this program.</summary>
    public void Fail(Exception fault)
    {
        Fail(_stream.Url.Redact(fault.Message));
        Log.StreamFault(_log, _stream.Id, fault);
    }

    /// <summary>Notes that the source is at its end.</summary>
    public void Complete(int segments) => Log.SourceEnded(_log, _stream.Id, segments);

    /// <summary>Notes that the next try comes after a pause.</summary>
    public void Pause(TimeSpan pause) => Log.SourceAway(_log, _stream.Id, Status.Error, pause.TotalSeconds);

    /// <summary>Takes what its source yielded.</summary>
    public void Take(Found found)
    {
        switch (found)
        {
            case Found.Recovered recovered: Take(recovered); break;
            case Found.Chunks chunks: Publish(chunks.Batch); break;
            case Found.Kind kind: Update(status => status with { IsFinite = kind.IsFinite }); break;
            case Found.Picture: Enter(StreamState.Running); break;
            case Found.Pending pending: Update(status => status with { Pending = pending.Count }); break;
            case Found.Held held: Update(status => status with { Paused = held.IsHeld }); break;
            case Found.Accepted: Update(status => status with { Error = null }); break;
            case Found.Refused refused: TakeRefusal(refused.Error); break;
            default: CountFault(found); break;
        }
    }

    /// <summary>Publishes losses of chunks that were captured before.</summary>
    public void Publish(IReadOnlyList<SpooledLoss> losses)
    {
        foreach (var loss in losses)
        {
            Update(status => status with { Lost = status.Lost + 1 });
            Tell(loss.Record);
            _outlets.Publisher.Offer(loss);
            _outlets.Events.Lost(loss);
        }
    }

    // What another runner of this process took responsibility for before includes what is found now.
    private void Take(Found.Recovered recovered)
    {
        Update(status => status with { Captured = _before?.Captured ?? recovered.Captured, Lost = _before?.Lost ?? 0 });
        Publish(recovered.Losses);
    }

    private void TakeRefusal(string error) =>
        Update(status => status with { Error = $"the spool takes nothing more: {error}", LastError = new(_clock.GetUtcNow(), error) });

    private void CountFault(Found found)
    {
        if (found is Found.Complaint complaint)
            Update(status => status with { Complaints = status.Complaints + 1, LastComplaint = complaint.Line });
        if (found is Found.Damage)
        {
            Telemetry.Damaged(_stream.Id);
            Update(status => status with { Damages = status.Damages + 1 });
        }
        if (found is Found.Discarded)
        {
            Telemetry.Discarded(_stream.Id);
            Update(status => status with { Discarded = status.Discarded + 1 });
        }
    }

    // A segment that never was a chunk is captured and lost at once.
    private void Publish(SpooledBatch batch)
    {
        foreach (var loss in batch.Losses.Where(loss => loss.Record.Manifest is null))
            Update(status => status with { Captured = status.Captured.Plus(loss.Record.Frames ?? 0, loss.Record.Bytes) });
        Publish(batch.Losses);
        foreach (var chunk in batch.Chunks)
        {
            Update(status => status.After(chunk.Manifest, _clock.GetUtcNow()));
            _outlets.Publisher.Offer(chunk);
            _outlets.Events.Queued(chunk);
        }
    }

    private void Tell(LossRecord loss)
    {
        using var span = Telemetry.StartLoss(loss.Traceparent);
        Telemetry.Lost(_stream.Id, loss.Reason);
        Log.ChunkLost(_log, loss.Chunk, loss.Reason, loss.From, loss.To, loss.Bytes);
    }

    private void Update(Func<StreamStatus, StreamStatus> change)
    {
        lock (_gate) _status = change(_status);
        _outlets.Events.Changed(_stream.Id);
    }
}
