using Crispy.Bench.ConsoleAnswers;
using Crispy.Bench.Function;
using Crispy.Bench.Live;
using Crispy.Bench.Memory;
using Crispy.Bench.Micro;
using Crispy.Bench.Outage;
using Crispy.Bench.Report;
using Crispy.Bench.Scale;
using Crispy.Bench.Soak;
using Crispy.Bench.Throughput;
using Crispy.Bench.Upload;

namespace Crispy.Bench;

/// <summary>All benchmarks by name, and the report of their results.</summary>
internal static class Benchmarks
{
    private const int Refused = 2;

    private static readonly SortedDictionary<string, Func<string[], Task<int>>> All = new(StringComparer.Ordinal)
    {
        ["console"] = ConsoleBenchmark.RunAsync,
        ["function"] = FunctionBenchmark.RunAsync,
        ["live"] = LiveBenchmark.RunAsync,
        ["memory"] = MemoryBenchmark.RunAsync,
        ["micro"] = MicroBenchmark.RunAsync,
        ["outage"] = OutageBenchmark.RunAsync,
        ["report"] = options => Task.FromResult(ReportCommand.Run(options)),
        ["scale"] = ScaleBenchmark.RunAsync,
        ["soak"] = SoakBenchmark.RunAsync,
        ["throughput"] = ThroughputBenchmark.RunAsync,
        ["upload"] = UploadBenchmark.RunAsync,
    };

    /// <summary>Their names, in order.</summary>
    public static IReadOnlyCollection<string> Names => All.Keys;

    /// <summary>Runs the one that the first argument names; the others are its options.</summary>
    /// <returns>The process's exit code: 2 where the name or an option cannot be used.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var run = Find(args.FirstOrDefault());
            Results.Begin();
            return await run(args[1..]);
        }
        catch (OptionException mistake)
        {
            await Console.Error.WriteLineAsync(mistake.Message);
            return Refused;
        }
    }

    private static Func<string[], Task<int>> Find(string? name)
    {
        if (name is not null && All.TryGetValue(name, out var run)) return run;
        var mistake = name is null ? "no benchmark is named" : $"'{name}' is no benchmark";
        throw new OptionException($"{mistake}; there are {string.Join(", ", Names)}");
    }
}
