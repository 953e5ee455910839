namespace Crispy.CloudEmulator.Notifying;

/// <summary>
/// Delivers one target's events, several at a time, each again and again until the target answers with success. An event that
/// the target keeps refusing holds up no other, until a thousand such are in memory.
/// </summary>
internal sealed class TargetPump
{
    /// <summary>Requests in flight to one target.</summary>
    public const int Parallel = 16;

    private const int Window = 1024;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly PushTarget target;
    private readonly Outbox outbox;
    private readonly HttpClient client;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly SemaphoreSlim wake = new(0);
    private readonly SemaphoreSlim window = new(Window);
    private readonly SemaphoreSlim requests = new(Parallel);
    private readonly CancellationTokenSource stop;
    private readonly Task run;

    public TargetPump(PushTarget target, Outbox outbox, HttpClient client, TimeProvider time, ILogger log, CancellationToken stopping)
    {
        (this.target, this.outbox, this.client, this.time, this.log) = (target, outbox, client, time, log);
        stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        run = RunAsync(stop.Token);
    }

    public void Wake() => wake.Release();

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await run;
        for (var i = 0; i < Window; i++) await window.WaitAsync();
        stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        var last = 0L;
        try
        {
            while (true)
            {
                var pending = outbox.Next(target.Key, last, atMost: 64);
                foreach (var one in pending)
                {
                    await window.WaitAsync(stopping);
                    last = one.Id;
                    _ = DeliverAsync(one, stopping);
                }
                if (pending.Count > 0) continue;
                await wake.WaitAsync(stopping);
                while (wake.Wait(0, CancellationToken.None)) { }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is pending stays in the outbox.
        }
    }

    private async Task DeliverAsync(PendingEvent pending, CancellationToken stopping)
    {
        using var span = PushSpan.Start(pending);
        try
        {
            for (var pause = FirstPause; !await TryAsync(pending, stopping); pause = Longer(pause))
            {
                outbox.CountRetry();
                await Task.Delay(pause, time, stopping);
            }
            await outbox.AcknowledgeAsync(pending);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stays in the outbox.
        }
        finally
        {
            window.Release();
        }
    }

    private async Task<bool> TryAsync(PendingEvent pending, CancellationToken stopping)
    {
        await requests.WaitAsync(stopping);
        try
        {
            using var request = PushMessage.Compose(target, pending);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stopping);
            if (response.IsSuccessStatusCode) return true;
            Log.PushRefused(log, pending.Bucket, pending.ObjectName, target.Endpoint, (int)response.StatusCode);
        }
        catch (Exception error) when (error is HttpRequestException or IOException || (error is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            Log.PushFailed(log, pending.Bucket, pending.ObjectName, target.Endpoint, error.Message);
        }
        finally
        {
            requests.Release();
        }
        return false;
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;
}
