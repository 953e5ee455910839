using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crispy.Console.Layout;

/// <summary>A word that is Crispy's own, or its field's.</summary>
/// <param name="Word">The word.</param>
/// <param name="Text">What it means here, without its full stop; in Markdown.</param>
public sealed record GlossaryEntry(string Word, string Text)
{
    /// <summary>The text without Markdown.</summary>
    public string Plain => Text.Replace("`", "", StringComparison.Ordinal);
}

/// <summary>What words mean: the one source of the help on the pages and of <c>docs/glossary.md</c>.</summary>
public static class Glossary
{
    private static readonly Lazy<List<GlossaryEntry>> Read = new(Load);

    /// <summary>All entries, by word.</summary>
    public static IReadOnlyList<GlossaryEntry> All => Read.Value;

    /// <summary>What a word means.</summary>
    /// <exception cref="ArgumentException">It has no entry.</exception>
    public static GlossaryEntry Of(string word) =>
        All.FirstOrDefault(entry => entry.Word == word) ?? throw new ArgumentException($"'{word}' is not in the glossary");

    /// <summary>All of it as the page of the documentation.</summary>
    public static string ToMarkdown()
    {
        var page = new StringBuilder("# Glossary\n\n| term | here it means |\n|---|---|\n");
        foreach (var (word, text) in All) page.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {word} | {text} |\n");
        return page.ToString();
    }

    private static List<GlossaryEntry> Load()
    {
        using var file = typeof(Glossary).Assembly.GetManifestResourceStream("glossary.json")!;
        return JsonSerializer.Deserialize(file, GlossaryJson.Default.ListGlossaryEntry)!;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<GlossaryEntry>))]
internal sealed partial class GlossaryJson : JsonSerializerContext;
