using System.Runtime.InteropServices;

namespace Crispy.AppHost;

/// <summary>POSIX signals to processes of this machine.</summary>
internal static partial class Signals
{
    private const int Terminate = 15, Probe = 0;

    /// <summary>Asks a process to end (SIGTERM); one that is gone is left alone.</summary>
    public static void AskToEnd(int process) => _ = Kill(process, Terminate);

    /// <summary>Whether a process is there.</summary>
    public static bool IsThere(int process) => Kill(process, Probe) == 0;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
