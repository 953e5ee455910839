using System.Collections.Concurrent;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

/// <summary>What <c>/api/events</c> and <c>/metrics</c> tell.</summary>
public sealed class EventTests(Servers servers)
{
    private const string Yard = """{"id":"yard","url":"demo:?size=64x48&fps=10","window":0.5,"mode":"transcode"}""";

    [Fact]
    public async Task A_listener_hears_of_a_stream_that_is_added_runs_is_paused_and_removed()
    {
        await using var handle = await StartAsync();
        await using var listener = await Listener.StartAsync(handle);
        await handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams", Yard);
        await listener.HeardStreamAsync("it runs", "running");
        await listener.HeardAsync("its counters", item => item.Kind == "stream" && Text(item.Data, "id") == "yard"
            && item.Data.GetProperty("captured").GetProperty("chunks").GetInt64() > 0);
        await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/yard/pause");
        await listener.HeardStreamAsync("it is paused", "paused");

        handle.StoreLikeWorkers("yard");
        await handle.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, "/api/streams/yard");
        await listener.HeardAsync("it is gone", item => item.Kind == "removed" && Text(item.Data, "id") == "yard");
    }

    [Fact]
    public async Task A_listener_hears_what_becomes_of_each_chunk()
    {
        await using var handle = await StartAsync();
        await using var listener = await Listener.StartAsync(handle);
        await handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams", Yard);
        var queued = await listener.HeardAsync("a chunk",
            item => item.Kind == "chunk" && (Text(item.Data, "stream"), Text(item.Data, "state")) == ("yard", "queued"));
        await handle.UntilAsync("yard", stream => stream.Captured.Chunks >= 2, "one for each fate");
        await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/yard/pause");
        await listener.HeardStreamAsync("it is paused", "paused");

        var chunks = handle.Ready("yard");
        var (good, bad) = (chunks[0].Manifest.Chunk, chunks[^1].Manifest.Chunk);
        Assert.Equal(good, Text(queued.Data, "chunk"));
        Kill(handle, chunks[^1]);
        handle.StoreLikeWorkers("yard");
        await listener.HeardChunkAsync("it is stored", good, "stored");
        await listener.HeardChunkAsync("it is dead", bad, "dead");
        await listener.HeardAsync("why", item => item.Kind == "dead" && Text(item.Data, "reason") == DeadReason.Damaged);

        await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, $"/api/dead/{bad}/discard");
        await listener.HeardChunkAsync("it is lost", bad, "lost");
    }

    [Fact]
    public async Task A_listener_does_not_hold_up_a_stop()
    {
        await using var handle = await StartAsync();
        await using var listener = await Listener.StartAsync(handle);
        await handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams", Yard);
        await listener.HeardStreamAsync("it runs", "running");
        await handle.StopAsync();
        // It ends well: one that held up the stop would be cut off, which throws.
        await listener.EndAsync();
    }

    [Fact]
    public async Task Metrics_are_told_in_the_format_of_Prometheus()
    {
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = "demo:?duration=2", ["Window"] = "1" }).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 2, "two chunks");
        await Until.TrueAsync(async () =>
        {
            var lines = (await (await handle.GetAsync("/metrics")).Content.ReadAsStringAsync()).Split('\n');
            return lines.Any(line => line.StartsWith("crispy_captured_frames_total{", StringComparison.Ordinal)
                && line.Contains("stream=\"gate\"", StringComparison.Ordinal))
                && lines.Any(line => line.StartsWith("crispy_spool_bytes", StringComparison.Ordinal))
                && lines.Any(line => line.StartsWith("# TYPE crispy_chunks_total counter", StringComparison.Ordinal));
        }, what: await (await handle.GetAsync("/metrics")).Content.ReadAsStringAsync());
    }

    private Task<RunningStreamHandle> StartAsync() =>
        new RunningStreamHandle(servers, new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = "/no/such/file" }).StartAsync();

    // As a worker puts a chunk aside.
    private static void Kill(RunningStreamHandle handle, ReadyChunk chunk)
    {
        var dead = Directory.CreateDirectory(handle.Spool.Dead("yard")).FullName;
        new DeadReason(chunk.Manifest.Chunk, DeadReason.Damaged, "told", DateTimeOffset.UnixEpoch)
            .Write(DeadReason.PathBeside(Path.Combine(dead, Path.GetFileName(Path.ChangeExtension(chunk.Path, ".json")))));
        foreach (var end in (string[])[".mkv", ".json"])
            File.Move(Path.ChangeExtension(chunk.Path, end), Path.Combine(dead, Path.GetFileName(Path.ChangeExtension(chunk.Path, end))));
    }

    private static string? Text(JsonElement data, string name) => data.TryGetProperty(name, out var value) ? value.GetString() : null;

    /// <summary>Keeps what it hears of <c>/api/events</c>.</summary>
    private sealed class Listener : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Kind, JsonElement Data)> _heard = new();
        private readonly RunningStreamHandle _handle;
        private readonly Stream _events;
        private readonly Task _listening;

        private Listener(RunningStreamHandle handle, Stream events)
        {
            (_handle, _events) = (handle, events);
            _listening = Task.Run(ListenAsync);
        }

        public static async Task<Listener> StartAsync(RunningStreamHandle handle)
        {
            var listener = new Listener(handle, await handle.OpenAsync("/api/events"));
            await listener.HeardAsync("the present state", item => item is { Kind: "stream" } && Text(item.Data, "id") == "gate");
            return listener;
        }

        public async Task<(string Kind, JsonElement Data)> HeardAsync(string what, Func<(string Kind, JsonElement Data), bool> isIt)
        {
            await Until.TrueAsync(() => _heard.Any(isIt), what: what,
                log: () => $"{string.Join('\n', _heard.Select(item => $"{item.Kind} {item.Data}"))}\n{_handle.Log}");
            return _heard.First(isIt);
        }

        public Task<(string Kind, JsonElement Data)> HeardStreamAsync(string what, string state) => HeardAsync(what,
            item => item.Kind == "stream" && (Text(item.Data, "id"), Text(item.Data, "state")) == ("yard", state));

        public Task<(string Kind, JsonElement Data)> HeardChunkAsync(string what, string chunk, string state) => HeardAsync(what,
            item => item.Kind == "chunk" && (Text(item.Data, "chunk"), Text(item.Data, "state")) == (chunk, state));

        /// <summary>Waits until there is nothing more to hear; throws what cut it off.</summary>
        public Task EndAsync() => _listening.WaitAsync(TimeSpan.FromMinutes(5));

        public async ValueTask DisposeAsync()
        {
            await _events.DisposeAsync();
            await _listening.ContinueWith(_ => { }, TaskScheduler.Default);
        }

        private async Task ListenAsync()
        {
            await foreach (var item in SseParser.Create(_events).EnumerateAsync())
                _heard.Enqueue((item.EventType, JsonSerializer.Deserialize<JsonElement>(item.Data)));
        }
    }
}
