using System.Text.RegularExpressions;
using Crispy.Testing;

namespace Crispy.Architecture.Tests;

/// <summary>What documents point at is there.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> All =>
        [.. Directory.EnumerateFiles(Repository.Root, "*.md",
            new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 })
        .Select(path => Path.GetRelativePath(Repository.Root, path))
        .Where(path => !path.StartsWith("artifacts/", StringComparison.Ordinal)
            && !path.Contains("node_modules", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_link_leads_somewhere(string document)
    {
        var text = WithoutBlocks(File.ReadAllText(Path.Combine(Repository.Root, document)));
        var broken = Link().Matches(text).Select(match => match.Groups[1].Value)
            .Where(link => !link.Contains("://", StringComparison.Ordinal) && !IsThere(document, link));
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_file_that_contributors_are_sent_to_is_there()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "CONTRIBUTING.md"));
        var paths = File_().Matches(text).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path));
    }

    /// <summary>A document without its blocks of code.</summary>
    internal static string WithoutBlocks(string markdown) => Block().Replace(markdown, "");

    private static bool IsThere(string document, string link)
    {
        var (path, anchor) = link.Split('#') is [var file, var heading] ? (file, heading) : (link, null);
        var target = path.Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, path);
        var full = Path.GetFullPath(Path.Combine(Repository.Root, target));
        return Path.Exists(full) && (anchor is null || !full.EndsWith(".md", StringComparison.Ordinal) || Anchors(full).Contains(anchor));
    }

    // As GitHub makes them: lower case, without signs, blanks as hyphens.
    private static IEnumerable<string> Anchors(string document) => Heading().Matches(WithoutBlocks(File.ReadAllText(document)))
        .Select(match => Sign().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex Sign();

    [GeneratedRegex("`((?:Crispy\\.|deploy/|docs/|eng/|tests/)[A-Za-z0-9./-]*/[A-Za-z0-9./-]+|tests/[A-Za-z0-9.-]+)`")]
    private static partial Regex File_();
}
