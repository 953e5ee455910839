using System.Text.RegularExpressions;
using Crispy.Testing;

namespace Crispy.Architecture.Tests;

/// <summary>Documents are in plain English: short sentences, without words that are hard at three in the morning. What people read in the
/// code (comments, messages, pages, scripts) has none of these words either.</summary>
public sealed partial class SentenceTests
{
    private const int MostWords = 25;
    private const double MostOnAverage = 15;

    private static readonly HashSet<string> Kinds =
        [".cs", ".csproj", ".css", ".help", ".html", ".js", ".mjs", ".props", ".razor", ".sh", ".targets", ".yaml", ".yml"];

    private static readonly HashSet<string> Names = ["Dockerfile", "crispy", "crispy.json", "run"];

    public static TheoryData<string> Documents =>
        [.. new DirectoryInfo(Repository.Root).EnumerateFiles("*.md", SearchOption.TopDirectoryOnly)
        .Concat(new DirectoryInfo(Path.Combine(Repository.Root, "docs")).EnumerateFiles("*.md", SearchOption.AllDirectories))
        .Concat(new DirectoryInfo(Path.Combine(Repository.Root, "deploy")).EnumerateFiles("*.md", SearchOption.AllDirectories))
        .Select(file => Path.GetRelativePath(Repository.Root, file.FullName)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Sentences_are_short(string document)
    {
        var sentences = Sentences(File.ReadAllText(Path.Combine(Repository.Root, document)))
            .Select(sentence => (Text: sentence, Words: Words(sentence))).ToList();
        var tooLong = sentences.Where(sentence => sentence.Words > MostWords)
            .Select(sentence => $"{sentence.Words} words: {sentence.Text}").ToList();
        Assert.True(tooLong.Count == 0, string.Join('\n', tooLong));
        // Cells of tables and single words are no sentences.
        var average = sentences.Where(sentence => sentence.Words >= 3).Select(sentence => sentence.Words).DefaultIfEmpty().Average();
        Assert.True(average <= MostOnAverage, $"{document}: {average:0.0} words on average");
    }

    [Fact]
    public void Sentences_of_comments_are_short()
    {
        var sources = SourceFiles.All.Where(path => Path.GetExtension(path) == ".cs").ToList();
        Assert.NotEmpty(sources);
        var tooLong = sources.SelectMany(path => CommentSentences(File.ReadAllText(path))
            .Where(sentence => Words(sentence) > MostWords)
            .Select(sentence => $"{Path.GetRelativePath(Repository.Root, path)}: {Words(sentence)} words: {sentence.Trim()}")).ToList();
        Assert.True(tooLong.Count == 0, string.Join('\n', tooLong));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Words_are_plain(string document)
    {
        var text = Code().Replace(DocumentTests.WithoutBlocks(File.ReadAllText(Path.Combine(Repository.Root, document))), "");
        Assert.Empty(Hard().Matches(text).Select(match => match.Value));
    }

    [Fact]
    public void Words_in_code_are_plain()
    {
        var sources = SourceFiles.All
            .Where(path => Kinds.Contains(Path.GetExtension(path)) || Names.Contains(Path.GetFileName(path)))
            .Where(path => Path.GetFileName(path) != $"{nameof(SentenceTests)}.cs").ToList();
        Assert.NotEmpty(sources);
        var found = sources.SelectMany(path => HardIn(path, File.ReadAllText(path))
            .Select(word => $"{Path.GetRelativePath(Repository.Root, path)}: {word}")).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public void A_hard_word_in_code_is_found_and_a_name_is_not()
    {
        var code = "var anew = Command(\"mend\");\nmended = 1; // It is\n    // to be seen.\n"
            + "Say($\"{(all ? \"at whatever age\" : \"\")}\");\nvar text = \"\"\"\n    his own\n    \"\"\";\n";
        Assert.Equal(["is to be", "whatever", "his"], HardIn("Some.cs", code));
        Assert.Equal(["whoever"], HardIn("some.sh", "# For whoever asks.\n"));
    }

    [Fact]
    public void A_long_sentence_of_a_comment_is_found()
    {
        var words = string.Join(' ', Enumerable.Repeat("word", MostWords / 2));
        var code = $"""
            /// <summary>One {words}
            /// <see cref="Crispy.Some.Name"/> {words}.</summary>
            /// <returns>Two {words}. Three {words}
            /// <code>
            /// {words} {words}
            /// </code></returns>
            int x; // {words} {words} {words}
                // Four {words}
                // {words} {words}
            """;
        Assert.Equal([2 * (MostWords / 2) + 2, 3 * (MostWords / 2) + 1],
            CommentSentences(code).Select(Words).Where(count => count > MostWords));
    }

    [Fact]
    public void A_long_sentence_and_a_hard_word_are_found()
    {
        var text = $"# A title\n\nShort. `some code` {string.Join(' ', Enumerable.Repeat("word", MostWords))}\nand one more. Short "
            + $"again.\n\n| a cell | {string.Join(' ', Enumerable.Repeat("cell", MostWords + 1))} "
            + $"|\n\n```\n{string.Join(' ', Enumerable.Repeat("code", 40))}\n```\n";
        Assert.Equal([MostWords + 4, MostWords + 1], Sentences(text).Select(Words).Where(words => words > MostWords));
        Assert.Equal(["anew", "Whoever"], Hard().Matches("It is made anew. Whoever is new may do so.").Select(match => match.Value));
    }

    // Comments and literals of C#, each to the end of its line; the whole of anything else. A literal of one word is a name.
    private static IEnumerable<string> HardIn(string path, string text)
    {
        var parts = path.EndsWith(".cs", StringComparison.Ordinal)
            ? Text().Matches(Name().Replace(Wrapped().Replace(text, " "), " ")).Select(match => match.Value)
            : [text];
        return parts.SelectMany(part => Hard().Matches(part)).Select(match => match.Value);
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
        return paragraphs.SelectMany(paragraph => End()
            .Split(Code().Replace(Link().Replace(paragraph, "$1"), "code").Replace("**", "", StringComparison.Ordinal)));
    }

    // Of comments that have lines of their own; a name, an example in code or a link is one word.
    private static IEnumerable<string> CommentSentences(string code) => Comment().Matches(code)
        .SelectMany(comment => Part().Split(Listing().Replace(CommentSign().Replace(comment.Value, " "), "")))
        .SelectMany(part => EndOfComment().Split(Tag().Replace(InlineCode().Replace(part, "code"), "").Trim()));

    private static int Words(string sentence) =>
        sentence.Split(' ', StringSplitOptions.RemoveEmptyEntries).Count(word => word.Any(char.IsLetterOrDigit));

    [GeneratedRegex(@"^\s*(?:#+|[-*]|\d+\.|>)\s+")]
    private static partial Regex Begin();

    // What benchmarks write.
    [GeneratedRegex("<!-- results -->.*<!-- /results -->", RegexOptions.Singleline)]
    private static partial Regex Results();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex Code();

    [GeneratedRegex(@"^[ \t]*//.*(?:\n[ \t]*//.*)*", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?:^|\n)[ \t]*//+[ \t]*")]
    private static partial Regex CommentSign();

    [GeneratedRegex("<code>.*?</code>", RegexOptions.Singleline)]
    private static partial Regex Listing();

    [GeneratedRegex("</?(?:summary|remarks|param|typeparam|returns|value|exception|para|list|item|term|description)[^>]*>")]
    private static partial Regex Part();

    [GeneratedRegex("<(?:see|paramref|typeparamref)[^>]*/>|<c>.*?</c>")]
    private static partial Regex InlineCode();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"!?\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<=[.!?])[""')]*\s+(?=[A-Z""'(0-9]|code)")]
    private static partial Regex End();

    // In code a sentence may begin with a small letter: ffmpeg, a name.
    [GeneratedRegex(@"(?<=[.!?])[""')]*\s+")]
    private static partial Regex EndOfComment();

    // Where a comment goes on in the next line.
    [GeneratedRegex(@"\n(?<=//.*\n)\s*//+[ \t]*")]
    private static partial Regex Wrapped();

    [GeneratedRegex(@"""[\w.-]+""")]
    private static partial Regex Name();

    [GeneratedRegex(@"//.*|""{3}[\s\S]*?""{3}|"".*")]
    private static partial Regex Text();

    [GeneratedRegex(@"\b(?:anew|mends?|mended|mending|whoever|whatever|of\s+which|(?:is|are)\s+to\s+be|his|him|her)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Hard();
}
