using Crispy.Coordination;
using Crispy.StreamHandle.Recording;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Supervising;

/// <summary>The life of one stream: the supervising loop. It opens the source, and again and again if it is a live one; everything inside
/// just fails. Nothing that happens here reaches another stream.</summary>
/// <param name="plan">What to do.</param>
/// <param name="source">The source; disposed of at the end.</param>
/// <param name="account">Takes what happens.</param>
/// <param name="leases">Tells when the stream is this replica's to record.</param>
/// <param name="room">The spool's room for it.</param>
/// <param name="clock">The clock.</param>
internal sealed class StreamLife(LifePlan plan, ISource source, StreamAccount account, ILeases leases, StreamRoom room, TimeProvider clock)
{
    /// <summary>How often a stream that stopped because the spool is full looks whether it still is.</summary>
    private static readonly TimeSpan RoomInterval = TimeSpan.FromSeconds(0.5);

    private readonly Backoff _backoff = new(Random.Shared);
    private string? _gapReason;
    private bool _hadTenure;
    private bool _atOnce;

    private string Id => plan.Stream.Id;

    /// <summary>Lives until the source ends for good or is to stop; then every closed segment is a ready chunk.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            bool recovered;
            while (!(recovered = await TryRecoverAsync()) && !stopping.IsCancellationRequested) await PauseAsync(stopping);
            _gapReason = plan.GapReason;
            while (plan.Duty == StreamDuty.Record && recovered && await HoldAsync(stopping)) continue;
            if (plan.Duty != StreamDuty.Record) account.Enter(plan.Duty == StreamDuty.Pause ? StreamState.Paused : StreamState.Removed);
            else if (account.Status.State != StreamState.Failed) account.Enter(StreamState.Ended);
        }
#pragma warning disable CA1031 // The last line of defence: a fault of one stream is shown and must not end the others.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            account.Fail(fault);
        }
        finally
        {
            source.Dispose();
        }
    }

    /// <returns>Whether the disk took it: else nothing is lost by it, and another try is wanted.</returns>
    private async Task<bool> TryRecoverAsync()
    {
        try
        {
            var isSettled = plan.Duty == StreamDuty.Settle;
            await foreach (var found in source.RecoverAsync(isReadAgain: !isSettled, mayBeLast: leases.IsOn || isSettled))
                account.Take(found);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            RetryDisk(refused);
            return false;
        }
    }

    // A stream that ended for good stays this replica's, so that no other one begins it again.
    /// <returns>Whether the stream went elsewhere, and must be waited for again.</returns>
    private async Task<bool> HoldAsync(CancellationToken stopping)
    {
        if (leases.IsOn) account.Enter(StreamState.Standby);
        if (await leases.AwaitAsync(Id, () => account.Status, stopping) is not { } tenure) return false;
        var given = true;
        try
        {
            Take(tenure.Grant);
            while (await TryOnceAsync(tenure)) await PauseAsync(tenure.Over);
            given = tenure.Over.IsCancellationRequested;
        }
        finally
        {
            if (given) await leases.EndAsync(Id, tenure);
        }
        return given && !stopping.IsCancellationRequested;
    }

    private void Take(LeaseGrant? grant)
    {
        source.Take(grant);
        _backoff.Reset();
        if (grant is { Holder: { } holder })
            _gapReason = holder != leases.Replica ? grant.HandedOver ? Gap.Rebalance : Gap.Takeover : _hadTenure ? Gap.Lease : _gapReason;
        _hadTenure = true;
    }

    /// <returns>Whether another try is wanted.</returns>
    private async Task<bool> TryOnceAsync(Tenure tenure)
    {
        if (tenure.Over.IsCancellationRequested) return false;
        try
        {
            account.Start();
            Ending? ending = null;
            await foreach (var found in source.OpenAsync(_gapReason, tenure.Over))
                if (found is Found.End end) ending = end.Ending;
                else Take(found, tenure);
            return await ConcludeAsync(ending ?? new Ending.Stopped(), tenure.Over);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            RetryDisk(refused);
            return true;
        }
        catch (OperationCanceledException) when (tenure.Over.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Take(Found found, Tenure tenure)
    {
        account.Take(found);
        // The time of a source with an end has no gaps to tell of.
        if (found is Found.Kind { IsFinite: true }) _gapReason = null;
        if (found is not Found.Chunks { Batch: var batch }) return;
        _gapReason = batch.GapReason;
        if (batch.End is { } last) leases.Note(tenure, last);
    }

    /// <returns>Whether another try is wanted.</returns>
    private async Task<bool> ConcludeAsync(Ending ending, CancellationToken stopping)
    {
        switch (ending)
        {
            case Ending.Again again:
                if (again.HasRecorded) _backoff.Reset();
                (_atOnce, _gapReason) = (again.IsAtOnce, again.GapReason ?? _gapReason);
                account.Retry(again.Error);
                if (again.Pause > TimeSpan.Zero) await DelayAsync(again.Pause, stopping);
                return true;
            case Ending.Failed failed: account.Fail(failed.Error); break;
            case Ending.Complete complete: account.Complete(complete.Segments); break;
        }
        return false;
    }

    private void RetryDisk(Exception refused)
    {
        room.Refused();
        account.Retry($"the spool takes nothing more: {refused.Message}");
    }

    private async Task PauseAsync(CancellationToken stopping)
    {
        // A source that is there and began again waits for nobody: what it sends meanwhile would be missed.
        var pause = _atOnce ? TimeSpan.Zero : _backoff.Next();
        _atOnce = false;
        account.Pause(pause);
        await DelayAsync(pause, stopping);
        while (room.IsClosed && !account.Status.IsFinite && !stopping.IsCancellationRequested) await DelayAsync(RoomInterval, stopping);
    }

    private async Task DelayAsync(TimeSpan pause, CancellationToken stopping) =>
        await Task.Delay(pause, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

/// <summary>What to do about a stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Duty">What to do.</param>
/// <param name="GapReason">Why its first new chunk does not follow on from what the spool holds.</param>
internal sealed record LifePlan(StreamOptions Stream, StreamDuty Duty, string GapReason);
