using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Crispy.Bench.Micro;

// The hot paths one by one. In this process: BenchmarkDotNet's own builds know nothing of this repository's central versions and output folder.
Report.RequireKnown(args, "filter", "job");
var job = Text("job", "short") switch
{
    "dry" => Job.Dry,
    "short" => Job.ShortRun,
    "medium" => Job.MediumRun,
    var other => throw new ArgumentException($"--job {other} is none of dry, short, medium"),
};
var folder = Directory.CreateDirectory(Path.Combine("artifacts", "bench", "micro")).FullName;
await Samples.PrepareAsync();
await using var log = new StreamWriter(Path.Combine(folder, "log.txt")) { AutoFlush = true };
var config = ManualConfig.CreateEmpty().AddJob(job.WithToolchain(InProcessEmitToolchain.Instance)).AddDiagnoser(MemoryDiagnoser.Default).AddColumnProvider(DefaultColumnProviders.Instance)
    .AddFilter(new GlobFilter([Text("filter", "*")])).AddLogger(new StreamLogger(log)).WithArtifactsPath(folder);
Console.WriteLine($"micro: {job.Id}; BenchmarkDotNet's own log is {Path.Combine(folder, "log.txt")}");
List<BenchmarkReport> reports = [.. BenchmarkRunner.Run([typeof(Manifests), typeof(Bytes), typeof(Lines)], config).SelectMany(summary => summary.Reports)];
if (reports.Count == 0 || reports.Any(report => !report.Success)) throw new InvalidOperationException($"some did not run: see {Path.Combine(folder, "log.txt")}");

return Report.Write(new()
{
    Bench = "micro",
    About = $"Hot paths by BenchmarkDotNet ({job.Id}, in process): mean time and bytes allocated of one operation. A chunk is 3 s of 1080p30 at 4 Mbit/s, {Samples.Chunk.Length / 1e6:0.00} MB.",
    Tables = [new("Of one operation", ["operation", "mean µs", "error µs", "allocated bytes"], [.. reports.Select(report => (string[])
        [What(report), Microseconds(report).Short(), ((report.ResultStatistics?.StandardError ?? double.NaN) / 1000).Short(), ((double?)report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? double.NaN).Text(0)])])],
    Plots = [new("time", "Mean time of one operation", "", "µs", [new("mean", [.. reports.Select((_, index) => (double)index)], [.. reports.Select(Microseconds)])]) { Bars = [.. reports.Select(Name)], LogarithmicY = true }],
}, reports.Select(report => new { name = Name(report), microseconds = Microseconds(report), allocated = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) }));

string Text(string name, string otherwise) => Array.IndexOf(args, $"--{name}") is >= 0 and var index && index + 1 < args.Length ? args[index + 1] : otherwise;

static string Name(BenchmarkReport report) => report.BenchmarkCase.Descriptor.WorkloadMethod.Name;

static string What(BenchmarkReport report) => report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\'');

static double Microseconds(BenchmarkReport report) => (report.ResultStatistics?.Mean ?? double.NaN) / 1000;
