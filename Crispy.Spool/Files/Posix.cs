using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Crispy.Spool;

/// <summary>The two calls that .NET has no name for: it cannot open a folder, and so cannot fsync one.</summary>
internal static partial class Posix
{
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Fsync(SafeFileHandle file);
}
