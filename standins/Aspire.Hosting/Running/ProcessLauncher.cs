using System.Collections.Concurrent;
using System.Diagnostics;

namespace Aspire.Hosting.Running;

/// <summary>What to start.</summary>
/// <param name="Command">Full path of the program.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="WorkingDirectory">The folder it starts in.</param>
/// <param name="Environment">Added to the AppHost's own environment.</param>
internal sealed record ProcessSpecification(
    string Command, IReadOnlyList<string> Arguments, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment);

/// <summary>
/// Starts processes that cannot outlive the AppHost, and that stop when it says so.
/// Each leads a session of its own (setsid): a Ctrl-C at the terminal reaches the AppHost alone, which then stops them in order; and
/// whatever a process starts is in its group and ends with it.
/// Two things end them when the AppHost is killed. The kernel sends SIGTERM to each when the thread that started it ends (setpriv
/// --pdeathsig), hence the one thread that starts all and lives as long as the AppHost. And a <see cref="Watchdog"/> stops the groups.
/// Without these programs (they are part of util-linux) processes are children as usual.
/// </summary>
internal sealed class ProcessLauncher : IDisposable
{
    private static readonly string[] NotInherited =
        ["ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"];

    private readonly BlockingCollection<Action> _work = [];
    private readonly Lazy<Watchdog?> _watchdog = new(Watchdog.Start);
    private readonly string[] _prefix = Prefix();

    public ProcessLauncher() => new Thread(Work) { IsBackground = true, Name = "process launcher" }.Start();

    /// <summary>Whether each process leads a group of its own.</summary>
    public bool HasGroups => _prefix.Length > 0;

    /// <summary>Starts a process; what it prints waits for <see cref="ChildProcess.Read"/>.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    public Task<ChildProcess> StartAsync(ProcessSpecification specification, Action<string> printed)
    {
        var started = new TaskCompletionSource<ChildProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                started.SetResult(Start(specification, printed));
            }
            catch (Exception failure)
            {
                started.SetException(failure);
            }
        });
        return started.Task;
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        if (_watchdog.IsValueCreated) _watchdog.Value?.Dispose();
    }

    private static string[] Prefix()
    {
        var setsid = OperatingSystem.IsLinux() ? Programs.Find("setsid", "/") : null;
        if (setsid is null) return [];

        return Programs.Find("setpriv", "/") is { } setpriv ? [setsid, setpriv, "--pdeathsig", "TERM", "--"] : [setsid];
    }

    private void Work()
    {
        foreach (var action in _work.GetConsumingEnumerable()) action();
    }

    private ChildProcess Start(ProcessSpecification specification, Action<string> printed)
    {
        string[] line = [.. _prefix, specification.Command, .. specification.Arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            WorkingDirectory = specification.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in NotInherited) start.Environment.Remove(name);
        foreach (var (name, value) in specification.Environment) start.Environment[name] = value;

        var watchdog = HasGroups ? _watchdog.Value : null;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{specification.Command} did not start.");
        process.StandardInput.Close();
        watchdog?.Add(process.Id);
        return new(process, HasGroups, watchdog, printed);
    }
}
