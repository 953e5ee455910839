namespace Aspire.Hosting.Running;

/// <summary>Finds programs.</summary>
internal static class Programs
{
    /// <summary>The full path of a program; null when there is none.</summary>
    /// <param name="command">A name that is looked for on the PATH, or a path.</param>
    /// <param name="workingDirectory">Where relative paths start.</param>
    public static string? Find(string command, string workingDirectory)
    {
        if (command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            var path = Path.GetFullPath(command, workingDirectory);
            return File.Exists(path) ? path : null;
        }

        string[] endings = OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat", ""] : [""];
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => endings.Select(ending => Path.Combine(folder, command + ending)))
            .FirstOrDefault(File.Exists);
    }
}
