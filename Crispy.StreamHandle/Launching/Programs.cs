namespace Crispy.StreamHandle.Launching;

/// <summary>Finds programs as a shell does.</summary>
internal static class Programs
{
    /// <summary>The full path of a program in a folder, or in PATH where the folder is null; null when it is not there.</summary>
    public static string? Find(string name, string? folder = null)
    {
        var folders = folder is not null ? [folder] : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return folders.Where(each => each.Length > 0).Select(each => Path.Combine(each, name)).FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path)
        && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
