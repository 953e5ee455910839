namespace Crispy.ChunkLogger.Tests;

/// <summary>Files of the repository that tests hold against what the program does.</summary>
internal static class Repository
{
    /// <summary>The folder with the solution.</summary>
    public static string Root => Testing.Repository.Root;

    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));
}
