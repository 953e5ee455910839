using Microsoft.Win32.SafeHandles;

namespace Crispy.Spool;

/// <summary>Writes that survive a power cut: a reader sees the old file or the whole new one, never half of it.</summary>
public static class DurableFile
{
    /// <summary>Writes beside the target, fsyncs, and renames over it. The rename itself is durable only after
    /// <see cref="SyncFolder"/>.</summary>
    /// <param name="path">The target.</param>
    /// <param name="content">All of its new content.</param>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var beside = path + ".new";
        using (var file = File.OpenHandle(beside, FileMode.Create, FileAccess.Write, preallocationSize: content.Length))
            Fill(file, content);
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>The same for a file that not everybody may read.</summary>
    /// <param name="path">The target.</param>
    /// <param name="content">All of its new content.</param>
    /// <param name="mode">Who may read and write it, from its first byte on; ignored on Windows.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var beside = path + ".new";
        File.Delete(beside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = mode;
        using (var stream = new FileStream(beside, options)) Fill(stream.SafeFileHandle, content);
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Fsyncs a file that another program wrote.</summary>
    public static void Sync(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Fsyncs a folder, which makes the renames and deletions in it durable. On systems whose folders cannot be opened (Windows)
    /// the file system sees to it.</summary>
    public static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        using var folder = OpenFolder(path);
        if (Posix.Fsync(folder) != 0)
            throw new IOException($"cannot fsync {path}: errno {System.Runtime.InteropServices.Marshal.GetLastPInvokeError()}");
    }

    private static void Fill(SafeFileHandle file, ReadOnlySpan<byte> content)
    {
        RandomAccess.Write(file, content, 0);
        RandomAccess.FlushToDisk(file);
    }

    private static SafeFileHandle OpenFolder(string path)
    {
        const int readOnly = 0;
        var folder = Posix.Open(path, readOnly);
        return folder.IsInvalid
            ? throw new IOException($"cannot open folder {path}: errno {System.Runtime.InteropServices.Marshal.GetLastPInvokeError()}")
            : folder;
    }
}
