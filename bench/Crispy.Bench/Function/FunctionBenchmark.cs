using System.Globalization;
using System.Text.Json.Nodes;

namespace Crispy.Bench.Function;

/// <summary>chunk-logger alone, on real chunks in the emulator: it gets the pushes that Pub/Sub would send, and reads the objects
/// through a relay that counts.</summary>
internal static class FunctionBenchmark
{
    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var options = new Options(args, "chunks", "starts", "parallel", "warm");
        var chunks = options.Count("chunks", 600);
        var starts = options.Count("starts", 5);
        var parallel = options.Count("parallel", 8);
        var warm = Math.Min(chunks / 4, options.Count("warm", 100));

        // Chunks of a second, one for each event.
        var source = await SourceVideo.OfAsync(chunks);
        await using var system = Running.AsShipped(workers: 2);
        var objects = await StoreAsync(system, source);
        await using var relay = new CountingRelay(system.Emulator.Port);
        system.ChunkLogger.Environment["STORAGE_EMULATOR_HOST"] = $"http://127.0.0.1:{relay.Port}/storage/v1/";
        using var folder = new TempFolder();
        using var events = new Events(system.ChunkLogger.Port);

        List<ColdStart> cold = [];
        for (var number = 0; number < starts; number++)
            cold.Add(await ColdStart.MeasureAsync(system, folder[$"cold-{number}.jsonl"], events, objects[number % objects.Count]));
        var one = await Load.MeasureAsync(system, folder["one.jsonl"], relay, events, objects, warm, parallel: 1);
        var many = await Load.MeasureAsync(system, folder["many.jsonl"], relay, events, objects, warm, parallel);
        return Summary.Write(cold, one, many);
    }

    private static async Task<IReadOnlyList<JsonNode>> StoreAsync(WholeSystem system, string source)
    {
        system.SetStreams([new Dictionary<string, string> { ["Id"] = "bench", ["Url"] = source, ["Window"] = "1" }]);
        await system.StartAllAsync();
        await system.DrainAsync(TimeSpan.FromMinutes(10));
        await Task.WhenAll(system.Workers.Append(system.StreamHandle).Select(service => service.StopAsync()));
        List<JsonNode> objects = [.. (await system.ObjectsAsync("bench")).OrderBy(item => (string)item["name"]!, StringComparer.Ordinal)];
        var size = objects.Average(item => double.Parse((string)item["size"]!, CultureInfo.InvariantCulture));
        Console.WriteLine($"function: {objects.Count} chunks of {size / 1e6:0.00} MB");
        return objects;
    }
}
