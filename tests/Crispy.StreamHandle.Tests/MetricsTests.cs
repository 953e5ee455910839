using System.Net;

namespace Crispy.StreamHandle.Tests;

/// <summary>What <c>/metrics</c> tells, and who may ask.</summary>
public sealed class MetricsTests(Servers servers)
{
    private const string Token = "a-token-of-this-test-alone";
    private const string HealthToken = "health-of-this-test-alone";

    private static readonly string[] States = ["starting", "running", "backoff", "ended", "standby", "failed", "paused", "removed"];

    private static readonly string[] OfEachStream =
    [
        "crispy_captured_frames_total", "crispy_captured_bytes_total", "crispy_chunks_total", "crispy_chunks_waiting", "crispy_chunks_dead",
        "crispy_oldest_waiting_seconds", "crispy_source_reconnects_total", "crispy_source_damages_total", "crispy_source_discarded_total",
        "crispy_publish_failures_total",
    ];

    private static readonly string[] OfTheProcess =
    [
        "crispy_spool_bytes", "crispy_spool_limit_bytes", "crispy_spool_free_bytes", "crispy_spool_room_bytes",
        "crispy_spool_until_full_seconds", "crispy_spool_oldest_age_seconds", "crispy_broker_up", "crispy_redis_up",
    ];

    [Fact]
    public async Task Every_stream_has_every_series_from_the_start_and_states_are_told_apart()
    {
        var nobody = $"rtsp://127.0.0.1:{FreePort.Next()}/nobody";
        await using var handle = await new RunningStreamHandle(
            servers, Stream("gate", "demo:?size=64x48&fps=10"), Stream("yard", nobody), Stream("door", nobody)).StartAsync();
        var first = await LinesAsync(handle);
        foreach (var stream in (string[])["gate", "yard", "door"])
        {
            foreach (var state in States) Assert.Contains(first, line => Is(line, "crispy_stream_state", stream, $"state=\"{state}\""));
            foreach (var reason in Contracts.LossReason.All)
                Assert.Contains(first, line => Is(line, "crispy_chunks_lost_total", stream, $"reason=\"{reason}\"", "0"));
            foreach (var name in OfEachStream) Assert.Contains(first, line => Is(line, name, stream));
        }
        foreach (var name in OfTheProcess) Assert.Contains(first, line => line.StartsWith($"{name}{{", StringComparison.Ordinal));

        await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/door/pause");
        await Until.TrueAsync(async () =>
        {
            var lines = await LinesAsync(handle);
            return lines.Exists(line => Is(line, "crispy_stream_state", "gate", "state=\"running\"", "1"))
                && lines.Exists(line => Is(line, "crispy_stream_state", "yard", "state=\"backoff\"", "1"))
                && lines.Exists(line => Is(line, "crispy_stream_state", "door", "state=\"paused\"", "1"))
                && lines.Exists(line => Is(line, "crispy_stream_state", "door", "state=\"backoff\"", "0"))
                && lines.Exists(line => Is(line, "crispy_law_balance", "gate", "", "0"))
                && lines.Exists(line => Is(line, "crispy_chunks_waiting", "gate") && !Is(line, "", "gate", "", "0"))
                && lines.Exists(line => Is(line, "crispy_oldest_waiting_seconds", "gate") && !Is(line, "", "gate", "", "0"));
        }, what: handle.Log);
    }

    [Fact]
    public async Task A_removed_stream_is_in_no_state_that_raises_an_alarm()
    {
        await using var handle = await new RunningStreamHandle(servers).StartAsync();
        const string yard = """{"id":"yard","url":"rtsp://127.0.0.1:9/nobody"}""";
        await handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams", yard);
        await Until.TrueAsync(async () => (await LinesAsync(handle))
            .Exists(line => Is(line, "crispy_stream_state", "yard", "state=\"backoff\"", "1")), what: handle.Log);

        await handle.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, "/api/streams/yard");

        await Until.TrueAsync(
            async () => (await handle.GetAsync("/api/streams/yard")).StatusCode == HttpStatusCode.NotFound, what: handle.Log);
        await Until.TrueAsync(async () => !(await LinesAsync(handle))
            .Exists(line => Is(line, "crispy_stream_state", "yard", "state=", "1")), what: handle.Log);
    }

    [Fact]
    public async Task Metrics_take_the_token_of_the_API_and_that_of_health_which_opens_nothing_else()
    {
        await using var handle = await new RunningStreamHandle(servers, Stream("gate", "demo:?duration=1"))
            .With("Crispy__Api__AllowAnonymous", "").With("Crispy__Api__Token", Token).StartAsync();

        foreach (var path in (string[])["/metrics", "/metrics/", "/METRICS"])
        {
            foreach (var given in (string?[])[null, "", "Bearer", $"Bearer {Token}x", $"Basic {HealthToken}", HealthToken])
                Assert.Equal((path, given, HttpStatusCode.Unauthorized), (path, given, (await handle.GetAsync(path, given)).StatusCode));
            foreach (var token in (string[])[Token, HealthToken])
                Assert.Equal(HttpStatusCode.OK, (await handle.GetAsync(path, $"Bearer {token}")).StatusCode);
        }
        Assert.Equal(HttpStatusCode.Unauthorized, (await handle.GetAsync("/api/status", $"Bearer {HealthToken}")).StatusCode);
    }

    private static Dictionary<string, string> Stream(string id, string url) => new() { ["Id"] = id, ["Url"] = url, ["Window"] = "0.5" };

    private static async Task<List<string>> LinesAsync(RunningStreamHandle handle) =>
        [.. (await (await handle.GetAsync("/metrics")).Content.ReadAsStringAsync()).Split('\n')];

    private static bool Is(string line, string name, string stream, string label = "", string? value = null) =>
        line.StartsWith(name.Length == 0 ? "" : $"{name}{{", StringComparison.Ordinal)
        && line.Contains($"stream=\"{stream}\"", StringComparison.Ordinal)
        && line.Contains(label, StringComparison.Ordinal) && (value is null || line.Split("} ", 2)[1].Split(' ')[0] == value);
}
