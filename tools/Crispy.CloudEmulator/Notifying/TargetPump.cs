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

    private readonly PushTarget _target;
    private readonly Outbox _outbox;
    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly SemaphoreSlim _window = new(Window);
    private readonly SemaphoreSlim _requests = new(Parallel);
    private readonly CancellationTokenSource _stop;
    private readonly Task _run;

    public TargetPump(PushTarget target, Outbox outbox, HttpClient client, TimeProvider time, ILogger log, CancellationToken stopping)
    {
        (_target, _outbox, _client, _time, _log) = (target, outbox, client, time, log);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _run = RunAsync(_stop.Token);
    }

    public void Wake() => _wake.Release();

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run;
        for (var i = 0; i < Window; i++) await _window.WaitAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        var last = 0L;
        try
        {
            while (true)
            {
                var pending = _outbox.Next(_target.Key, last, atMost: 64);
                foreach (var one in pending)
                {
                    await _window.WaitAsync(stopping);
                    last = one.Id;
                    _ = DeliverAsync(one, stopping);
                }
                if (pending.Count > 0) continue;
                await _wake.WaitAsync(stopping);
                while (_wake.Wait(0, CancellationToken.None)) { }
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
                _outbox.CountRetry();
                await Task.Delay(pause, _time, stopping);
            }
            await _outbox.AcknowledgeAsync(pending);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stays in the outbox.
        }
        finally
        {
            _window.Release();
        }
    }

    private async Task<bool> TryAsync(PendingEvent pending, CancellationToken stopping)
    {
        await _requests.WaitAsync(stopping);
        try
        {
            using var request = PushMessage.Compose(_target, pending);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stopping);
            if (response.IsSuccessStatusCode) return true;
            Log.PushRefused(_log, pending.Bucket, pending.ObjectName, _target.Endpoint, (int)response.StatusCode);
        }
        catch (Exception error)
            when (error is HttpRequestException or IOException
                || (error is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            Log.PushFailed(_log, pending.Bucket, pending.ObjectName, _target.Endpoint, error.Message);
        }
        finally
        {
            _requests.Release();
        }
        return false;
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;
}
