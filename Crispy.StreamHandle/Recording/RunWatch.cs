using Crispy.Muxing.Cutting;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Recording;

/// <summary>Watches one ffmpeg: ends it where its live source stands still, where the spool is full, or where it is to stop.</summary>
internal sealed class RunWatch(RunOrder order, StreamRoom room, TimeProvider clock, ILogger log)
{
    /// <summary>How long ffmpeg may take to hand over what it has when it is asked to end. What came until then is kept in any
    /// case.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    /// <summary>How long ffmpeg may take to leave a read that waits.</summary>
    private static readonly TimeSpan LoopLimit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private bool _hasPicture;
    private long _lastProgress;

    /// <summary>Why the run was ended although its live source was still open; null when it was not.</summary>
    public string? Stall { get; private set; }

    /// <summary>Whether the run was ended because the spool is full.</summary>
    public bool IsOutOfRoom { get; private set; }

    /// <summary>Whether the run was ended from here.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Begins to count how long nothing came.</summary>
    public void Begin() => Volatile.Write(ref _lastProgress, clock.GetTimestamp());

    /// <summary>Notes that a picture came.</summary>
    /// <returns>Whether it is the first.</returns>
    public bool See()
    {
        Begin();
        if (Volatile.Read(ref _hasPicture)) return false;
        Volatile.Write(ref _hasPicture, true);
        return true;
    }

    /// <summary>Watches until the run ended.</summary>
    /// <param name="segmenter">ffmpeg.</param>
    /// <param name="cutter">What reads it.</param>
    /// <param name="holdBack">Looks whether a finite source must wait.</param>
    /// <param name="stopCutting">Ends the reading of a finite source.</param>
    /// <param name="stopping">Asks it to end the run.</param>
    /// <param name="ended">The run ended by itself.</param>
    public async Task WatchAsync(
        Segmenter segmenter, ChunkCutter cutter, Action holdBack, CancellationTokenSource stopCutting, CancellationToken stopping,
        CancellationToken ended)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, ended);
        while (!either.IsCancellationRequested)
        {
            if (order.IsFinite) holdBack();
            else LookAtLive(cutter);
            if (Stall is not null || IsOutOfRoom) break;
            await Task.Delay(Interval, clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (ended.IsCancellationRequested) return;
        HasEnded = true;
        if (order.IsFinite) await stopCutting.CancelAsync();
        else if (await StopAsync(segmenter, ended)) return;
        segmenter.Kill();
    }

    private void LookAtLive(ChunkCutter cutter)
    {
        Stall = FindStall() ?? CloseOverdue(cutter);
        if (room.IsClosed) IsOutOfRoom = true;
    }

    /// <returns>Whether it ended in time.</returns>
    private async Task<bool> StopAsync(Segmenter segmenter, CancellationToken ended)
    {
        segmenter.Stop();
        await Task.Delay(LoopLimit, clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ended.IsCancellationRequested) return true;
        // A second signal ends what waits for the network, such as a playlist that brings nothing new.
        segmenter.Stop();
        await Task.Delay(StopLimit, clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ended.IsCancellationRequested) return true;
        Log.SegmenterKilled(log, order.Stream.Id, segmenter.ProcessId);
        return false;
    }

    // A chunk whose disk refuses it is left as it is, and so is its source.
    private static string? CloseOverdue(ChunkCutter cutter)
    {
        try
        {
            cutter.CloseOverdue();
            return null;
        }
        catch (IOException refused)
        {
            return $"the spool takes nothing more: {refused.Message}";
        }
    }

    private string? FindStall()
    {
        if (order.End.Reopen is { } reason) return reason;
        var silence = clock.GetElapsedTime(Volatile.Read(ref _lastProgress));
        var (keyframe, limit) = (order.Stream.KeyframeTimeout, order.Stream.StallTimeout + order.Stream.Window);
        if (!Volatile.Read(ref _hasPicture))
            return silence > keyframe ? $"no keyframe for {keyframe.TotalSeconds} s after it was opened" : null;
        return silence > limit ? $"no picture for {limit.TotalSeconds} s" : null;
    }
}
