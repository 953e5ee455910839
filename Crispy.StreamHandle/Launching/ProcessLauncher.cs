using System.Collections.Concurrent;
using System.Diagnostics;

namespace Crispy.StreamHandle.Launching;

/// <summary>
/// Starts child processes that end when this process ends, however it ends: Linux sends them SIGKILL (prctl PR_SET_PDEATHSIG, set by
/// setpriv of util-linux). That signal is tied to the thread that forked, not to the process, and threads of the pool come and go. So one
/// thread that lives as long as the process starts them all. Without setpriv (macOS) children are started plainly.
/// </summary>
public sealed class ProcessLauncher : IDisposable
{
    private readonly BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> _orders = [];
    private readonly string? _setpriv = OperatingSystem.IsLinux() ? Programs.Find("setpriv") : null;

    /// <summary>Starts the thread.</summary>
    public ProcessLauncher() => new Thread(Run) { IsBackground = true, Name = "process launcher" }.Start();

    /// <summary>Whether children end with this process even when it is killed.</summary>
    public bool BindsLifetimes => _setpriv is not null;

    /// <summary>Starts a process.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public Task<Process> StartAsync(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _orders.Add((Bound(start), started));
        return started.Task;
    }

    private ProcessStartInfo Bound(ProcessStartInfo start)
    {
        if (_setpriv is null) return start;
        if (start.ArgumentList.Count > 0) foreach (var (index, argument) in Prefix(start).Index())
            start.ArgumentList.Insert(index, argument);
        else start.Arguments = $"{string.Join(' ', Prefix(start).Select(argument => $"\"{argument}\""))} {start.Arguments}";
        start.FileName = _setpriv;
        return start;
    }

    private static string[] Prefix(ProcessStartInfo start) => ["--pdeathsig", "KILL", "--", start.FileName];

    private void Run()
    {
        foreach (var (start, started) in _orders.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception failed) when (failed is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
            {
                started.SetException(failed);
            }
        }
    }

    /// <summary>Accepts no more orders. The thread, and with it the children,
    /// live on until the process ends only if children still run.</summary>
    public void Dispose() => _orders.CompleteAdding();
}
