using System.Globalization;
using Crispy.Bench.Throughput;

// A file, as fast as it goes: the whole pipeline until the last object is stored, against ffmpeg's segment muxer and parallel curl PUTs of the same chunks to the
// same server. In turns, after one of each that does not count.
Report.RequireKnown(args, "minutes", "turns", "window", "workers", "parallel");
var minutes = Report.Option(args, "minutes", 20);
var turns = (int)Report.Option(args, "turns", 5);
var window = Report.Option(args, "window", 3);
var workers = (int)Report.Option(args, "workers", 2);
var parallel = (int)Report.Option(args, "parallel", 16);

var source = await SourceVideo.OfAsync(minutes * 60);
var frames = await SourceVideo.FramesAsync(source);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"throughput: {frames} frames of 1080p30, {new FileInfo(source).Length / 1e6:0} MB, windows of {window} s, {workers} upload-workers, {turns} turns"));

await using var system = Running.AsShipped(workers);
await system.StartServersAsync();
foreach (var worker in system.Workers) await worker.StartAsync();
var start = await Turns.StartOnlyAsync(system);
var turn = new Turns(system, source, frames, window, parallel);
await turn.CreateBaselineBucketAsync();
List<Turn> crispy = [], baseline = [];
for (var number = 0; number <= turns; number++)
{
    var (own, other) = (await turn.CrispyAsync($"turn-{number}"), await turn.BaselineAsync($"turn-{number}"));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{(number == 0 ? "warm" : $"{number}"),5}: {frames / own.Seconds,10:N0} frames/s ({own.Seconds:0.00} s), ffmpeg and curl {frames / other.Seconds,10:N0} frames/s ({other.Seconds:0.00} s), {other.Seconds / own.Seconds:P0}"));
    if (number == 0) continue;
    crispy.Add(own);
    baseline.Add(other);
}
return Summary.Write(frames, crispy, baseline, start);
