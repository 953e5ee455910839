namespace Crispy.Archive.Exporting;

/// <summary>A folder for each export that is being made, gone with it; what a crash left goes at the next start.</summary>
internal sealed class ExportFolders(ArchiveOptions options)
{
    private const string LockName = ".lock";

    private readonly Lazy<string> _root = new(() => Clean(Path.Combine(options.CacheFolder, "exports")));

    /// <summary>Makes one, as private as the video.</summary>
    /// <param name="bytes">How much will be written into it.</param>
    /// <exception cref="ArchiveBusyException">There is no room.</exception>
    public ExportFolder Make(long bytes)
    {
        var free = new DriveInfo(_root.Value).AvailableFreeSpace;
        if (free < bytes)
            throw new ArchiveBusyException(
                $"There is no room for it: it needs {bytes >> 20} MiB, and {free >> 20} MiB are free where exports are made.");
        var path = Path.Combine(_root.Value, Guid.NewGuid().ToString("N"));
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new(path, File.Open(Path.Combine(path, LockName), FileMode.CreateNew, FileAccess.Write, FileShare.None));
    }

    private static string Clean(string root)
    {
        Directory.CreateDirectory(root);
        foreach (var left in Directory.EnumerateDirectories(root))
        {
            try
            {
                // What another process works in is locked.
                File.Open(Path.Combine(left, LockName), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None).Dispose();
                Directory.Delete(left, recursive: true);
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
            {
                // Left to the process that has it.
            }
        }
        return root;
    }
}

/// <summary>An export's folder.</summary>
/// <param name="path">Its path.</param>
/// <param name="held">Says that it is in use.</param>
internal sealed class ExportFolder(string path, FileStream held) : IDisposable
{
    public string Path => path;

    public string this[string name] => System.IO.Path.Combine(path, name);

    public void Dispose()
    {
        held.Dispose();
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }
}
