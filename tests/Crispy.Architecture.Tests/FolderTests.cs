namespace Crispy.Architecture.Tests;

/// <summary>Folders are the stages of the data: what one of them needs, it takes from those before it.</summary>
public sealed class FolderTests
{
    public static TheoryData<string> All => [.. Programs.All];

    [Theory]
    [MemberData(nameof(All))]
    public void No_folders_of_a_program_refer_to_each_other_in_a_circle(string program)
    {
        using var module = Programs.Read(program);
        var graph = FolderGraph.Of(module);
        var knots = graph.Knots();
        Assert.True(knots.Count == 0, string.Join('\n', knots.Select(knot => $"{program}: {knot}\n{graph.Describe(knot)}")));
    }
}
