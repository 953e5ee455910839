namespace Crispy.Console.StreamHandles;

/// <summary>Asks every stream-handle for its duty report, and makes one of them.</summary>
public sealed class DutyFeed(StreamHandleDirectory directory, StreamHandleClient client, Duty duty, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>One that starts together with the console is no trouble for so long.</summary>
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(15);

    private readonly long _begun = clock.GetTimestamp();

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                if (directory.Known.Count > 0) duty.Put(await ReadAsync(stoppingToken));
            }
            while (await ticks.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The console ends.
        }
    }

    /// <summary>What all of them say now.</summary>
    /// <param name="stop">Ends the asking.</param>
    public async Task<DutyReport> ReadAsync(CancellationToken stop)
    {
        var answers = await Task.WhenAll(directory.Known.Select(streamHandle => AskAsync(streamHandle, stop)));
        var away = clock.GetElapsedTime(_begun) < Start ? [] : answers.Select(answer => answer.Away).OfType<AwayReport>();
        return DutyJudge.Merge([.. answers.Select(answer => answer.Report).OfType<DutyReport>()], [.. away], clock.GetUtcNow());
    }

    private async Task<(DutyReport? Report, AwayReport? Away)> AskAsync(Uri streamHandle, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var timer = clock.CreateTimer(_ => limit.Cancel(), null, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            return (await client.GetAsync<DutyReport>(streamHandle, "/api/duty", limit.Token), null);
        }
        catch (Exception failed) when (failed is RefusedException || StreamHandleClient.IsNoAnswer(failed, stop))
        {
            return (null, new(StreamHandleClient.Redacted(streamHandle), StreamHandleClient.Reason(failed)));
        }
    }
}
