using System.Text.RegularExpressions;
using Crispy.Testing;

namespace Crispy.Spool.Tests;

/// <summary>The spool has one owner.</summary>
public sealed partial class OwnerTests
{
    [Theory]
    [InlineData("Crispy.StreamHandle")]
    [InlineData("Crispy.UploadWorker")]
    public void Nothing_else_moves_or_deletes_a_file(string project)
    {
        var folder = Path.Combine(Repository.Root, project);
        var offending = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(path => File.ReadLines(path)
                .Select((line, index) => (Where: $"{Path.GetRelativePath(folder, path)}:{index + 1}", Line: line)))
            .Where(each => MovesOrDeletes().IsMatch(each.Line)).Select(each => $"{each.Where}: {each.Line.Trim()}").ToList();
        Assert.Empty(offending);
    }

    [GeneratedRegex(@"\b(File|Directory|FileInfo|DirectoryInfo)\.(Move|Delete|Replace|Copy)\(|\.(MoveTo|CopyTo)\(""")]
    private static partial Regex MovesOrDeletes();
}
