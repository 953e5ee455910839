using System.Collections.Concurrent;
using Crispy.StreamHandle.Measuring;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Supervising;

/// <summary>Runs all streams side by side: those of the registry, and those that only have something left in the spool. A stream that
/// changes is ended and started again; the others do not notice. Safe for concurrent use.</summary>
public sealed class StreamSupervisor : BackgroundService
{
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ending = new();
    private readonly IStreamList _wanted;
    private readonly StreamParts _parts;
    private volatile IReadOnlyList<StreamRunner> _streams = [];
    private volatile bool _begun;

    /// <summary>Knows all streams, and runs none yet.</summary>
    public StreamSupervisor(IStreamList wanted, StreamParts parts)
    {
        (_wanted, _parts, StartedAt) = (wanted, parts, parts.Clock.GetUtcNow());
        foreach (var entry in wanted.Entries) _running[entry.Options.Id] = New(Wanted(entry), null);
        foreach (var stream in parts.Spool.Layout.Streams().Where(stream => wanted.Find(stream) is null && HoldsSomething(stream))
            .Order(StringComparer.Ordinal))
        {
            Log.LeftoverFound(parts.Log, stream);
            _running[stream] = New(Leftover(stream), null);
        }
        Arrange();
    }

    /// <summary>The streams: in the order of the registry, then those that have something left.</summary>
    public IReadOnlyList<StreamRunner> Streams => _streams;

    /// <summary>When the streams were started, UTC.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>The runner of a stream; null where there is none of that id, and nothing is left of one.</summary>
    public StreamRunner? Find(string id) => _running.GetValueOrDefault(id)?.Runner;

    /// <summary>Brings one stream to what the registry says now. A running one that is to change has closed its last chunk when this
    /// returns.</summary>
    public async Task ApplyAsync(string id)
    {
        var turn = _turns.GetOrAdd(id, _ => new(1));
        await turn.WaitAsync();
        try
        {
            if (_ending.IsCancellationRequested) return;
            var before = _running.GetValueOrDefault(id);
            var wanted = _wanted.Find(id) is { } entry ? Wanted(entry) : before is not null || HoldsSomething(id) ? Leftover(id) : null;
            if (wanted is not null && before is not null && wanted.IsSame(before.Plan)) return;
            if (before is not null) await EndAsync(before, isKept: wanted?.Duty == StreamDuty.Record);
            if (wanted is not null) await BeginAsync(_running[id] = New(wanted, before?.Runner));
        }
        finally
        {
            turn.Release();
            Arrange();
            _parts.Leases.Changed();
            _parts.Outlets.Events.Changed(id);
        }
    }

