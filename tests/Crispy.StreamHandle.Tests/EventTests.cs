using System.Collections.Concurrent;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Crispy.Coordination;
using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

/// <summary>What <c>/api/events</c> and <c>/metrics</c> tell.</summary>
public sealed class EventTests(Servers servers)
{
    private const string Yard = """{"id":"yard","url":"demo:?size=64x48&fps=10","window":0.5,"mode":"transcode"}""";

    [Fact]
    public async Task A_listener_hears_of_streams_and_chunks_as_they_change_and_does_not_hold_up_a_stop()
    {
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = "/no/such/file" }).StartAsync();
        var heard = new ConcurrentQueue<(string Kind, JsonElement Data)>();
        await using var events = await handle.OpenAsync("/api/events");
        var listening = Task.Run(async () =>
        {
            await foreach (var item in SseParser.Create(events).EnumerateAsync())
                heard.Enqueue((item.EventType, JsonSerializer.Deserialize<JsonElement>(item.Data)));
        });
        await HeardAsync("the present state", item => item is { Kind: "stream" } && Text(item.Data, "id") == "gate");

        await handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams", Yard);
        await HeardAsync("it runs",
            item => item.Kind == "stream" && (Text(item.Data, "id"), Text(item.Data, "state")) == ("yard", "running"));
        var queued = await HeardAsync("a chunk",
            item => item.Kind == "chunk" && (Text(item.Data, "stream"), Text(item.Data, "state")) == ("yard", "queued"));
        await HeardAsync("its counters", item => item.Kind == "stream" && Text(item.Data, "id") == "yard"
            && item.Data.GetProperty("captured").GetProperty("chunks").GetInt64() > 0);
        await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/yard/pause");
        await HeardAsync("it is paused",
            item => item.Kind == "stream" && (Text(item.Data, "id"), Text(item.Data, "state")) == ("yard", "paused"));

        // As workers do with one chunk that is good, one that is not, and all others.
        var chunks = handle.Ready("yard");
        Assert.Equal(chunks[0].Manifest.Chunk, Text(queued.Data, "chunk"));
        var dead = Directory.CreateDirectory(handle.Spool.Dead("yard")).FullName;
        new DeadReason(chunks[^1].Manifest.Chunk, DeadReason.Damaged, "told", DateTimeOffset.UnixEpoch)
            .Write(DeadReason.PathBeside(Path.Combine(dead, Path.GetFileName(Path.ChangeExtension(chunks[^1].Path, ".json")))));
        foreach (var end in (string[])[".mkv", ".json"])
            File.Move(Path.ChangeExtension(chunks[^1].Path, end),
                Path.Combine(dead, Path.GetFileName(Path.ChangeExtension(chunks[^1].Path, end))));
        Directory.CreateDirectory(handle.Spool.Stored("yard"));
        foreach (var chunk in chunks.SkipLast(1))
        {
            File.Delete(chunk.Path);
            File.Move(Path.ChangeExtension(chunk.Path, ".json"),
                handle.Spool.StoredManifest(new("yard", chunk.Manifest.Epoch, chunk.Manifest.Sequence)));
        }
        await HeardAsync("it is stored",
            item => item.Kind == "chunk" && (Text(item.Data, "chunk"), Text(item.Data, "state")) == (chunks[0].Manifest.Chunk, "stored"));
        await HeardAsync("it is dead",
            item => item.Kind == "chunk" && (Text(item.Data, "chunk"), Text(item.Data, "state")) == (chunks[^1].Manifest.Chunk, "dead"));
        await HeardAsync("why", item => item.Kind == "dead" && Text(item.Data, "reason") == DeadReason.Damaged);

        await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, $"/api/dead/{chunks[^1].Manifest.Chunk}/discard");
        await HeardAsync("it is lost",
            item => item.Kind == "chunk" && (Text(item.Data, "chunk"), Text(item.Data, "state")) == (chunks[^1].Manifest.Chunk, "lost"));
        foreach (var loss in handle.Spool.ReadyLosses("yard").ToList()) File.Delete(loss);
        await handle.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, "/api/streams/yard");
        await HeardAsync("it is gone", item => item.Kind == "removed" && Text(item.Data, "id") == "yard");

        await handle.StopAsync();
        // It ends well: one that held up the stop would be cut off, which throws.
        await listening.WaitAsync(TimeSpan.FromMinutes(5));

        async Task<(string Kind, JsonElement Data)> HeardAsync(string what, Func<(string Kind, JsonElement Data), bool> isIt)
        {
            await Until.TrueAsync(() => heard.Any(isIt), what: what,
                log: () => $"{string.Join('\n', heard.Select(item => $"{item.Kind} {item.Data}"))}\n{handle.Log}");
            return heard.First(isIt);
        }
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

    private static string? Text(JsonElement data, string name) => data.TryGetProperty(name, out var value) ? value.GetString() : null;
}
