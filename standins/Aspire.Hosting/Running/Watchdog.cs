using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Running;

/// <summary>
/// A shell that reads from the AppHost until there is no AppHost any more, however it ended, and then stops the process groups that are
/// named by the files of a folder: SIGTERM, and SIGKILL when they are still there after 30 seconds.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    // Runs after the AppHost is gone. Its output must go nowhere: a pipe that it held open would keep the AppHost's reader waiting.
    private const string Script = """
        exec >/dev/null 2>&1
        cat
        cd "$1" || exit 0
        signal() { for group in *; do [ -e "$group" ] && kill -s "$1" -- "-$group"; done; }
        alive() { for group in *; do [ -e "$group" ] && kill -s 0 -- "-$group" && return 0; done; return 1; }
        signal TERM
        left=300
        while [ "$left" -gt 0 ] && alive; do sleep 0.1; left=$((left - 1)); done
        signal KILL
        rm -rf -- "$1"
        """;

    private readonly Process _shell;
    private readonly string _groups;

    private Watchdog(Process shell, string groups) => (_shell, _groups) = (shell, groups);

    /// <summary>Null where there is no shell for it.</summary>
    public static Watchdog? Start()
    {
        if (Programs.Find("setsid", "/") is not { } setsid) return null;

        var groups = Directory.CreateTempSubdirectory("apphost-").FullName;
        var start = new ProcessStartInfo(setsid, ["/bin/sh", "-c", Script, "apphost-watchdog", groups])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };
        return Process.Start(start) is { } shell ? new(shell, groups) : null;
    }

    /// <summary>Watches over a group.</summary>
    public void Add(int group) => File.Create(FileOf(group)).Dispose();

    /// <summary>The group is gone.</summary>
    public void Remove(int group) => File.Delete(FileOf(group));

    public void Dispose()
    {
        _shell.StandardInput.Close();
        _shell.Dispose();
    }

    private string FileOf(int group) => Path.Combine(_groups, group.ToString(CultureInfo.InvariantCulture));
}
