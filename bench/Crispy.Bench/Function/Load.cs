using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Crispy.Bench.Function;

/// <summary>Events one after the other, or several at once.</summary>
/// <param name="Parallel">How many at once.</param>
/// <param name="Rate">Events answered a second.</param>
/// <param name="CpuMs">CPU time of chunk-logger for one.</param>
/// <param name="BytesRead">Bytes that came from the bucket for one.</param>
/// <param name="BytesSent">Bytes that went to it for one.</param>
/// <param name="PeakRssMb">Greatest resident memory.</param>
/// <param name="Latency">Milliseconds from event to answer, of each.</param>
internal sealed record Load(
    int Parallel, double Rate, double CpuMs, double BytesRead, double BytesSent, double PeakRssMb, IReadOnlyList<double> Latency)
{
    /// <summary>Restarts chunk-logger, and sends it an event for each object.</summary>
    /// <exception cref="InvalidOperationException">Not every chunk has its line, with a good signature.</exception>
    public static async Task<Load> MeasureAsync(WholeSystem system, string lines, CountingRelay relay, Events events,
        IReadOnlyList<JsonNode> objects, int warm, int parallel)
    {
        system.ChunkLogger.Environment["Crispy__ChunkLogger__File"] = lines;
        await system.ChunkLogger.StartAsync();
        await system.ChunkLogger.UntilServingAsync();
        foreach (var item in objects.Take(warm)) await events.SendAsync(item);

        var (read, sent) = (relay.Received, relay.Sent);
        var sampler = Sampler.Start(TimeSpan.FromMilliseconds(250));
        var begin = TimeProvider.System.GetTimestamp();
        var latency = new ConcurrentBag<double>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel };
        await System.Threading.Tasks.Parallel.ForEachAsync(objects.Skip(warm), options, async (item, _) =>
            latency.Add(await events.SendAsync(item)));
        var elapsed = TimeProvider.System.GetElapsedTime(begin);
        var spent = (await sampler.StopAsync()).First(each => each.Name == "chunk-logger");
        var count = objects.Count - warm;
        var verified = File.ReadLines(lines).Count(line => line.Contains("\"signature\":\"verified\"", StringComparison.Ordinal));
        if (verified != objects.Count) throw new InvalidOperationException($"{verified} of {objects.Count} chunks were logged as verified");
        return new(parallel, count / elapsed.TotalSeconds, spent.CpuSeconds * 1000 / count, (double)(relay.Received - read) / count,
            (double)(relay.Sent - sent) / count, spent.PeakRssMb, [.. latency]);
    }
}
