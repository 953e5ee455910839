using Crispy.Testing;

namespace Crispy.Architecture.Tests;

/// <summary>The repository's files, without what builds make and what others wrote.</summary>
internal static class SourceFiles
{
    private static readonly HashSet<string> Foreign =
        [".azure", ".git", ".idea", ".vs", "TestResults", "artifacts", "bin", "node_modules", "obj", "vendor"];

    /// <summary>Paths of all of them.</summary>
    public static IEnumerable<string> All => Below(Repository.Root);

    private static IEnumerable<string> Below(string folder) => Directory.EnumerateFiles(folder)
        .Concat(Directory.EnumerateDirectories(folder).Where(inner => !Foreign.Contains(Path.GetFileName(inner))).SelectMany(Below));
}