    /// <summary>Forgets removed streams when the spool holds nothing of them any more.</summary>
    public void ForgetEmpty()
    {
        foreach (var (id, running) in _running.Where(each => each.Value is { Plan.Duty: StreamDuty.Settle, Runner.IsEmpty: true }))
        {
            var turn = _turns.GetOrAdd(id, _ => new(1));
            if (!turn.Wait(0)) continue;
            try
            {
                if (!_running.TryRemove(KeyValuePair.Create(id, running))) continue;
                running.Runner.Retire();
                running.Dispose();
                Log.LeftoverGone(_parts.Log, id);
                _parts.Outlets.Events.Removed(id);
            }
            finally
            {
                turn.Release();
            }
            Arrange();
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Log.Started(_parts.Log, _wanted.Entries.Count, _parts.Spool.Options.Name, _parts.Spool.Options.Path, _parts.Spool.Signer.KeyId,
            _parts.Opening.Ffmpeg.Launcher.BindsLifetimes);
        if (_wanted.Entries.Count == 0) Log.NoStreams(_parts.Log);
        _begun = true;
        foreach (var running in _running.Values) Begin(running);
        await Task.Delay(Timeout.InfiniteTimeSpan, _parts.Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _ending.CancelAsync();
        // One that is being changed is begun, if at all, before its turn is over.
        foreach (var turn in _turns.Values)
        {
            await turn.WaitAsync(CancellationToken.None);
            turn.Release();
        }
        await Task.WhenAll(_running.Values.Select(running => running.Ended));
    }

    /// <summary>Asks all streams to close their last chunk, waits for it, and then until the broker has confirmed it.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        while (_parts.Outlets.Publisher is { Trouble: null, IsIdle: false } && !cancellationToken.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromMilliseconds(10), _parts.Clock, CancellationToken.None);
        if (!_parts.Outlets.Publisher.IsIdle) Log.StopIncomplete(_parts.Log);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        foreach (var running in _running.Values) running.Dispose();
        _ending.Dispose();
        base.Dispose();
    }

    private static Plan Wanted(StreamEntry entry) =>
        new(entry.Options, entry.IsEnabled ? StreamDuty.Record : StreamDuty.Pause, entry.Restarts);

    private Plan Leftover(string stream) => new(_wanted.Leftover(stream), StreamDuty.Settle, 0);

    private Running New(Plan plan, StreamRunner? before) =>
        new(plan, new(plan.Options, _parts, plan.Duty, before, HasLive), CancellationTokenSource.CreateLinkedTokenSource(_ending.Token));

    // Before the process has begun its streams they wait for it, and it begins all there are.
    private void Begin(Running running)
    {
        if (_begun) running.Begin();
    }

    // Who paused or removed a stream is told when its spool is in order, unless the disk refuses that for now.
    private async Task BeginAsync(Running running)
    {
        Begin(running);
        if (running.Plan.Duty != StreamDuty.Record) await Task.WhenAny(running.Ended, Task.Delay(SettleLimit, _parts.Clock, _ending.Token));
    }

    private async Task EndAsync(Running running, bool isKept)
    {
        var id = running.Runner.Options.Id;
        if (isKept) _parts.Leases.Keep(id);
        await running.EndAsync();
        await _parts.Leases.GiveUpAsync(id);
        running.Runner.Retire();
        running.Dispose();
    }

    private void Arrange()
    {
        var known = _wanted.Entries.Select(entry => entry.Options.Id).ToList();
        var rest = _running.Keys.Except(known, StringComparer.Ordinal).Order(StringComparer.Ordinal);
        _streams = [.. known.Concat(rest).Select(Find).OfType<StreamRunner>()];
        foreach (var stream in _streams) Telemetry.Begin(stream.Options.Id);
        // Which part of the spool is whose follows the registry; what is left of a stream keeps an equal part until it is gone.
        _parts.Spool.Budget.Share(
            [.. _streams.Select(stream => _wanted.Find(stream.Options.Id)?.Options ?? stream.Options with { SpoolShare = null })]);
    }

    private bool HasLive() => _streams.Any(stream => stream.Duty == StreamDuty.Record && !stream.Status.IsFinite);

    private bool HoldsSomething(string stream)
    {
        var spool = _parts.Spool.Layout;
        return spool.ReadyManifests(stream).Any() || spool.DeadManifests(stream).Any() || spool.ReadyLosses(stream).Any()
            || spool.StoredManifests(stream).Any()
            || spool.LostManifests(stream).Any() || spool.HasOpen(stream);
    }

    private sealed record Plan(StreamOptions Options, StreamDuty Duty, int Restarts)
    {
        // Neither its name, nor its share of the spool, nor how long it is kept is a reason to end a recording.
        public bool IsSame(Plan other) =>
            Duty == other.Duty && Restarts == other.Restarts && (Duty == StreamDuty.Settle || Options.RecordsLike(other.Options));
    }

    private sealed class Running(Plan plan, StreamRunner runner, CancellationTokenSource stop) : IDisposable
    {
        private readonly Lock _lock = new();

        public Plan Plan { get; } = plan;

        public StreamRunner Runner { get; } = runner;

        public Task Ended { get; private set; } = Task.CompletedTask;

        public void Begin()
        {
            lock (_lock)
                if (Ended == Task.CompletedTask) Ended = Task.Run(() => Runner.RunAsync(stop.Token), CancellationToken.None);
        }

        public async Task EndAsync()
        {
            await stop.CancelAsync();
            await Ended;
        }

        public void Dispose() => stop.Dispose();
    }
}
