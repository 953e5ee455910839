using Crispy.Contracts;

namespace Crispy.AppHost.Showing;

/// <summary>What people see of a run that lasts until Ctrl-C. That is a short start, the addresses, a line for each stream, and what is
/// wrong when it comes.</summary>
/// <param name="screen">Where it is shown.</param>
/// <param name="book">The resources.</param>
/// <param name="status">Asks stream-handle; null where it does not answer.</param>
/// <param name="addresses">The lines that are told when the console answers, and stay in sight.</param>
/// <param name="time">The time.</param>
internal sealed class Attendance(RunScreen screen, ResourceBook book, Func<CancellationToken, Task<RunStatus?>> status, Addresses addresses,
    TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Of a summary where nothing can be drawn over.
    private static readonly TimeSpan Seldom = TimeSpan.FromMinutes(1);

    // Between two lines of the start.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Warmth = TimeSpan.FromSeconds(20);

    private readonly ProblemFold _problems = new(time);
    private readonly LossFold _losses = new(time);
    private readonly Dictionary<string, string> _states = new(StringComparer.Ordinal);
    private DateTimeOffset? _wellSince;
    private DateTimeOffset _lastSaid;
    private DateTimeOffset _lastSummary;
    private string _waited = "";

    /// <summary>Shows it until it is cancelled.</summary>
    public async Task ShowAsync(CancellationToken cancellationToken)
    {
        var began = _lastSaid = time.GetUtcNow();
        screen.Say("Starting ...");
        using var tick = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                if (addresses.AreTold) await ShowStatusAsync(cancellationToken);
                else ShowStart(time.GetUtcNow() - began);
            }
            while (await tick.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            screen.Show([]);
        }
    }

    private void ShowStart(TimeSpan since)
    {
        var awaited = book.Awaited;
        var what = awaited.Count == 0 ? "Starting" : $"Waiting for {string.Join(", ", awaited)}";
        screen.Show([$"{what} ({Spell.Of(since)})"]);
        var silent = time.GetUtcNow() - _lastSaid;
        if (screen.IsTerminal || awaited.Count == 0
            || silent < (_waited.Length == 0 ? SlowStep.Patience : what == _waited ? Seldom : Pause)) return;
        _waited = what;
        Say($"{what} ...");
    }

    private async Task ShowStatusAsync(CancellationToken cancellationToken)
    {
        addresses.Say();
        var now = await status(cancellationToken);
        if (now?.Broker is null && now is not null) _wellSince ??= time.GetUtcNow();
        foreach (var line in _problems.Observe(Troubles(now), Undecided(now))) Say(line);
        if (now is null) return;
        if (_losses.Observe(now.Streams.Sum(stream => stream.Lost + stream.Dead)) is { } losses) Say(losses);
        if (screen.IsTerminal) Draw(now);
        else Tell(now);
    }

    private Dictionary<string, string> Troubles(RunStatus? now)
    {
        var troubles = book.Troubles();
        foreach (var stream in now?.Streams ?? [])
        {
            if (stream is not { IsInTrouble: true, Error: { } error }) continue;
            troubles[stream.Id] = Spell.Printable($"{StatusLines.State(stream)}: {Cause.Of(error, stream.Url)}");
        }
        // A publisher that has just started has no connection yet.
        var isWarm = _wellSince is not null || (addresses.ToldAt is { } told && time.GetUtcNow() - told > Warmth);
        if (isWarm && now?.Broker is { } broker) troubles["stream-handle"] = $"chunks wait on disk: {broker}";
        return troubles;
    }

    // One that connects again is not well yet; of what does not answer nothing is known.
    private HashSet<string> Undecided(RunStatus? now) => now is null
        ? [.. _states.Keys]
        : [.. now.Streams.Where(stream => stream.State == "starting").Select(stream => stream.Id)];

    private void Draw(RunStatus now)
    {
        // What is above the streams: an empty line, the addresses, an empty line, the sum.
        var head = addresses.Lines;
        var taken = head.Sum(line => (line.Length + screen.Columns - 1) / screen.Columns) + 3;
        screen.Show(["", .. head, "", StatusLines.Summary(now), .. StatusLines.Of(now, screen.Columns, Math.Max(2, screen.Rows - taken))]);
    }

    private void Tell(RunStatus now)
    {
        foreach (var stream in now.Streams)
        {
            var state = StatusLines.State(stream);
            if (_states.GetValueOrDefault(stream.Id) == state) continue;
            var isFirst = !_states.ContainsKey(stream.Id);
            _states[stream.Id] = state;
            // What is wrong has been said with its cause; a try to connect again is no news.
            if (!stream.IsInTrouble && (isFirst || stream.State is not ("starting" or "running"))) Say($"{stream.Id}: {state}");
        }
        if (time.GetUtcNow() - _lastSummary < Seldom) return;
        if (_lastSummary != default) Say(StatusLines.Summary(now));
        _lastSummary = time.GetUtcNow();
    }

    private void Say(string line)
    {
        screen.Say(line);
        _lastSaid = time.GetUtcNow();
    }
}
