using System.Text.RegularExpressions;
using Crispy.Testing;
using Mono.Cecil;

namespace Crispy.Architecture.Tests;

/// <summary>The stages of stream-handle, as docs/architecture.md draws them.</summary>
public sealed partial class StageTests
{
    private const string Program = "Crispy.StreamHandle";
    private const int MostParameters = 6;

    [Fact]
    public void Each_stage_refers_only_to_stages_before_it()
    {
        using var module = Programs.Read(Program);
        var (graph, drawn) = (FolderGraph.Of(module), Drawn());
        Assert.Equal(graph.Folders.Order(StringComparer.Ordinal), drawn.Order(StringComparer.Ordinal));
        Assert.Empty(graph.Against(drawn));
    }

    [Fact]
    public void No_constructor_has_more_than_six_parameters()
    {
        using var module = Programs.Read(Program);
        var long_ = module.GetTypes().Where(type => !type.Name.Contains('<', StringComparison.Ordinal)).SelectMany(type => type.Methods)
            .Where(method => method.IsConstructor && method.Parameters.Count > MostParameters)
            .Select(method => $"{method.DeclaringType.Name}: {method.Parameters.Count}");
        Assert.Empty(long_);
    }

    // The first word of each line of the drawing, which is the first block of code under its heading.
    private static List<string> Drawn()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));
        var block = Block().Match(text[text.IndexOf("## The stages of stream-handle", StringComparison.Ordinal)..]).Groups[1].Value;
        return [.. Stage().Matches(block).Select(match => match.Value)];
    }

    [GeneratedRegex("^```\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("^[A-Z][a-z]+", RegexOptions.Multiline)]
    private static partial Regex Stage();
}
