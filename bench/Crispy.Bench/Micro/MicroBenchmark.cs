using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Crispy.Bench.Micro;

/// <summary>The hot paths one by one. In this process: BenchmarkDotNet's own builds know nothing of this repository's central versions
/// and output folder.</summary>
internal static class MicroBenchmark
{
    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var options = new Options(args, "filter", "job");
        var job = JobOf(options.Text("job", "short"));
        var filter = options.Text("filter", "*");
        await Samples.PrepareAsync();
        var folder = Directory.CreateDirectory(Path.Combine("artifacts", "bench", "micro")).FullName;
        var logFile = Path.Combine(folder, "log.txt");
        Console.WriteLine($"micro: {job.Id}; BenchmarkDotNet's own log is {logFile}");
        await using var log = new StreamWriter(logFile) { AutoFlush = true };
        var config = ManualConfig.CreateEmpty().AddJob(job.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance).AddFilter(new GlobFilter([filter]))
            .AddLogger(new StreamLogger(log)).WithArtifactsPath(folder);
        var summaries = BenchmarkRunner.Run([typeof(Manifests), typeof(Bytes), typeof(Lines)], config);
        List<BenchmarkReport> reports = [.. summaries.SelectMany(summary => summary.Reports)];
        return reports.Count > 0 && reports.All(report => report.Success) ? Write(job, reports)
            : throw new InvalidOperationException($"some did not run: see {logFile}");
    }

    private static Job JobOf(string name) => name switch
    {
        "dry" => Job.Dry,
        "short" => Job.ShortRun,
        "medium" => Job.MediumRun,
        _ => throw new OptionException($"--job {name} is none of dry, short, medium"),
    };

    private static int Write(Job job, IReadOnlyList<BenchmarkReport> reports) => Results.Write(new()
    {
        Bench = "micro",
        About = $"Hot paths by BenchmarkDotNet ({job.Id}, in process): mean time and bytes allocated of one operation. "
            + $"A chunk is 3 s of 1080p30 at 4 Mbit/s, {Samples.Chunk.Length / 1e6:0.00} MB.",
        Tables =
        [
            new("Of one operation", ["operation", "mean µs", "error µs", "allocated bytes"], [.. reports.Select(report => (string[])
                [What(report), Microseconds(report).Short(), Error(report).Short(), ((double?)Allocated(report) ?? double.NaN).Text(0)])]),
        ],
        Plots =
        [
            new("time", "Mean time of one operation", "", "µs",
                [new("mean", [.. reports.Select((_, index) => (double)index)], [.. reports.Select(Microseconds)])])
            {
                Bars = [.. reports.Select(Name)], LogarithmicY = true,
            },
        ],
    }, reports.Select(report => new { name = Name(report), microseconds = Microseconds(report), allocated = Allocated(report) }));

    private static string Name(BenchmarkReport report) => report.BenchmarkCase.Descriptor.WorkloadMethod.Name;

    private static string What(BenchmarkReport report) => report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\'');

    private static double Microseconds(BenchmarkReport report) => (report.ResultStatistics?.Mean ?? double.NaN) / 1000;

    private static double Error(BenchmarkReport report) => (report.ResultStatistics?.StandardError ?? double.NaN) / 1000;

    private static long? Allocated(BenchmarkReport report) => report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase);
}
