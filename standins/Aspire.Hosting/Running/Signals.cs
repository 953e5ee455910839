using System.Runtime.InteropServices;

namespace Aspire.Hosting.Running;

/// <summary>Signals to processes and process groups, by kill(2).</summary>
internal static class Signals
{
    public const int Terminate = 15;
    public const int Kill = 9;

    /// <summary>To one process; one that is gone already is no failure.</summary>
    public static void ToProcess(int processId, int signal) => _ = kill(processId, signal);

    /// <summary>To all processes of a group; a group that is gone already is no failure.</summary>
    public static void ToGroup(int groupId, int signal) => _ = kill(-groupId, signal);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}
