namespace Crispy.CloudEmulator.Notifying;

/// <summary>Keeps one <see cref="TargetPump"/> running for each target.</summary>
internal sealed class Pusher(Outbox outbox, TimeProvider time, ILogger<Pusher> log) : BackgroundService
{
    private readonly SemaphoreSlim _changed = new(0);
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        MaxConnectionsPerServer = TargetPump.Parallel,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        AllowAutoRedirect = false,
        UseProxy = false,
    })
    {
        Timeout = TimeSpan.FromSeconds(60),
    };

    public override void Dispose()
    {
        base.Dispose();
        _client.Dispose();
        _changed.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pumps = new Dictionary<string, TargetPump>(StringComparer.Ordinal);
        outbox.Changed += Wake;
        try
        {
            while (true)
            {
                await MatchAsync(pumps, stoppingToken);
                foreach (var pump in pumps.Values) pump.Wake();
                await _changed.WaitAsync(stoppingToken);
                while (_changed.Wait(0, CancellationToken.None)) { }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            outbox.Changed -= Wake;
            foreach (var pump in pumps.Values) await pump.StopAsync();
        }
    }

    private void Wake() => _changed.Release();

    private async Task MatchAsync(Dictionary<string, TargetPump> pumps, CancellationToken stopping)
    {
        var targets = outbox.Targets;
        foreach (var target in targets)
        {
            if (!pumps.ContainsKey(target.Key)) pumps[target.Key] = new(target, outbox, _client, time, log, stopping);
        }
        foreach (var gone in pumps.Keys.Except(targets.Select(target => target.Key)).ToArray())
        {
            await pumps[gone].StopAsync();
            pumps.Remove(gone);
        }
    }
}
