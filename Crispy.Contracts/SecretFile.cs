namespace Crispy.Contracts;

/// <summary>Files that hold a secret: a private key, a token. Only who needs them may be able to read them.</summary>
public static class SecretFile
{
    /// <summary>Largest secret that is read, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // What an orchestrator mounts for a process that is not root: nobody may write it, and the pod's own group may read it.
    private const UnixFileMode Mounted = UnixFileMode.UserRead | UnixFileMode.GroupRead;

    /// <summary>Reads a secret. On Unix the file's mode must be 0600 or less, or 0440, as secrets are mounted into pods. Symbolic links are
    /// followed, and the file at their end counts. Windows has no such modes: there the folder's access rules must protect it.</summary>
    /// <exception cref="FormatException">Others can read or write the file, or it is no secret's size.
    /// The message never repeats its content.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        // The mode of what was opened, not of what may stand at the path now.
        if (!OperatingSystem.IsWindows()) RequirePrivate(File.GetUnixFileMode(file.SafeFileHandle));
        if (file.Length > MaxBytes) throw new FormatException($"has {file.Length} bytes, more than the {MaxBytes} of any secret");
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private static void RequirePrivate(UnixFileMode mode)
    {
        if ((mode & ~Owner) == 0 || (mode & ~Mounted) == 0) return;
        throw new FormatException(
            $"can be read or changed by others (mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}): chmod 600 it, or mount it with "
                + $"mode 0400 or 0440");
    }
}
