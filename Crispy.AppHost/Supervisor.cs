using System.Globalization;
using Crispy.AppHost.Showing;
using Microsoft.Extensions.DependencyInjection;

namespace Crispy.AppHost;

/// <summary>Sees each resource that ends unasked, says why, and starts it again as a deployment would. One that ends before it ever
/// answered ends the run: its settings or this machine are at fault. So does one that nothing brings back,
/// where nobody is there to see to it.</summary>
/// <param name="services">The application's services.</param>
/// <param name="screen">Where it is said what ended.</param>
/// <param name="attended">Whether people look at the run: then a resource is started again for ever.</param>
internal sealed class Supervisor(IServiceProvider services, RunScreen screen, bool attended)
{
    private const int MostStartsUnattended = 5;
    private const int MostLastWords = 20;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // From its process's start to its first answer. A slow machine has all services starting at once.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ResourceNotificationService _notifications = services.GetRequiredService<ResourceNotificationService>();
    private readonly ResourceCommandService _commands = services.GetRequiredService<ResourceCommandService>();
    private readonly ResourceLoggerService _logs = services.GetRequiredService<ResourceLoggerService>();
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly Dictionary<string, Life> _lives = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource<string> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Watches until something cannot be started.</summary>
    /// <returns>Why the run has to end; a line, or several where a service named several mistakes.</returns>
    /// <exception cref="OperationCanceledException">The run is over.</exception>
    public async Task<string> WatchAsync(CancellationToken cancellationToken)
    {
        var watching = WatchChangesAsync(cancellationToken);
        var ended = await Task.WhenAny(_failure.Task, watching);
        if (ended == watching) await watching;
        return await _failure.Task.WaitAsync(cancellationToken);
    }

    private async Task WatchChangesAsync(CancellationToken cancellationToken)
    {
        await foreach (var change in _notifications.WatchAsync(cancellationToken))
        {
            // Parameters and the dashboard are not the run's work.
            if (change.Resource is not (ProjectResource or ExecutableResource or ContainerResource)
                || change.Resource.Name.StartsWith("aspire-", StringComparison.Ordinal))
                continue;
            if (!_lives.TryGetValue(change.ResourceId, out var life)) _lives.Add(change.ResourceId, life = new());
            Observe(change, life, cancellationToken);
        }
    }

    private void Observe(ResourceEvent change, Life life, CancellationToken cancellationToken)
    {
        var snapshot = change.Snapshot;
        if (snapshot.IsOver())
        {
            if (life.Seen is Phase.Over) return;
            var asked = life.Seen is Phase.Stopping;
            life.Seen = Phase.Over;
            if (!asked) _ = SeeToAsync(change, life, cancellationToken);
            return;
        }
        if (snapshot.IsStopping()) life.Seen = Phase.Stopping;
        else if (snapshot.IsRunning() && life.Seen is not Phase.Running)
        {
            life.Seen = Phase.Running;
            if (!life.HasAnswered) _ = RequireAnswerAsync(change, life, cancellationToken);
        }
        if (!snapshot.HasAnswered()) return;
        life.HasAnswered = true;
        life.LastAnswer = _time.GetTimestamp();
    }

    private async Task SeeToAsync(ResourceEvent change, Life life, CancellationToken cancellationToken)
    {
        try
        {
            var name = change.Resource.Name;
            if (!life.HasAnswered)
            {
                _failure.TrySetResult(await ExplainAsync(change, cancellationToken));
                return;
            }
            // It had answered since it was last started: the cause that ended it then is over.
            if (life.LastAnswer > life.LastStart) life.Starts = 0;
            if (!attended && life.Starts == MostStartsUnattended)
            {
                _failure.TrySetResult($"{await ExplainAsync(change, cancellationToken)} ({MostStartsUnattended} times in a row)");
                return;
            }
            var pause = TimeSpan.FromSeconds(Math.Min((1 << Math.Min(life.Starts, 10)) - 1, LongestPause.TotalSeconds));
            life.Starts++;
            var delay = pause > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $" in {pause.TotalSeconds:0} s") : "";
            Tell($"{await ExplainAsync(change, cancellationToken)}; it is started again{delay}");
            await Task.Delay(pause, _time, cancellationToken);
            life.LastStart = _time.GetTimestamp();
            var started = await _commands.ExecuteCommandAsync(change.ResourceId, KnownResourceCommands.StartCommand, cancellationToken);
            if (!started.Success) Tell($"{name} cannot be started again: {started.Message}");
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    // A server that runs and never answers would be waited for without end.
    private async Task RequireAnswerAsync(ResourceEvent change, Life life, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Patience, _time, cancellationToken);
            if (life is not { HasAnswered: false, Seen: Phase.Running }) return;
            var reports = _notifications.TryGetCurrentState(change.ResourceId, out var now) ? now.Snapshot.HealthReports : [];
            var reasons = string.Join("; ", reports.Select(report => report.Description).Where(description => description is not null));
            var why = reasons.Length > 0 ? $": {reasons}" : "";
            _failure.TrySetResult($"{change.Resource.Name} runs and has not answered for {Patience.TotalMinutes} minutes{why}");
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private async Task<string> ExplainAsync(ResourceEvent change, CancellationToken cancellationToken)
    {
        var (name, ending) = (change.Resource.Name, change.Snapshot.Ending());
        var words = await LastWordsAsync(change.ResourceId, cancellationToken);
        return words.Count == 0 ? $"{name} {ending}" : $"{name} {ending}: {string.Join($"\ncrispy: {name}: ", words)}";
    }

    // What it printed as errors, without the places in the code.
    private async Task<List<string>> LastWordsAsync(string resourceId, CancellationToken cancellationToken)
    {
        var words = new List<string>();
        await foreach (var lines in _logs.GetAllAsync(resourceId).WithCancellation(cancellationToken))
        {
            words.AddRange(lines.Where(line => line.IsErrorMessage).Select(line => PrintedLine.Parse(line.Content).Text)
                .Where(text => text.Length > 0 && !text.StartsWith("   at ", StringComparison.Ordinal)));
        }
        return words.TakeLast(MostLastWords).ToList();
    }

    private void Tell(string what) => screen.Complain(what);

    private enum Phase
    {
        Starting,
        Running,
        Stopping,
        Over,
    }

    /// <summary>What was seen of one resource; of each replica by itself.</summary>
    private sealed class Life
    {
        public Phase Seen { get; set; }

        public bool HasAnswered { get; set; }

        public long LastAnswer { get; set; }

        public long LastStart { get; set; }

        /// <summary>Starts after an end, without an answer since.</summary>
        public int Starts { get; set; }
    }
}
