using System.Text.RegularExpressions;
using Crispy.Testing;

namespace Crispy.Architecture.Tests;

/// <summary>A flag of a chunk is explained to people, in the document and on the page.</summary>
public sealed partial class FlagTests
{
    public static TheoryData<string, string> All =>
        [.. Flag().Matches(Read("Crispy.Contracts", "ChunkManifest.cs").Split("class ChunkFlag")[1])
        .Select(match => (match.Groups[1].Value, match.Groups[2].Value))];

    [Theory]
    [MemberData(nameof(All))]
    public void Each_flag_stands_in_the_document_and_has_words_in_the_console(string constant, string flag)
    {
        Assert.Contains($"`{flag}`", Read("docs", "how-it-works", "time.md"), StringComparison.Ordinal);
        Assert.Contains($"ChunkFlag.{constant} => ", Read("Crispy.Console", "Pages", "ChunkCard.razor"), StringComparison.Ordinal);
    }

    private static string Read(params string[] path) => File.ReadAllText(Path.Combine([Repository.Root, .. path]));

    [GeneratedRegex("""public const string (\w+) = "(\w+)";""")]
    private static partial Regex Flag();
}
