using Crispy.Coordination;
using Crispy.Spool;

namespace Crispy.Crash;

/// <summary>One of Crispy's processes: can be killed at any time, or at a step (<see cref="Failpoint"/>),
/// and restarted on the same port.</summary>
public sealed class Service : IAsyncDisposable
{
    private readonly string _program;
    private readonly string _log;
    private readonly string[] _arguments;
    private WatchedProcess? _process;

    /// <summary>A process that does not run yet.</summary>
    /// <param name="project">Its project, which the test's project builds too.</param>
    /// <param name="log">The file for what it prints.</param>
    /// <param name="port">The port that it is told to listen on.</param>
    /// <param name="published">A folder with the published project, in a folder of its name; null for what was built.</param>
    /// <param name="arguments">Its command line.</param>
    public Service(string project, string log, int port, string? published, params string[] arguments)
    {
        (_log, Port, _arguments) = (log, port, arguments);
        var own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var built = Path.Combine(own, "..", "..", project, Path.GetFileName(own));
        _program = Path.Combine(published is null ? built : Path.Combine(published, project), $"{project}.dll");
    }

    /// <summary>The port of its HTTP API on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Its environment at the next start, besides this process's own.</summary>
    public Dictionary<string, string> Environment { get; } = new()
    {
        ["DOTNET_TieredPGO"] = "0",
        ["Logging__LogLevel__Default"] = "Warning",
        ["Logging__LogLevel__Crispy"] = "Information",
    };

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => _process is { IsRunning: true };

    /// <summary>Its process id; 0 when it was never started.</summary>
    public int ProcessId => _process?.Id ?? 0;

    /// <summary>What it printed, in all of its lives.</summary>
    public string Log => File.Exists(_log) ? File.ReadAllText(_log) : "";

    /// <summary>Starts it; returns at once.</summary>
    /// <param name="failpoint">The step at which it is to die, as <c>name:nth</c>; null for none.</param>
    public async Task StartAsync(string? failpoint = null)
    {
        await KillAsync();
        Environment[Failpoint.Variable] = failpoint ?? "";
        _process = await WatchedProcess.StartAsync(_log, Environment, "dotnet", [_program, .. _arguments]);
    }

    /// <summary>Waits until it serves HTTP.</summary>
    /// <exception cref="InvalidOperationException">It ended instead; the message holds what it printed.</exception>
    public Task UntilServingAsync() =>
        Until.TrueAsync(async () => IsRunning ? await Listening.OnAsync(Port) : throw new InvalidOperationException(Log));

    /// <summary>Kills it (SIGKILL), its children too.</summary>
    public async Task KillAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Asks it to stop (SIGTERM) and waits for it.</summary>
    public async Task StopAsync()
    {
        if (_process is null) return;
        await Command.TryAsync("kill", ["-s", "TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync();
        await KillAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await KillAsync();
}
