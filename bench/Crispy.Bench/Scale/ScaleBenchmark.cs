using System.Globalization;
using System.Text.Json;

namespace Crispy.Bench.Scale;

/// <summary>Reckons what many cameras ask for, from <c>figures.json</c> or the file after <c>--figures</c>. <c>--measure</c> takes the
/// figures of Redis and RabbitMQ again on this machine, <c>--save</c> writes them back.</summary>
internal static class ScaleBenchmark
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private static readonly string Sources = Path.Combine("bench", "Crispy.Bench", "Scale", "figures.json");

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var options = new Options(args, "cameras", "days", "windows", "figures", "measure", "save");
        var cameras = options.Count("cameras", 10000);
        var days = options.Number("days", 30);
        var windows = options.Numbers("windows", 1, 3, 10, 30, 60);
        var figures = await FiguresAsync(options);
        var simulation = new Simulation(figures, cameras, days);
        var loads = windows.Select(simulation.At).ToList();
        var limits = windows.ToDictionary(window => window.ToString(CultureInfo.InvariantCulture), simulation.Limits);

        Console.WriteLine($"{cameras:N0} cameras of {figures.BitsPerSecond.Value / 1e6:0.#} Mbit/s, kept for {days:0.#} days");
        Print(loads);
        foreach (var (window, found) in limits) Print(window, found, cameras);
        var result = Path.Combine(Directory.CreateDirectory("artifacts").FullName, "scale.json");
        await File.WriteAllTextAsync(result, JsonSerializer.Serialize(new { cameras, days, figures, loads, limits }, Json));
        Console.WriteLine($"\nwritten to {result}");
        return 0;
    }

    private static async Task<Figures> FiguresAsync(Options options)
    {
        var path = options.Text("figures", Sources);
        var figures = Figures.Read(File.Exists(path) ? path : Path.Combine(AppContext.BaseDirectory, "figures.json"));
        if (options.Has("measure")) figures = await Measurement.TakeAsync(figures);
        if (options.Has("save")) figures.Write(path);
        return figures;
    }

    private static void Print(IReadOnlyList<Load> loads)
    {
        string[] columns =
        [
            "window s", "chunks/s", "machines", "cameras a machine", "cores", "memory GB", "RabbitMQ messages/s", "bucket writes/s",
            "Redis GB", "Redis commands/s", "chunk-logger cores", "operations $/month", "storage $/month",
        ];
        Print(columns);
        Console.WriteLine($"|{string.Concat(columns.Select(_ => "---|"))}");
        foreach (var load in loads)
        {
            Print($"{load.WindowSeconds:0.#}", $"{load.ChunksPerSecond:N0}", $"{load.Machines}", $"{load.CamerasPerMachine:N0}",
                $"{load.Cores:N0}", $"{load.MemoryGigabytes:N0}", $"{load.RabbitMessagesPerSecond:N0}", $"{load.BucketWritesPerSecond:N0}",
                $"{load.RedisGigabytes:N1}", $"{load.RedisCommandsPerSecond:N0}", $"{load.ChunkLoggerCores:N1}",
                $"{load.OperationsPerMonth:N0}", $"{load.StoragePerMonth:N0}");
        }
    }

    private static void Print(string window, IReadOnlyList<Limit> limits, int cameras)
    {
        Console.WriteLine($"\nwindow {window} s, what runs out first:");
        Print("what", $"{cameras:N0} cameras need", "one has", "carries cameras", "moved by");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var limit in limits)
            Print(limit.What, $"{limit.Need:N0} {limit.Unit}", $"{limit.Capacity:N0} {limit.Unit}", $"{limit.Cameras:N0}", limit.MovedBy);
    }

    private static void Print(params string[] cells) => Console.WriteLine($"| {string.Join(" | ", cells)} |");
}
