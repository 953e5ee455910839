using System.Globalization;
using System.Text.Json;
using Crispy.Bench.Scale;

// bench/scale [--cameras 10000] [--days 30] [--windows 1,3,10,30,60] [--figures FILE] [--measure [--save]]
// Reckons what many cameras ask for, from figures.json; --measure takes those of Redis and RabbitMQ on this machine, --save writes them back.
string? Value(string name) => Array.IndexOf(args, $"--{name}") is var index and >= 0 && index + 1 < args.Length ? args[index + 1] : null;
foreach (var option in args.Where(arg => arg.StartsWith("--", StringComparison.Ordinal) && arg[2..] is not ("cameras" or "days" or "windows" or "figures" or "measure" or "save")))
{
    Console.Error.WriteLine($"{option} is no option; there are --cameras, --days, --windows, --figures, --measure, --save");
    return 2;
}
var cameras = int.Parse(Value("cameras") ?? "10000", CultureInfo.InvariantCulture);
var days = double.Parse(Value("days") ?? "30", CultureInfo.InvariantCulture);
var windows = (Value("windows") ?? "1,3,10,30,60").Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToList();
var path = Value("figures") ?? Path.Combine("bench", "scale", "figures.json");
var figures = Figures.Read(File.Exists(path) ? path : Path.Combine(AppContext.BaseDirectory, "figures.json"));
if (args.Contains("--measure")) figures = await Measurement.TakeAsync(figures);
if (args.Contains("--save")) figures.Write(path);

var simulation = new Simulation(figures, cameras, days);
Print($"{cameras:N0} cameras of {figures.BitsPerSecond.Value / 1e6:0.#} Mbit/s, kept for {days:0.#} days");
Print($"| window s | chunks/s | machines | cameras a machine | cores | memory GB | RabbitMQ messages/s | bucket writes/s | Redis GB | Redis commands/s | chunk-logger cores | operations $/month | storage $/month |");
Print($"|---|---|---|---|---|---|---|---|---|---|---|---|---|");
var loads = windows.Select(simulation.At).ToList();
foreach (var load in loads)
    Print($"| {load.WindowSeconds:0.#} | {load.ChunksPerSecond:N0} | {load.Machines} | {load.CamerasPerMachine:N0} | {load.Cores:N0} | {load.MemoryGigabytes:N0} | {load.RabbitMessagesPerSecond:N0} | {load.BucketWritesPerSecond:N0} | {load.RedisGigabytes:N1} | {load.RedisCommandsPerSecond:N0} | {load.ChunkLoggerCores:N1} | {load.OperationsPerMonth:N0} | {load.StoragePerMonth:N0} |");
var limits = windows.ToDictionary(window => window.ToString(CultureInfo.InvariantCulture), simulation.Limits);
foreach (var (window, found) in limits)
{
    Print($"\nwindow {window} s, what runs out first:\n| what | {cameras:N0} cameras need | one has | carries cameras | moved by |\n|---|---|---|---|---|");
    foreach (var limit in found) Print($"| {limit.What} | {limit.Need:N0} {limit.Unit} | {limit.Capacity:N0} {limit.Unit} | {limit.Cameras:N0} | {limit.MovedBy} |");
}
var result = Path.Combine(Directory.CreateDirectory("artifacts").FullName, "scale.json");
await File.WriteAllTextAsync(result, JsonSerializer.Serialize(new { cameras, days, figures, loads, limits }, new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true }));
Console.WriteLine($"\nwritten to {result}");
return 0;

static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
