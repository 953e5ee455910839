namespace Crispy.AppHost.Showing;

/// <summary>Where people find what runs: told when the console answers, and kept in sight.</summary>
/// <param name="screen">Where they are told.</param>
/// <param name="dashboard">The link that signs in to Aspire's dashboard; null as long as there is none.</param>
/// <param name="log">Path of the log file.</param>
/// <param name="time">The time.</param>
internal sealed class Addresses(RunScreen screen, Func<string?> dashboard, string log, TimeProvider time)
{
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private volatile string? _console;

    /// <summary>Whether they are told.</summary>
    public bool AreTold => _console is not null;

    /// <summary>When they were told.</summary>
    public DateTimeOffset? ToldAt { get; private set; }

    /// <summary>The lines.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            if (_console is not { } console) return [];
            string[] second = dashboard() is { } link ? [$"Dashboard: {link}"] : [];
            return [$"Console: {console}", .. second, $"Log: {log}", "Ctrl-C ends it."];
        }
    }

    /// <summary>The console answers.</summary>
    public void Tell(string console)
    {
        ToldAt = time.GetUtcNow();
        _console = console;
    }

    /// <summary>Says what was not said yet, where no board keeps it in sight.</summary>
    public void Say()
    {
        if (screen.IsTerminal) return;
        foreach (var line in Lines.Where(_said.Add)) screen.Say(line);
    }
}
