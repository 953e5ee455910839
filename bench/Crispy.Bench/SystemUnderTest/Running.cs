using System.Globalization;
using System.Text.Json.Nodes;

namespace Crispy.Bench.SystemUnderTest;

/// <summary>What benchmarks do with a whole system.</summary>
internal static class Running
{
    // What tests of crashes set for speed.
    private static readonly string[] SetForTests =
    [
        "DOTNET_TieredPGO", "Crispy__Spool__SweepInterval", "Crispy__Upload__RetryBaseDelay", "Crispy__Upload__RetryMaxDelay",
        "Crispy__Upload__RequestTimeout",
    ];

    /// <summary>The .NET processes that belong to Crispy.</summary>
    public static readonly IReadOnlyList<string> Services = ["stream-handle", "upload-worker", "chunk-logger"];

    /// <summary>Everything that a user's machine must run besides: what is measured is the whole of these.</summary>
    public static readonly IReadOnlyList<string> Pipeline = [.. Services, "ffmpeg", "rabbitmq", "redis", "emulator"];

    /// <summary>A system as a user gets it, published as images are: every option has the product's own default.</summary>
    /// <exception cref="DirectoryNotFoundException">The services were not published (<c>bench.sh</c> does that).</exception>
    public static WholeSystem AsShipped(int workers)
    {
        var published = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "shipped"));
        if (!Directory.Exists(published))
            throw new DirectoryNotFoundException($"{published}: start benchmarks by bench.sh, which publishes the services");
        var system = new WholeSystem(workers, published);
        foreach (var service in system.Services)
        {
            foreach (var key in SetForTests) service.Environment.Remove(key);
        }
        return system;
    }

    /// <summary>A program of Crispy's, built as this one was.</summary>
    public static string Built(string project)
    {
        var own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        return Path.Combine(own, "..", "..", project, Path.GetFileName(own), $"{project}.dll");
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
