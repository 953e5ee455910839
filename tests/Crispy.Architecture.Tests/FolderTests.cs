namespace Crispy.Architecture.Tests;

/// <summary>Folders are the stages of the data: what one of them needs, it takes from those before it.</summary>
public sealed class FolderTests
{
    /// <summary>Knots that are not untied yet. None may be added, and none may grow.</summary>
    private static readonly Dictionary<string, string[]> Known = new()
    {
    };

    public static TheoryData<string> All => [.. Programs.All];

    [Theory]
    [MemberData(nameof(All))]
    public void No_folders_of_a_program_refer_to_each_other_in_a_circle(string program)
    {
        using var module = Programs.Read(program);
        var graph = FolderGraph.Of(module);
        var knots = graph.Knots();
        Assert.True(knots.SequenceEqual(Known.GetValueOrDefault(program) ?? []), string.Join("\n", knots.Select(knot => $"{program}: {knot}\n{graph.Describe(knot)}")));
    }
}
