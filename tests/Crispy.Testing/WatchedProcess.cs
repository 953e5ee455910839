using System.Diagnostics;

namespace Crispy.Testing;

/// <summary>
/// A server process in a process group of its own, under a small watchdog that holds a pipe to the test process. When the
/// pipe closes, because the test ended or was killed by any signal, the whole group is killed. Nothing is ever left behind.
/// </summary>
public sealed class WatchedProcess : IAsyncDisposable
{
    // The group's leader is the shell that becomes the program, so $server names process and group both. It names itself
    // when it leads: a group that is killed before it is there would live on.
    // The watchdog leads another session: a Ctrl-C in the terminal cannot end it before it has done its work.
    private const string Watchdog = """
        setsid sh -c 'exec 3>&1 </dev/null >>"$CRISPY_WATCHED_LOG" 2>&1; echo "$$" >&3; exec 3>&-; exec "$@"' sh "$@" &
        server=$!
        while read -r order; do
          kill -s "$order" -- "-$server" 2>/dev/null
        done
        kill -s KILL -- "-$server" 2>/dev/null
        wait "$server" 2>/dev/null
        exit 0
        """;

    private readonly Process _watchdog;

    private WatchedProcess(Process watchdog, int id, string logPath)
    {
        _watchdog = watchdog;
        Id = id;
        LogPath = logPath;
    }

    /// <summary>The process id of the server.</summary>
    public int Id { get; }

    /// <summary>The file that holds what the server printed on both of its outputs.</summary>
    public string LogPath { get; }

    /// <summary>Whether the server runs: a zombie does not.</summary>
    public bool IsRunning
    {
        get
        {
            try
            {
                var stat = File.ReadAllText($"/proc/{Id}/stat");
                return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    /// <summary>Starts a program; what it prints is appended to a file.</summary>
    /// <param name="logPath">The file for both of its outputs; created when absent.</param>
    /// <param name="environment">Variables set besides those of the test process.</param>
    /// <param name="program">The program's path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="InvalidOperationException">The watchdog ended before the program was started.</exception>
    public static async Task<WatchedProcess> StartAsync(
        string logPath, IReadOnlyDictionary<string, string> environment, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("setsid", ["sh", "-c", Watchdog, "sh", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["CRISPY_WATCHED_LOG"] = logPath;
        // Where it cannot be made, that is told here, not by a shell.
        File.AppendAllText(logPath, "");
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var watchdog = Process.Start(start) ?? throw new InvalidOperationException("The watchdog did not start");
        var id = await watchdog.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"{program} did not start");
        return new(watchdog, int.Parse(id), logPath);
    }

    /// <summary>Sends a signal to the server and its children.</summary>
    /// <param name="name">The signal's name without SIG, such as TERM, KILL, STOP or CONT.</param>
    public async Task SignalAsync(string name)
    {
        await _watchdog.StandardInput.WriteLineAsync(name);
        await _watchdog.StandardInput.FlushAsync();
    }

    /// <summary>Waits until the server has ended.</summary>
    public async Task WaitForExitAsync(CancellationToken cancellation = default)
    {
        while (IsRunning) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellation);
    }

    /// <summary>Kills the server and its children, and returns when they have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        _watchdog.StandardInput.Close();
        await _watchdog.WaitForExitAsync();
        _watchdog.Dispose();
    }
}
