using System.Diagnostics.Metrics;
using Crispy.Console.StreamHandles;

namespace Crispy.Console.Notifying;

/// <summary>Looks every second at what the console knows, decides what is told, and hands it to the targets' couriers.</summary>
public sealed class Notifier : BackgroundService
{
    private const int MostWaiting = 500;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly NotifySettings _settings;
    private readonly KnownStreams _streams;
    private readonly Duty _duty;
    private readonly StreamHandleDirectory _directory;
    private readonly TimeProvider _clock;
    private readonly NotifyFolder _folder;
    private readonly NotifyMemory _memory;
    private readonly Incidents _incidents;
    private readonly CertificateWatch _certificates;
    private readonly WebhookSender _sender;
    private readonly List<Courier> _couriers;
    private volatile IReadOnlyList<OpenNotice> _open = [];

    /// <summary>Reads what a process before left.</summary>
    public Notifier(ConsoleSettings console, KnownStreams streams, Duty duty, StreamHandleDirectory directory, IConfiguration configuration,
        IMeterFactory meters, TimeProvider clock, ILogger<Notifier> log)
    {
        var settings = console.Notify;
        (_settings, _streams, _duty, _directory, _clock) = (settings, streams, duty, directory, clock);
        _folder = new(settings.Folder, log);
        _memory = _folder.ReadMemory();
        _incidents = new(settings, _memory, clock);
        _certificates = new(configuration, [.. settings.Targets.Select(target => target.Url.IdnHost)], clock, log);
        _sender = new(clock, _certificates.Meet);
        if (_folder.Forget([.. settings.Targets.Select(target => target.Id)]) is > 0 and var left) Log.NoticesForgotten(log, left);
        var telemetry = new NotifyTelemetry(meters, () => _couriers?.Select(courier => (courier.Target.Number, courier.Pending)) ?? []);
        var boxes = settings.Targets.Select(target => new Outbox(_folder, target.Id, MostWaiting)).ToList();
        _memory.Number = boxes.Select(box => box.Newest).Append(_memory.Number).Max();
        _couriers = [.. settings.Targets.Zip(boxes, (target, box) => new Courier(target, box, _folder, _sender, telemetry, clock, log))];
        ShowOpen();
    }

    /// <summary>Raised for each notice, no matter who is told; handlers must be quick.</summary>
    public event Action<Notice>? Told;

    /// <summary>Who is told what, and what is open.</summary>
    public NotifyReport Report() => new([.. _couriers.Select(courier => courier.Report())], _open);

    /// <summary>Sends a test, to all or to one.</summary>
    /// <param name="target">The target's number; null for all.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>Null where there is no such target.</returns>
    public async Task<NotifyTestReport?> TestAsync(int? target, CancellationToken stop)
    {
        var tried = _couriers.Where(courier => target is null || courier.Target.Number == target).ToList();
        if (tried.Count == 0 && target is not null) return null;
        return new(await Task.WhenAll(tried.Select(courier => courier.TestAsync(Incidents.Test(_clock.GetUtcNow()), stop))));
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _sender.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What a process before decided, and may not have handed over.
        if (_memory.Fresh.Count > 0) HandOver();
        var running = _couriers.Select(courier => courier.RunAsync(stoppingToken)).ToList();
        using var ticks = new PeriodicTimer(Interval, _clock);
        try
        {
            while (await ticks.WaitForNextTickAsync(stoppingToken)) Look();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The console ends.
        }
        await Task.WhenAll(running);
    }

    private void Look()
    {
        var notices = _incidents.Step(Signals());
        var changed = Count(_memory.Lost, NoticeKind.Loss, law => law.Lost, "chunk was lost", "chunks were lost",
            "Each has a signed record with its reason, on the page Losses.", notices);
        changed |= Count(_memory.Dead, NoticeKind.Dead, law => law.Dead, "chunk became a dead letter", "chunks became dead letters",
            "No retry can store them. The page Dead letters says why, replays or discards.", notices);
        if (notices.Count == 0)
        {
            if (changed) _folder.Write(_memory);
            return;
        }
        _memory.Fresh.AddRange(notices.Select(notice => new NumberedNotice(++_memory.Number, notice)));
        _folder.Write(_memory);
        HandOver();
        ShowOpen();
        foreach (var notice in notices) Told?.Invoke(notice);
    }

    private List<Signal> Signals()
    {
        var (now, known) = (_clock.GetUtcNow(), _directory.Known);
        var isWhole = known.Count > 0 && known.All(_streams.HasHeard);
        List<Signal> signals = [.. SignalReader.Cameras(_streams, isWhole, now, _incidents.OpenCameras),
            .. _certificates.Read(_incidents.OpenKeys)];
        if (_duty.Report is not { } report) return signals;
        signals.AddRange(SignalReader.Servers(report, isWhole));
        signals.AddRange(SignalReader.Certificates(report, isWhole, _incidents.OpenKeys));
        signals.AddRange(SignalReader.StreamHandles(report, known, _streams.HasHeard, _incidents.OpenKeys));
        return signals;
    }

    private bool Count(Tally tally, NoticeKind kind, Func<Conservation, long> value, string one, string many, string advice,
        List<Notice> notices)
    {
        var now = _clock.GetUtcNow();
        var changed = Counter.Take(tally, _streams.All, value, now);
        if (!Counter.IsDue(tally, _settings.Hold, now)) return changed;
        notices.Add(_incidents.News(kind, Counter.Empty(tally, now), one, many, advice));
        return true;
    }

    // In every outbox before the memory forgets it, and sent after that: a kill in between makes no second one.
    private void HandOver()
    {
        foreach (var fresh in _memory.Fresh)
            foreach (var courier in _couriers.Where(courier => courier.Target.Kinds.Contains(fresh.Notice.Kind))) courier.Take(fresh);
        _memory.Fresh.Clear();
        _folder.Write(_memory);
        foreach (var courier in _couriers) courier.Wake();
    }

    private void ShowOpen() =>
        _open = [.. _memory.Open.Select(each => new OpenNotice(each.Kind, each.Key, each.Level, each.Text, each.Since))];
}
