using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Contracts;
using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

/// <summary>Streams that are made, changed, paused and removed while others are recorded.</summary>
public sealed class StreamApiTests(Servers servers)
{
    private const string Yard = """{"id":"yard","name":"Back yard","url":"demo:?size=64x48&fps=10","window":0.5,"mode":"transcode"}""";

    private static Dictionary<string, string> Gate() =>
        new() { ["Id"] = "gate", ["Url"] = "demo:?size=64x48&fps=10", ["Window"] = "0.5", ["Mode"] = "transcode" };

    [Fact]
    public async Task A_camera_is_added_changed_and_removed_while_the_other_one_records_on()
    {
        await using var handle = await new RunningStreamHandle(servers, Gate()).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 1, "a chunk of the configured one");
        var epoch = (await handle.StreamAsync("gate")).Epoch;

        var made = Report(await handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams", Yard));
        Assert.Equal(("yard", "Back yard", StreamOrigin.Api, true, 1L), (made.Id, made.Name, made.Origin, made.Enabled, made.Version));
        await handle.UntilAsync("yard", stream => stream is { State: StreamState.Running, Captured.Chunks: >= 2, Fps: > 5, Bitrate: > 0 },
            "two chunks of the new one");

        // A name alone is no reason to end a recording.
        var before = await handle.StreamAsync("yard");
        Assert.Equal("Yard",
            Report(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Patch, "/api/streams/yard", """{"name":"Yard"}""")).Name);
        await handle.UntilAsync("yard", stream => stream.Captured.Chunks > before.Captured.Chunks, "another chunk");
        Assert.Equal(before.Epoch, (await handle.StreamAsync("yard")).Epoch);

