using System.Runtime.InteropServices;

namespace Crispy.ChunkLogger;

/// <summary>Keeps glibc from making up to eight pools of memory a processor. TLS and RSA allocate on every thread, and each pool keeps what
/// it once took. The same as <c>MALLOC_ARENA_MAX</c> (mallopt(3)), which nobody has to remember to set.</summary>
internal static class NativeMemory
{
    private const int ArenaMax = -8;

    /// <summary>Sets the number of pools; where the system's library is another one than glibc, nothing.</summary>
    public static void LimitPools(int most)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = SetMallocOption(ArenaMax, most);
        }
        catch (Exception other) when (other is DllNotFoundException or EntryPointNotFoundException)
        {
            // musl has one pool.
        }
    }

    [DllImport("libc.so.6", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32 | DllImportSearchPath.SafeDirectories)]
    private static extern int SetMallocOption(int option, int value);
}
