using System.Diagnostics;

namespace Aspire.Hosting.Running;

/// <summary>A process that was started here, with everything that it started itself.</summary>
internal sealed class ChildProcess
{
    private const int TailLength = 10;

    private readonly Process _process;
    private readonly bool _leadsGroup;
    private readonly Watchdog? _watchdog;
    private readonly Queue<string> _tail = new();
    private readonly TaskCompletionSource _reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _tailIsError;
    private volatile bool _exited;

    public ChildProcess(Process process, bool leadsGroup, Watchdog? watchdog, Action<string> printed)
    {
        (_process, _leadsGroup, _watchdog) = (process, leadsGroup, watchdog);
        Id = process.Id;
        Ended = WaitAsync(ReadAsync(process.StandardOutput, false, printed), ReadAsync(process.StandardError, true, printed));
    }

    /// <summary>Begins to read what it prints.</summary>
    public void Read() => _reading.TrySetResult();

    /// <summary>Of the process, and of its group.</summary>
    public int Id { get; }

    /// <summary>Its exit code, when it and its group are gone and all that they printed was read.</summary>
    public Task<int> Ended { get; }

    /// <summary>The last lines it printed to standard error or, if none, to standard output.</summary>
    public IReadOnlyList<string> Tail
    {
        get
        {
            lock (_tail) return [.. _tail];
        }
    }

    /// <summary>Asks it to end. Only the process itself: how its own children end is its affair.</summary>
    public void Terminate()
    {
        if (_exited) return;
        if (OperatingSystem.IsWindows()) KillNow();
        else Signals.ToProcess(Id, Signals.Terminate);
    }

    /// <summary>Ends it and everything that it started, at once.</summary>
    public void KillNow()
    {
        if (_exited) return;
        if (!_leadsGroup)
        {
            _process.Kill(entireProcessTree: true);
            return;
        }

        // Both: right after its start it does not lead the group yet.
        Signals.ToGroup(Id, Signals.Kill);
        Signals.ToProcess(Id, Signals.Kill);
    }

    private async Task<int> WaitAsync(Task output, Task error)
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await _reading.Task.ConfigureAwait(false);
        _exited = true;
        var exitCode = _process.ExitCode;
        // What it left behind would hold the ports and folders that are given out again.
        if (_leadsGroup) Signals.ToGroup(Id, Signals.Kill);
        _watchdog?.Remove(Id);
        // A process that left the group may hold the pipes open for ever.
        await Task.WhenAny(Task.WhenAll(output, error), Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System)).ConfigureAwait(false);
        _process.Dispose();
        return exitCode;
    }

    private async Task ReadAsync(StreamReader reader, bool isError, Action<string> printed)
    {
        await _reading.Task.ConfigureAwait(false);
        try
        {
            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                Remember(line, isError);
                printed(line);
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // The pipe was closed under us: see WaitAsync.
        }
    }

    private void Remember(string line, bool isError)
    {
        if (line.Length == 0) return;
        lock (_tail)
        {
            if (_tailIsError && !isError) return;
            if (isError && !_tailIsError) _tail.Clear();
            _tailIsError = isError;
            _tail.Enqueue(line);
            if (_tail.Count > TailLength) _tail.Dequeue();
        }
    }
}
