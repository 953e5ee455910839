using Crispy.Bench.SystemUnderTest;

namespace Crispy.Bench.Tests;

public class BenchmarkTests
{
    private static readonly string Program = Running.Built("Crispy.Bench");

    [Theory]
    [InlineData("'thruput' is no benchmark", "thruput", "--minutes", "1")]
    [InlineData("no benchmark is named")]
    public async Task An_unknown_name_is_refused_and_all_names_are_listed(string mistake, params string[] args)
    {
        var refused = await Command.TryAsync("dotnet", [Program, .. args]);

        Assert.Equal(2, refused.ExitCode);
        Assert.Equal($"{mistake}; there are {string.Join(", ", Benchmarks.Names)}\n", refused.Error);
    }

    [Fact]
    public async Task A_wrong_option_ends_with_a_message_alone()
    {
        var refused = await Command.TryAsync("dotnet", [Program, "scale", "--cameras", "many"]);

        Assert.Equal((2, "", "--cameras: 'many' is no number from 0\n"), (refused.ExitCode, refused.Output, refused.Error));
    }

    [Fact]
    public async Task The_script_knows_the_same_benchmarks()
    {
        var help = await Command.TryAsync(Path.Combine(Repository.Root, "bench.sh"), ["--help"]);

        Assert.All(Benchmarks.Names, name => Assert.Contains($"\n  {name} ", help.Error, StringComparison.Ordinal));
    }
}
