namespace Crispy.Cli.Local;

/// <summary>Other programs of this machine.</summary>
internal static class Programs
{
    /// <summary>A program of <c>PATH</c>; null where it is not installed.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(folder => folder.Length > 0)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? $"{name}.exe" : name)).FirstOrDefault(File.Exists);
}
