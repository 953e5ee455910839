using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Crispy.Judge.Recording;

/// <summary>A source to record, and options of its stream (<c>Container</c>, <c>Window</c>), by their names in the configuration.</summary>
/// <param name="Url">A file or an address.</param>
/// <param name="Options">The options.</param>
public sealed record Recorded(string Url, params (string Name, string Value)[] Options);

/// <summary>
/// Records sources by one stream-handle process without broker, Redis and bucket: its chunks stay in the spool, which lies in memory.
/// Hundreds of short files a minute.
/// </summary>
public sealed class Recorder : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(5) };
    private readonly List<string> _ids = [];
    private WatchedProcess? _process;
    private Uri? _address;

    private Recorder()
    {
    }

    /// <summary>Its spool.</summary>
    public string Spool => _folder["spool"];

    /// <summary>What it printed.</summary>
    public string Log => File.Exists(_folder["log"]) ? File.ReadAllText(_folder["log"]) : "";

    /// <summary>The ids of its streams, in the order of the sources.</summary>
    public IReadOnlyList<string> Ids => _ids;

    /// <summary>The releases of ffmpeg on which tests run: the folders that <c>CRISPY_FFMPEGS</c> names, separated by colons.
    /// Null stands for the one in PATH.</summary>
    public static IReadOnlyList<string?> Releases =>
        Environment.GetEnvironmentVariable("CRISPY_FFMPEGS") is { Length: > 0 } folders
        ? folders.Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        : (string?[])[null];

    /// <summary>Starts recording all of them at once.</summary>
    /// <param name="sources">The sources.</param>
    /// <param name="ffmpeg">The folder of the ffmpeg that records; null takes that of PATH.</param>
    /// <param name="window">Seconds of a chunk, where a source does not say.</param>
    /// <exception cref="InvalidOperationException">It does not start; the message holds what it printed.</exception>
    public static async Task<Recorder> StartAsync(IReadOnlyList<Recorded> sources, string? ffmpeg = null, double window = 1)
    {
        var recorder = new Recorder();
        try
        {
            await recorder.StartProcessAsync(sources, ffmpeg, window);
            return recorder;
        }
        catch
        {
            await recorder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Records files to their end.</summary>
    /// <returns>What was stored of each, in their order; the recorder holds the files until it is disposed.</returns>
    public static async Task<(Recorder Recorder, IReadOnlyList<Stored> Stored)> RecordAsync(IReadOnlyList<Recorded> sources,
        string? ffmpeg = null, double window = 1)
    {
        var recorder = await StartAsync(sources, ffmpeg, window);
        try
        {
            return (recorder, await recorder.UntilEndedAsync());
        }
        catch
        {
            await recorder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until each source has ended or failed.</summary>
    /// <returns>What was stored of each, in the order of the sources.</returns>
    public async Task<IReadOnlyList<Stored>> UntilEndedAsync(TimeSpan? limit = null)
    {
        JsonArray streams = [];
        await Until.TrueAsync(async () =>
        {
            // Each answer looks at all spools, which is work that recording waits for.
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
            streams = await StreamsAsync();
            return streams.All(stream => (string?)stream!["state"] is "ended" or "failed");
        }, limit ?? TimeSpan.FromSeconds(120 + 5 * _ids.Count), "all sources end", () => Tail(Log));
        return [.. _ids.Select(id => Now(id, streams))];
    }

    /// <summary>Waits until a stream has so many chunks, or has ended.</summary>
    public Task UntilChunksAsync(int count, int source = 0, TimeSpan? limit = null) => Until.TrueAsync(
        async () => Stored.InSpool(Spool, _ids[source]).Chunks.Count >= count
            || (string?)(await StreamsAsync()).First(stream => (string?)stream!["id"] == _ids[source])!["state"] is "ended" or "failed",
        limit ?? TimeSpan.FromMinutes(2), $"{count} chunks", () => Tail(Log));

    /// <summary>Stops it as an orchestrator does (SIGTERM), so that what it is recording is closed.</summary>
    /// <returns>What was stored of each source, in their order.</returns>
    public async Task<IReadOnlyList<Stored>> StopAsync()
    {
        var streams = await StreamsAsync();
        await Command.RunAsync("kill", "-s", "TERM", $"{_process!.Id}");
        await _process.WaitForExitAsync();
        return [.. _ids.Select(id => Now(id, streams))];
    }

    /// <summary>The streams as the API shows them.</summary>
    public async Task<JsonArray> StreamsAsync() =>
        JsonNode.Parse(await _http.GetStringAsync(new Uri(_address!, "/api/status")))!["streams"]!.AsArray();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    private Stored Now(string id, JsonArray streams)
    {
        var stream = streams.First(each => (string?)each!["id"] == id)!;
        return Stored.InSpool(Spool, id)
            with { Failed = (string?)stream["state"] == "failed",
                Error = (string?)stream["error"] ?? (string?)stream["lastError"]?["error"] };
    }

    private async Task StartProcessAsync(IReadOnlyList<Recorded> sources, string? ffmpeg, double window)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // Nobody listens on port 1: publishing waits, and nothing else does.
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["DOTNET_TieredPGO"] = "0",
            ["ConnectionStrings__rabbitmq"] = "amqp://guest:guest@127.0.0.1:1",
            ["ConnectionStrings__redis"] = "127.0.0.1:1",
            ["Crispy__Spool__Path"] = Spool,
            ["Crispy__Spool__Name"] = "judge",
            ["Crispy__Spool__MaxBytes"] = "8589934592",
            ["Crispy__Signing__PrivateKey"] = key.ExportPkcs8PrivateKeyPem(),
            ["Crispy__Api__AllowAnonymous"] = "true",
            // Nothing is gained by more at once than there are cores, and what waits for its turn must not count as stalled.
            ["Crispy__Connects__AtOnce"] = $"{Environment.ProcessorCount + 2}",
        };
        if (ffmpeg is not null) environment["Crispy__Ffmpeg__Folder"] = ffmpeg;
        foreach (var (index, source) in sources.Index())
        {
            _ids.Add($"s{index}");
            var stream = new Dictionary<string, string> { ["Id"] = _ids[index], ["Url"] = source.Url,
                ["Window"] = window.ToString(CultureInfo.InvariantCulture), ["StallTimeout"] = "120" };
            foreach (var (name, value) in source.Options) stream[name] = value;
            foreach (var (name, value) in stream) environment[$"Crispy__Streams__{index}__{name}"] = value;
        }
        _process = await WatchedProcess.StartAsync(_folder["log"], environment, "dotnet", Program());
        await Until.TrueAsync(() => !_process.IsRunning || Listening.AddressIn(Log) is not null);
        _address = Listening.AddressIn(Log) ?? throw new InvalidOperationException($"stream-handle does not start: {Log}");
    }

    // Beside this project's own output, or in it where it was published together.
    private static string Program()
    {
        var own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var beside = Path.Combine(own, "..", "..", "Crispy.StreamHandle", Path.GetFileName(own), "Crispy.StreamHandle.dll");
        return File.Exists(beside) ? beside : Path.Combine(own, "Crispy.StreamHandle.dll");
    }

    private static string Tail(string text) => text.Length > 3000 ? text[^3000..] : text;
}
