namespace Crispy.Conformance.Tests;

/// <summary>Google's own Node client for Cloud Storage against the emulator: each test of tests/conformance is one here.</summary>
public sealed class NodeClientTests(NodeSuite suite) : IClassFixture<NodeSuite>
{
    public static TheoryData<string, string> Tests
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var file in NodeSuite.Files)
                foreach (var name in NodeSuite.Declared(file)) data.Add(file, name);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void The_official_client_is_served(string file, string name)
    {
        var ran = suite.Results.Where(each => each.Key.File == file).Select(each => each.Key.Name + each.Value.Text);
        Assert.True(suite.Results.TryGetValue(new(file, name), out var result),
            $"Node did not run it; of {file} it ran: {string.Join(", ", ran)}");
        Assert.True(result.Passed && !result.Skipped, result.Text);
    }

    [Fact]
    public void Node_ran_every_test_that_is_declared_and_no_other()
    {
        var declared = NodeSuite.Files.SelectMany(file => NodeSuite.Declared(file).Select(name => new NodeTest(file, name))).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{suite.Results.Count(each => each.Value.Passed)} of {suite.Results.Count} tests of the Node client passed");
        Assert.NotEmpty(NodeSuite.Files);
        Assert.All(NodeSuite.Files, file => Assert.NotEmpty(NodeSuite.Declared(file)));
        Assert.Equal(declared.Count, declared.Distinct().Count());
        Assert.Equal(declared.ToHashSet(), [.. suite.Results.Keys]);
    }
}
