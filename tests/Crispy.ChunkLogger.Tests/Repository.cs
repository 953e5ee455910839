namespace Crispy.ChunkLogger.Tests;

/// <summary>Files of the repository that tests hold against what the program does.</summary>
internal static class Repository
{
    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = Find();

    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Crispy.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("not in the repository");
        return folder.FullName;
    }
}
