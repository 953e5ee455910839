namespace Crispy.AppHost;

/// <summary>Folders that nobody but their owner may look into. Windows has no such modes:
/// there a folder takes the rules of the one above it.</summary>
internal static class PrivateFolder
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes a folder with mode 0700, or closes one that is there.</summary>
    /// <returns>What became of one that was open to others, for people; else null.</returns>
    /// <exception cref="IOException">It cannot be made; or it is open to others and not ours to close,
    /// as a folder for everybody's files is.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static string? Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return null;
        }
        // Made closed, and not closed afterwards: nobody can step in between.
        Directory.CreateDirectory(path, Owner);
        var mode = File.GetUnixFileMode(path);
        if ((mode & Others) == 0) return null;
        var digits = Convert.ToString((int)mode, 8).PadLeft(4, '0');
        if (mode.HasFlag(UnixFileMode.StickyBit))
            throw new IOException($"it is a folder for everybody's files (mode {digits}): name one of its own");
        try
        {
            File.SetUnixFileMode(path, mode & ~Others);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"it is open to others (mode {digits}) and belongs to somebody else, so that it cannot be closed: {refused.Message}",
                refused);
        }
        return (File.GetUnixFileMode(path) & Others) == 0
            ? $"{path} was open to other users of this machine (mode {digits}); it is yours alone now (mode 0700)"
            : $"{path} is open to other users of this machine (mode {digits}), and stays so: its file system knows no other modes";
    }
}
