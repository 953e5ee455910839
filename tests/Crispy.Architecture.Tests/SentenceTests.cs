using System.Text.RegularExpressions;
using Crispy.Testing;

namespace Crispy.Architecture.Tests;

/// <summary>Documents are in plain English: short sentences, without words that are hard at three in the morning.</summary>
public sealed partial class SentenceTests
{
    private const int MostWords = 25;
    private const double MostOnAverage = 15;

    public static TheoryData<string> Documents => [.. new DirectoryInfo(Repository.Root).EnumerateFiles("*.md", SearchOption.TopDirectoryOnly)
        .Concat(new DirectoryInfo(Path.Combine(Repository.Root, "docs")).EnumerateFiles("*.md", SearchOption.AllDirectories))
        .Concat(new DirectoryInfo(Path.Combine(Repository.Root, "deploy")).EnumerateFiles("*.md", SearchOption.AllDirectories))
        .Select(file => Path.GetRelativePath(Repository.Root, file.FullName)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Sentences_are_short(string document)
    {
        var sentences = Sentences(File.ReadAllText(Path.Combine(Repository.Root, document))).Select(sentence => (Text: sentence, Words: Words(sentence))).ToList();
        var tooLong = sentences.Where(sentence => sentence.Words > MostWords).Select(sentence => $"{sentence.Words} words: {sentence.Text}").ToList();
        Assert.True(tooLong.Count == 0, string.Join('\n', tooLong));
        // Cells of tables and single words are no sentences.
        var average = sentences.Where(sentence => sentence.Words >= 3).Select(sentence => sentence.Words).DefaultIfEmpty().Average();
        Assert.True(average <= MostOnAverage, $"{document}: {average:0.0} words on average");
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Words_are_plain(string document)
    {
        var text = Code().Replace(DocumentTests.WithoutBlocks(File.ReadAllText(Path.Combine(Repository.Root, document))), "");
        Assert.Empty(Hard().Matches(text).Select(match => match.Value));
    }

    [Fact]
    public void A_long_sentence_and_a_hard_word_are_found()
    {
        var text = $"# A title\n\nShort. `some code` {string.Join(' ', Enumerable.Repeat("word", MostWords))}\nand one more. Short again.\n\n| a cell | {string.Join(' ', Enumerable.Repeat("cell", MostWords + 1))} |\n\n```\n{string.Join(' ', Enumerable.Repeat("code", 40))}\n```\n";
        Assert.Equal([MostWords + 4, MostWords + 1], Sentences(text).Select(Words).Where(words => words > MostWords));
        Assert.Equal(["anew", "Whoever"], Hard().Matches("It is made anew. Whoever is new may do so.").Select(match => match.Value));
    }

    private static IEnumerable<string> Sentences(string markdown)
    {
        List<string> paragraphs = [""];
        foreach (var line in DocumentTests.WithoutBlocks(Results().Replace(markdown, "")).Split('\n'))
        {
            if (line.StartsWith('|')) paragraphs.AddRange([.. line.Split('|'), ""]);
            else if (string.IsNullOrWhiteSpace(line) || Begin().IsMatch(line)) paragraphs.Add(Begin().Replace(line, ""));
            else paragraphs[^1] += $" {line.Trim()}";
        }
        return paragraphs.SelectMany(paragraph => End().Split(Code().Replace(Link().Replace(paragraph, "$1"), "code").Replace("**", "", StringComparison.Ordinal)));
    }

    private static int Words(string sentence) => sentence.Split(' ', StringSplitOptions.RemoveEmptyEntries).Count(word => word.Any(char.IsLetterOrDigit));

    [GeneratedRegex(@"^\s*(?:#+|[-*]|\d+\.|>)\s+")]
    private static partial Regex Begin();

    // What benchmarks write.
    [GeneratedRegex("<!-- results -->.*<!-- /results -->", RegexOptions.Singleline)]
    private static partial Regex Results();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex Code();

    [GeneratedRegex(@"!?\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<=[.!?])[""')]*\s+(?=[A-Z""'(0-9]|code)")]
    private static partial Regex End();

    [GeneratedRegex(@"\b(?:anew|mends?|mended|mending|whoever|whatever|of which|(?:is|are) to be|his|him|her)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Hard();
}