        var changed = Report(
            await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Patch, "/api/streams/yard",
                """{"window":0.3,"name":null,"container":"mp4"}""", "\"2\""));
        Assert.Equal((3L, null, 0.3, "mp4"), (changed.Version, changed.Name, changed.Definition?.Window, changed.Definition?.Container));
        await handle.UntilAsync("yard", stream => stream.Epoch != before.Epoch, "a chunk of the new definition");
        var chunks = handle.Ready("yard");
        var last = chunks.Last(chunk => chunk.Manifest.Epoch == before.Epoch);
        Assert.Contains(ChunkFlag.Final, last.Manifest.Flags);
        Assert.Equal(["mkv", "mp4"], chunks.Select(chunk => chunk.Manifest.Container).Distinct());

        await handle.ExpectAsync(HttpStatusCode.PreconditionFailed, HttpMethod.Delete, "/api/streams/yard", ifMatch: "\"2\"");
        await handle.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, "/api/streams/yard", ifMatch: "\"3\"");
        var removed = await handle.StreamAsync("yard");
        Assert.Equal((StreamState.Removed, false, StreamOrigin.Api), (removed.State, removed.Enabled, removed.Origin));
        await handle.UntilAsync("yard", stream => stream.Law is { Balance: 0 } law && law.Spooled == law.Captured, "its law");
        chunks = handle.Ready("yard");
        Assert.Contains(ChunkFlag.Final, chunks[^1].Manifest.Flags);
        ReadyChunk.AssertWhole(chunks);
        await handle.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Delete, "/api/streams/yard");

        // Then nothing is left to tell.
        handle.StoreLikeWorkers("yard");
        await Until.TrueAsync(async () =>
            (await handle.GetAsync("/api/streams/yard")).StatusCode == HttpStatusCode.NotFound, what: handle.Log);

        Assert.Equal(epoch, (await handle.StreamAsync("gate")).Epoch);
        await handle.StopAsync();
        Assert.Single(handle.Ready("gate").Select(chunk => chunk.Manifest.Epoch).Distinct());
        ReadyChunk.AssertWhole(handle.Ready("gate"));
    }

    [Fact]
    public async Task What_was_decided_survives_a_kill_and_a_removed_stream_stays_away()
    {
        await using var handle = await new RunningStreamHandle(servers, Gate()).StartAsync();
        foreach (var id in (string[])["yard", "door", "roof"])
            await handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams",
                Yard.Replace("\"yard\"", $"\"{id}\"", StringComparison.Ordinal));
        foreach (var id in (string[])["yard", "door", "roof", "gate"])
            await handle.UntilAsync(id, stream => stream.Captured.Chunks >= 1, "a chunk of each");
        foreach (var id in (string[])["door", "gate"])
        {
            var paused = Report(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, $"/api/streams/{id}/pause"));
            Assert.Equal((StreamState.Paused, false), (paused.State, paused.Enabled));
            Assert.Contains(ChunkFlag.Final, handle.Ready(id)[^1].Manifest.Flags);
        }
        await handle.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, "/api/streams/roof");
        await handle.KillAsync();
        await handle.EndAsync();
        var (door, gate) = (handle.Ready("door").Count, handle.Ready("gate").Count);

        await handle.StartAsync();
        await handle.UntilAsync("yard",
            stream => stream is { State: StreamState.Running, Origin: StreamOrigin.Api, Name: "Back yard", Captured.Chunks: >= 3 },
            "it is recorded again");
        Assert.Equal((StreamState.Paused, StreamState.Paused, StreamState.Removed),
            ((await handle.StreamAsync("door")).State, (await handle.StreamAsync("gate")).State, (await handle.StreamAsync("roof")).State));
        Assert.Equal((door, gate), (handle.Ready("door").Count, handle.Ready("gate").Count));
        Assert.Equal(HttpStatusCode.OK, (await handle.GetAsync("/health")).StatusCode);
        foreach (var id in (string[])["door", "gate"])
        {
            await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, $"/api/streams/{id}/resume");
            await handle.UntilAsync(id, stream => stream.State == StreamState.Running
                && handle.Ready(id).Count > (id == "door" ? door : gate), "it is recorded again");
        }
        foreach (var stream in (await handle.StatusAsync()).Streams) Assert.Equal(0, stream.Law?.Balance);
        await handle.StopAsync();
        foreach (var id in (string[])["yard", "door", "gate"]) ReadyChunk.AssertWhole(handle.Ready(id), losses: handle.Losses(id));
    }

    [Fact]
    public async Task A_removed_stream_is_made_again_and_goes_on_with_its_numbers()
    {
        await using var handle = await new RunningStreamHandle(servers).StartAsync();
        await handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams", Yard);
        await handle.UntilAsync("yard", stream => stream.Captured.Chunks >= 2, "two chunks");
        await handle.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, "/api/streams/yard");
        var count = handle.Ready("yard").Count;
        Assert.Equal(3, Report(await handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams", Yard)).Version);
        await handle.UntilAsync("yard", stream => stream.State == StreamState.Running && handle.Ready("yard").Count > count, "it goes on");
        var epoch = handle.Ready("yard")[^1].Manifest.Epoch;
        await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/yard/restart");
        await handle.UntilAsync("yard", stream => handle.Ready("yard")[^1].Manifest.Epoch != epoch, "a new epoch");
        await handle.StopAsync();
        ReadyChunk.AssertWhole(handle.Ready("yard"));
    }

    [Fact]
    public async Task A_configured_stream_is_only_paused_resumed_and_restarted_and_hides_one_of_the_API()
    {
        await using var handle = await new RunningStreamHandle(servers, Gate()).StartAsync();
        foreach (var (method, path, json) in ((HttpMethod, string, string?)[])[
            (HttpMethod.Post, "/api/streams", Yard.Replace("\"yard\"", "\"gate\"", StringComparison.Ordinal)),
            (HttpMethod.Put, "/api/streams/gate", """{"url":"demo:"}"""),
            (HttpMethod.Patch, "/api/streams/gate", """{"window":1}"""), (HttpMethod.Delete, "/api/streams/gate", null)])
            Assert.Contains("Crispy:Streams", await handle.ExpectAsync(HttpStatusCode.Conflict, method, path, json),
                StringComparison.Ordinal);
        Assert.Equal((StreamOrigin.Configured, 1L),
            (Report(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/gate/restart")) is var report
                ? report.Origin
                : default, report.Version));
        Assert.Equal(("demo:?size=64x48&fps=10", 0.5), (report.Definition?.Url, report.Definition?.Window));

        await handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams", Yard);
        await handle.ExpectAsync(HttpStatusCode.Conflict, HttpMethod.Post, "/api/streams", Yard);
        await handle.StopAsync();
        handle.With("Crispy__Streams__1__Id", "yard").With("Crispy__Streams__1__Url", "demo:?size=32x32&fps=5")
            .With("Crispy__Streams__1__Mode", "transcode");
        await handle.StartAsync();
        Assert.Equal((StreamOrigin.Configured, "demo:?size=32x32&fps=5"),
            (await handle.StreamAsync("yard") is var hidden ? hidden.Origin : default, hidden.Url));
        Assert.Contains("yard is configured, and was made by the API too", handle.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replicas_record_what_was_added_at_one_of_them_once_and_a_wiped_Redis_learns_it_from_them()
    {
        await using var redis = new RedisServer();
        await redis.StartAsync();
        await using var first = Replica(redis);
        await using var second = Replica(redis).With("Crispy__Signing__PrivateKey", first.Key);
        await first.StartAsync();
        await second.StartAsync();
        await first.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams", Yard);
        await RecordedOnceAsync(first, second, "yard");

        // Both know it, no matter which one records it.
        await second.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/yard/pause");
        foreach (var replica in (RunningStreamHandle[])[first, second])
            await replica.UntilAsync("yard", stream => stream is { State: StreamState.Paused, Version: 2 }, "paused everywhere");
        var recorded = first.Ready("yard").Count + second.Ready("yard").Count;
        Assert.Single((RunningStreamHandle[])[first, second], replica => replica.Ready("yard").Count > 0);

        // What is decided while Redis is away, and what a wiped one does not know, is told to it.
        await redis.StopAsync();
        await first.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams",
            Yard.Replace("\"yard\"", "\"door\"", StringComparison.Ordinal));
        await redis.StartAsync();
        await second.UntilAsync("yard", stream => stream.State == StreamState.Paused, "still paused");
        await Until.TrueAsync(async () => (await second.StatusAsync()).Streams.Any(stream => stream.Id == "door"),
            what: "the other replica knows it", log: () => second.Log);
        await RecordedOnceAsync(first, second, "door");
        Assert.Equal(recorded, first.Ready("yard").Count + second.Ready("yard").Count);

        // One that was away comes back with what was decided meanwhile.
        await second.KillAsync();
        await second.EndAsync();
        await first.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, "/api/streams/yard");
        await second.StartAsync();
        await Until.TrueAsync(async () =>
            (await second.StatusAsync()).Streams.All(stream => stream.Id != "yard" || stream.State == StreamState.Removed),
            what: "it is removed there", log: () => second.Log);
    }

    [Fact]
    public async Task What_somebody_else_writes_to_Redis_is_not_recorded()
    {
        await using var redis = new RedisServer();
        await redis.StartAsync();
        await using var replica = await Replica(redis).StartAsync();
        await replica.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams", Yard);
        using var client = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var database = client.GetDatabase();
        await Until.TrueAsync(async () => await database.HashExistsAsync("crispy:streams", "yard"), what: replica.Log);

        // A record that was changed, one of another stream, one that a foreign key signed, and one that nobody signed.
        using var stranger = new ManifestSigner(SigningKey.NewPrivatePem());
        var known = JsonNode.Parse((string)(await database.HashGetAsync("crispy:streams", "yard"))!)!;
        var record = JsonNode.Parse(Convert.FromBase64String(known["record"]!.GetValue<string>()))!;
        byte[] Forged(string id)
        {
            (record["id"], record["definition"]!["id"], record["version"]) = (id, id, 9);
            return System.Text.Encoding.UTF8.GetBytes(record.ToJsonString());
        }
        await PutAsync("yard", Forged("yard"), known["signature"]!.GetValue<string>());
        await PutAsync("door", Convert.FromBase64String(known["record"]!.GetValue<string>()), known["signature"]!.GetValue<string>());
        await PutAsync("roof", Forged("roof"), stranger.Sign(Forged("roof")));
        await PutAsync("wall", Forged("wall"), null);
        foreach (var id in (string[])["yard", "door", "roof", "wall"])
        {
            await client.GetSubscriber().PublishAsync(StackExchange.Redis.RedisChannel.Literal("crispy:streams:changed"), id);
            await Until.TrueAsync(() => replica.Log.Contains($"crispy:streams {id} cannot be read", StringComparison.Ordinal),
                what: $"{id} is refused", log: () => replica.Log);
        }
        Assert.Equal(("yard", 1L), (Assert.Single((await replica.StatusAsync()).Streams) is var only ? only.Id : "", only.Version));

        async Task PutAsync(string id, byte[] bytes, string? signature) => await database.HashSetAsync("crispy:streams", id,
            JsonSerializer.Serialize(new { version = 9, changed = "2099-01-01T00:00:00Z", record = bytes, signature }));
    }

    [Fact]
    public async Task A_password_is_in_no_answer_no_log_and_no_file_that_others_can_read()
    {
        const string secret = "hunter2-of-this-test";
        await using var handle = await new RunningStreamHandle(servers).StartAsync();
        var definition = $$"""{"id":"cam","url":"rtsp://viewer:{{secret}}@127.0.0.1:9/cam?token={{secret}}","stallTimeout":1}""";
        var answers = new List<string>
        {
            await handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams", definition),
            await handle.ExpectAsync(HttpStatusCode.Conflict, HttpMethod.Post, "/api/streams", definition),
            await handle.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/api/streams",
                definition.Replace("rtsp:", "gopher:", StringComparison.Ordinal)),
            await handle.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/api/streams",
                definition.Replace("rtsp://", "rtsp:/", StringComparison.Ordinal)),
            await handle.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/api/streams", definition[..^5]),
            await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/probe",
                $$"""{"url":"rtsp://viewer:{{secret}}@127.0.0.1:9/cam"}"""),
            await handle.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/api/streams/probe",
                $$"""{"url":"viewer:{{secret}}@127.0.0.1"}"""),
        };
        await handle.UntilAsync("cam", stream => stream.LastError is not null, "a try to connect");
        Assert.Equal("rtsp://***@127.0.0.1:9/cam?***: Connection refused", (await handle.StreamAsync("cam")).LastError!.Error);

        // What is shown is sent back, and keeps the address; so does its absence.
        var shown = JsonNode.Parse(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Get, "/api/streams/cam"))!["definition"]!;
        Assert.Equal("rtsp://***@127.0.0.1:9/cam?***", shown["url"]!.GetValue<string>());
        answers.Add(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Put, "/api/streams/cam", shown.ToJsonString()));
        answers.Add(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Put, "/api/streams/cam", """{"stallTimeout":2}"""));
        answers.Add(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Patch, "/api/streams/cam", """{"name":"Camera"}"""));
        answers.Add(await handle.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Patch, "/api/streams/cam",
            """{"url":"rtsp://***@127.0.0.1:10/cam"}"""));
        foreach (var path in (string[])["/api/streams", "/api/status", "/health", "/metrics"])
            answers.Add(await (await handle.GetAsync(path)).Content.ReadAsStringAsync());
        answers.Add(await (await handle.HealthAsync()).Content.ReadAsStringAsync());
        Assert.All(answers, answer => Assert.DoesNotContain(secret, answer, StringComparison.Ordinal));
        var holders = handle.Files().Where(file => File.ReadAllText(file).Contains(secret, StringComparison.Ordinal)).ToList();
        Assert.Equal([Path.Combine(handle.Spool.Root, ".streams", "cam.json")], holders);
        Assert.Equal("600", (await Command.RunAsync("stat", "-c", "%a", holders[0])).Trim());
        Assert.Contains($"token={secret}", File.ReadAllText(holders[0]), StringComparison.Ordinal);

        // Nobody needs the address of what is gone.
        await handle.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, "/api/streams/cam");
        Assert.DoesNotContain(handle.Files(), file => File.ReadAllText(file).Contains(secret, StringComparison.Ordinal));
        Assert.DoesNotContain(secret, handle.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"yard"}""", "url")]
    [InlineData("""{"url":"demo:"}""", "id")]
    [InlineData("""{"id":"yard","url":"demo:","window":"0.01"}""", "window")]
    [InlineData("""{"id":"yard","url":"demo:","window":true}""", "window")]
    [InlineData("""{"id":"yard","url":"demo:","windw":3}""", "windw")]
    [InlineData("""{"id":"yard","url":"demo:?size=1x1"}""", "url")]
    [InlineData("""{"id":"yard","url":["demo:"]}""", "url")]
    [InlineData("""{"id":"Yard","url":"demo:","crf":99,"mode":"transcode"}""", "id,crf")]
    [InlineData("""{"id":"yard","url":"/clip.mp4","scale":"640:360"}""", "scale")]
    [InlineData("""{"id":"yard","url":"demo:","mode":"copy"}""", "mode")]
    [InlineData("""{"id":"yard","url":"demo:?size=1x1","mode":"copy"}""", "url")]
    [InlineData("""{"id":"yard","url":"demo:","name":" "}""", "name")]
    [InlineData("""{"id":"yard","url":"demo:","spoolShare":0.8}""", "spoolShare")]
    [InlineData("""{"id":"yard","url":"demo:","retentionDays":0}""", "retentionDays")]
    [InlineData("""{"id":"yard","url":"demo:","retentionDays":"long"}""", "retentionDays")]
    [InlineData("""{"id":"../etc","url":"demo:"}""", "id")]
    [InlineData("""{"id":"yard","id":"door","url":"demo:"}""", "$")]
    [InlineData("[]", "$")]
    [InlineData("{", "$")]
    [InlineData("", "$")]
    public async Task What_is_wrong_with_a_definition_is_told_by_the_names_of_its_fields(string json, string fields)
    {
        var gate = Gate();
        gate["SpoolShare"] = "0.5";
        var handle = await BadInput.HandleAsync(servers, gate);
        using var problem = JsonDocument.Parse(await handle.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/api/streams", json));
        Assert.Equal(fields.Split(',').Order(),
            problem.RootElement.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order());
        Assert.Equal(400, problem.RootElement.GetProperty("status").GetInt32());
        Assert.DoesNotContain((await handle.StatusAsync()).Streams, stream => stream.Id != "gate");
    }

    [Fact]
    public async Task Streams_come_in_pages_by_id()
    {
        var paused = Yard.Replace("demo:?size=64x48&fps=10", "/no/such/file", StringComparison.Ordinal);
        await using var handle = await new RunningStreamHandle(servers, Gate()).StartAsync();
        foreach (var index in Enumerable.Range(0, 5))
            await handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams",
                paused.Replace("\"yard\"", $"\"cam-{index}\"", StringComparison.Ordinal));
        var ids = new List<string>();
        string? next = null;
        do
        {
            var page = JsonSerializer.Deserialize<StreamPage>(
                await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Get,
                    $"/api/streams?limit=4{(next is null ? "" : $"&after={next}")}"), JsonSerializerOptions.Web)!;
            Assert.Equal(6, page.Total);
            ids.AddRange(page.Items.Select(stream => stream.Id));
            next = page.Next;
        }
        while (next is not null);
        Assert.Equal(["cam-0", "cam-1", "cam-2", "cam-3", "cam-4", "gate"], ids);
    }

    private static StreamReport Report(string json) => JsonSerializer.Deserialize<StreamReport>(json, JsonSerializerOptions.Web)!;

    private RunningStreamHandle Replica(RedisServer redis) =>
        new RunningStreamHandle(servers).With("ConnectionStrings__redis", redis.ConnectionString)
        .With("Crispy__Leases__Enabled", "true").With("Crispy__Leases__Time", "2");

    private static async Task RecordedOnceAsync(RunningStreamHandle first, RunningStreamHandle second, string id)
    {
        await Until.TrueAsync(async () =>
        {
            var states = new List<string>();
            foreach (var replica in (RunningStreamHandle[])[first, second])
                states.Add((await replica.StatusAsync()).Streams.FirstOrDefault(stream => stream.Id == id) is { } stream
                    ? $"{stream.State} {Math.Min(stream.Captured.Chunks, 1)}"
                    : "unknown");
            return states.Order().SequenceEqual([$"{StreamState.Running} 1", $"{StreamState.Standby} 0"]);
        }, TimeSpan.FromSeconds(90), $"{id} is recorded by one of them", () => $"{first.Log}\n{second.Log}");
    }

    /// <summary>One process for all cases of a theory: none of them changes anything.</summary>
    private static class BadInput
    {
        private static RunningStreamHandle? _handle;

        public static async Task<RunningStreamHandle> HandleAsync(Servers servers, Dictionary<string, string> stream)
        {
            if (_handle is { IsRunning: true } running) return running;
            _handle = await new RunningStreamHandle(servers, stream).StartAsync();
            servers.EndWith(_handle);
            return _handle;
        }
    }
}
