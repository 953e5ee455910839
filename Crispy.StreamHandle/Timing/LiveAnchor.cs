using Crispy.Contracts;

namespace Crispy.StreamHandle.Timing;

/// <summary>The best estimate of when a live timeline's zero was: the camera's word where it is sane, else the earliest arrivals.</summary>
internal sealed class LiveAnchor
{
    /// <summary>A frame cannot arrive before it is filmed; this much is left for two clocks that are both set over a network.</summary>
    private static readonly TimeSpan MostAhead = TimeSpan.FromSeconds(0.25);

    /// <summary>The longest way from a lens to here that is believed. A camera that claims more has a clock that is not set.</summary>
    private static readonly TimeSpan MostLatency = TimeSpan.FromSeconds(2);

    /// <summary>Sender reports come every few seconds: a camera's word that is older than this is no longer taken.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(60);

    /// <summary>An error decays with this time constant: fast while it is large, and yet never a step.</summary>
    private static readonly TimeSpan SlewTime = TimeSpan.FromSeconds(5);
    private const double MostSlew = 0.05;

    /// <summary>A chunk dated later than this after its own arrival is plainly wrong, as after a first segment that was read late. That is
    /// undone faster.</summary>
    private static readonly TimeSpan Impossible = TimeSpan.FromSeconds(1);

    /// <summary>A camera's own word is followed at once: what arrival said before it is worth less.</summary>
    private static readonly TimeSpan CameraSlewTime = TimeSpan.FromSeconds(1);
    private const double MostCameraSlew = 0.5;

    /// <summary>What the first arrivals may be late by: a connection delivers what it buffered while it was opened.</summary>
    private static readonly TimeSpan EarlyDoubt = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(10);

    private readonly ArrivalEstimate _arrival = new();
    private (TimeSpan Position, DateTimeOffset Zero)? _camera;

    /// <summary>Whether nothing was observed yet.</summary>
    public bool IsEmpty => _arrival.Count == 0;

    /// <summary>Takes a picture.</summary>
    /// <param name="position">When it is shown, on the timeline.</param>
    /// <param name="at">When it arrived, by our clock.</param>
    /// <param name="camera">When it was taken, by its camera's sender reports (RTCP SR, RFC 3550, 6.4.1);
    /// null where they do not say.</param>
    public void Observe(TimeSpan position, DateTimeOffset at, DateTimeOffset? camera)
    {
        _arrival.Add(position, at);
        if (camera is null) return;
        var zero = camera.Value - position;
        var latency = _arrival.Zero(position) - zero;
        _camera = latency > -MostAhead && latency < MostLatency ? (position, zero) : null;
    }

    /// <summary>When the timeline's zero was, as it is seen at a position. Something must have been observed.</summary>
    /// <param name="position">The position.</param>
    /// <param name="frame">How long a picture lasts. ffmpeg passes one on when the next one begins, since only that tells where it ended:
    /// what arrives here was filmed a frame earlier.</param>
    public DateTimeOffset Zero(TimeSpan position, TimeSpan frame) => Camera(position) ?? _arrival.Zero(position) - frame;

    /// <summary>The anchor at the end of a chunk, so that it follows the estimate.</summary>
    /// <param name="anchor">The anchor at its start.</param>
    /// <param name="position">Its start.</param>
    /// <param name="passed">Its length.</param>
    /// <param name="frame">How long a picture lasts.</param>
    public DateTimeOffset Slewed(DateTimeOffset anchor, TimeSpan position, TimeSpan passed, TimeSpan frame)
    {
        var target = Zero(position + passed, frame);
        var off = target - anchor;
        var rate = Camera(position + passed) is not null
            ? Math.Clamp(off / CameraSlewTime, -MostCameraSlew, MostCameraSlew)
            : Math.Clamp(off / SlewTime, -off > Impossible ? -MostCameraSlew : -MostSlew, MostSlew);
        var step = passed * rate;
        return step.Duration() < off.Duration() ? anchor + step : target;
    }

    /// <summary>What a manifest says of the clock.</summary>
    /// <param name="position">The chunk's.</param>
    /// <param name="anchor">The anchor that it was placed by.</param>
    /// <param name="frame">How long a picture lasts.</param>
    public ChunkClock Describe(TimeSpan position, DateTimeOffset anchor, TimeSpan frame)
    {
        var drift = _arrival.Drift is { } known ? Math.Round(-known * 1e6, 1) : (double?)null;
        var rest = (Zero(position, frame) - anchor).Duration();
        if (Camera(position) is not null) return new(ChunkClock.Rtcp, Milliseconds(rest + frame), drift);
        var doubt = _arrival.Scatter + (_arrival.Span < Early ? EarlyDoubt : TimeSpan.Zero);
        return new(ChunkClock.Arrival, Milliseconds(rest + frame + doubt), drift);
    }

    /// <summary>Forgets everything: another timeline begins.</summary>
    public void Reset()
    {
        _arrival.Reset();
        _camera = null;
    }

    private DateTimeOffset? Camera(TimeSpan position) =>
        _camera is { } camera && position - camera.Position < FreshFor ? camera.Zero : null;

    private static double Milliseconds(TimeSpan span) => Math.Round(span.TotalMilliseconds, 3);
}
