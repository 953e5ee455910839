using System.Globalization;
using System.Text.Json.Nodes;

namespace Crispy.Bench;

/// <summary>What benchmarks do with a whole system.</summary>
internal static class Running
{
    /// <summary>The .NET processes that belong to Crispy.</summary>
    public static readonly IReadOnlyList<string> Services = ["stream-handle", "upload-worker", "chunk-logger"];

    /// <summary>Everything that a user's machine must run besides: what is measured is the whole of these.</summary>
    public static readonly IReadOnlyList<string> Pipeline = [.. Services, "ffmpeg", "rabbitmq", "redis", "emulator"];

    /// <summary>A system as a user gets it, published as images are: what tests of crashes set for speed is the product's own default again.</summary>
    /// <exception cref="DirectoryNotFoundException">The services were not published (<c>bench.sh</c> does that).</exception>
    public static WholeSystem AsShipped(int workers)
    {
        var published = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "shipped"));
        if (!Directory.Exists(published)) throw new DirectoryNotFoundException($"{published}: start benchmarks by bench.sh, which publishes the services");
        var system = new WholeSystem(workers, published);
        foreach (var service in system.Services)
        {
            foreach (var key in (string[])["DOTNET_TieredPGO", "Crispy__Spool__SweepInterval", "Crispy__Upload__RetryBaseDelay", "Crispy__Upload__RetryMaxDelay", "Crispy__Upload__RequestTimeout"])
                service.Environment.Remove(key);
        }
        return system;
    }

    /// <summary>Starts the servers, the workers and stream-handle with its streams, and waits until they serve HTTP.</summary>
    public static async Task StartAllAsync(this WholeSystem system)
    {
        await system.StartServersAsync();
        Service[] rest = [system.StreamHandle, .. system.Workers];
        await Task.WhenAll(rest.Select(service => service.StartAsync()));
        await Task.WhenAll(rest.Select(service => service.UntilServingAsync()));
    }

    /// <summary>Streams that all look at cameras.</summary>
    public static void SetCameras(this WholeSystem system, Cameras cameras, int streams, double window) =>
        system.SetStreams(Enumerable.Range(0, streams).Select(index => new Dictionary<string, string>
        {
            ["Id"] = $"cam-{index}",
            ["Url"] = cameras.Url(index),
            ["Window"] = window.ToString(CultureInfo.InvariantCulture),
        }));

    /// <summary>Waits until every stream has made a chunk; returns how many have within the limit.</summary>
    public static async Task<int> UntilRecordingAsync(this WholeSystem system, int streams, TimeSpan limit)
    {
        var recording = 0;
        var begin = TimeProvider.System.GetTimestamp();
        while (recording < streams && TimeProvider.System.GetElapsedTime(begin) < limit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
            recording = (await system.StatusAsync())?["streams"]?.AsArray().Count(stream => stream!["lastChunk"] is not null) ?? 0;
        }
        return recording;
    }

    /// <summary>The entries of chunks that chunk-logger has written.</summary>
    public static IReadOnlyList<LoggedChunk> LoggedChunks(this WholeSystem system) =>
        [.. system.LogLines().Select(line => JsonNode.Parse(line)!).Where(line => line["duration"] is not null).Select(LoggedChunk.Read)];
}

/// <summary>A chunk, as its log line tells of it.</summary>
/// <param name="Stream">Its stream.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="From">When its first frame was filmed, UTC.</param>
/// <param name="To">When its last frame ended, UTC.</param>
/// <param name="LoggedAt">When the line was made, UTC.</param>
/// <param name="LatencyMs">From the end of the last frame to the line, as the line says.</param>
internal sealed record LoggedChunk(string Stream, string Epoch, DateTimeOffset From, DateTimeOffset To, DateTimeOffset LoggedAt, double LatencyMs)
{
    public static LoggedChunk Read(JsonNode line) => new((string)line["labels"]!["stream"]!, (string)line["labels"]!["epoch"]!, Time(line["duration"]!["from"]), Time(line["duration"]!["to"]),
        Time(line["time"]), (double?)line["latencyMs"] ?? double.NaN);

    private static DateTimeOffset Time(JsonNode? node) => DateTimeOffset.Parse((string)node!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
