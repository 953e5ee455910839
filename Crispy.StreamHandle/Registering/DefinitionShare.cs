using System.Threading.Channels;
using Crispy.StreamHandle.Leasing;
using Crispy.StreamHandle.Supervising;
using StackExchange.Redis;

namespace Crispy.StreamHandle.Registering;

/// <summary>Shares what the API decided with the other replicas, where streams are shared by leases. Without leases each process records
/// all that it knows, and two would record the same stream twice. Redis is no owner of it: each replica keeps all records beside its spool,
/// and tells a wiped Redis what it knows. Records are signed, so that a person who can write to Redis cannot decide what is recorded. The
/// replicas know each other's keys, as chunk-logger does.</summary>
public sealed class DefinitionShare : BackgroundService
{
    /// <summary>How often everything is compared, for what a lost message did not tell.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);

    // A stream's id, or null for all of them. What does not fit is found when everything is compared.
    private readonly Channel<string?> _due =
        Channel.CreateBounded<string?>(new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly StreamRegistry _registry;
    private readonly StreamSupervisor _supervisor;
    private readonly LeaseOptions _leases;
    private readonly SharedRecords _shared;
    private readonly TimeProvider _clock;
    private readonly ILogger<DefinitionShare> _log;
    private bool _listens;
    private bool _away;

    /// <summary>A share through one Redis.</summary>
    public DefinitionShare(StreamRegistry registry, StreamSupervisor supervisor, LeaseOptions leases, SharedRecords shared,
        TimeProvider clock, ILogger<DefinitionShare> log)
    {
        (_registry, _supervisor, _leases, _shared, _clock, _log) = (registry, supervisor, leases, shared, clock, log);
    }

    /// <summary>Tells the others of a stream, soon.</summary>
    public void Tell(string stream)
    {
        if (_leases.Enabled) _due.Writer.TryWrite(stream);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_leases.Enabled) return;
        await Task.Yield();
        _shared.Restored += (_, _) => _due.Writer.TryWrite(null);
        string? due = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync();
                if (due is null) await CompareAllAsync();
                else await CompareAsync(due);
                _away = false;
                due = await NextAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is RedisException or TimeoutException or ObjectDisposedException or IOException)
            {
                if (!_away) Log.DefinitionsAway(_log, failure.Message);
                (_away, due) = (true, null);
                await Task.Delay(Pause, _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenAsync()
    {
        if (_listens) return;
        await _shared.ListenAsync(stream => _due.Writer.TryWrite(stream));
        _listens = true;
    }

    private async Task<string?> NextAsync(CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var timer = _clock.CreateTimer(_ => limit.Cancel(), null, Interval, Timeout.InfiniteTimeSpan);
        try
        {
            return await _due.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task CompareAllAsync()
    {
        var shared = await _shared.GetAllAsync();
        foreach (var (stream, record) in shared) Accept(stream, record);
        foreach (var record in _registry.Records.ToList())
            if (record.IsNewerThan(shared.GetValueOrDefault(record.Id))) await _shared.OfferAsync(record);
    }

    private async Task CompareAsync(string stream)
    {
        Accept(stream, await _shared.GetAsync(stream));
        if (_registry.Record(stream) is { } record) await _shared.OfferAsync(record);
    }

    private void Accept(string stream, StreamRecord? record)
    {
        if (record is null || !_registry.TryAccept(record)) return;
        Log.StreamDecidedElsewhere(_log, stream, record.Version);
        // Ending a recording takes its time, and others need not wait for it.
        _ = Task.Run(() => _supervisor.ApplyAsync(stream));
    }
}
