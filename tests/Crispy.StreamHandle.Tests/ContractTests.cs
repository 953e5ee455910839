using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Coordination;
using Crispy.Spool;
using NJsonSchema;

namespace Crispy.StreamHandle.Tests;

/// <summary>The OpenAPI document is the contract: every operation of it is called,
/// and each answer held against the status and schema that it promises.</summary>
public sealed class ContractTests(Servers servers)
{
    private const string Yard = """{"id":"yard","url":"demo:?size=64x48&fps=10","window":0.5,"mode":"transcode"}""";

    private readonly HashSet<string> _called = new(StringComparer.Ordinal);
    private JsonObject _document = [];

    [Fact]
    public async Task Every_operation_answers_as_the_document_says()
    {
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = "demo:?size=64x48&fps=10&duration=4", ["Window"] = "1",
                ["Mode"] = "transcode" }).StartAsync();
        await handle.UntilAsync("gate", stream => stream.State == StreamState.Ended && handle.Ready("gate").Count >= 4, "the file is read");
        var buried = handle.Ready("gate").Take(3).ToList();
        foreach (var chunk in buried) Kill(handle, chunk);
        var dead = buried.Select(chunk => chunk.Manifest.Chunk).ToList();
        _document = JsonNode.Parse(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Get, "/openapi/v1.json"))!.AsObject();

        await CallListsAsync(handle);
        await CreateYardAsync(handle);
        await CallSpoolAsync(handle);
        await ChangeYardAsync(handle);
        await SteerYardAsync(handle);
        await RemoveYardAsync(handle);
        await CallTrialsAsync(handle);
        await CallDeadAsync(handle, dead);
        await CallAsync(handle, "getDuty", 200);
        await using (await handle.OpenAsync("/api/events")) _called.Add("listen");

        Assert.Equal(Operations().Select(operation => operation.Id).Order(), _called.Order());
    }

    [Fact]
    public async Task Every_operation_needs_the_token_and_is_described()
    {
        await using var handle = await new RunningStreamHandle(servers).With("Crispy__Api__AllowAnonymous", "")
            .With("Crispy__Api__Token", "a-token-of-this-test-alone").StartAsync();
        using var answer = await handle.GetAsync("/openapi/v1.json", "Bearer a-token-of-this-test-alone");
        _document = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
        Assert.NotEmpty(Operations());
        foreach (var (id, method, path, operation) in Operations())
        {
            using var refused =
                await handle.SendAsync(method, path.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal));
            Assert.Equal((id, HttpStatusCode.Unauthorized), (id, refused.StatusCode));
            Assert.True(operation["summary"] is not null && operation["description"] is not null
                && operation["responses"]!["401"] is not null, id);
        }
        var fields = _document["components"]!["schemas"]!["StreamReport"]!["properties"]!.AsObject();
        Assert.All(fields,
            field => Assert.True(field.Value!["description"] is not null || field.Value["$ref"] is not null
                || field.Value["oneOf"] is not null, field.Key));
    }

    private async Task CallListsAsync(RunningStreamHandle handle)
    {
        await CallAsync(handle, "getStatus", 200);
        await CallAsync(handle, "listStreams", 200, "?limit=1");
        await CallAsync(handle, "listStreams", 400, "?limit=0", field: "limit");
        await CallAsync(handle, "listStreams", 400, "?after=..", field: "after");
    }

    private async Task CreateYardAsync(RunningStreamHandle handle)
    {
        await CallAsync(handle, "createStream", 201, json: Yard);
        await CallAsync(handle, "createStream", 409, json: Yard);
        await CallAsync(handle, "createStream", 400, json: """{"id":"door","url":"demo:","window":0}""", field: "window");
        await CallAsync(handle, "createStream", 415, json: Yard, type: "text/plain");
        await CallAsync(handle, "createStream", 413, json: $"\"{new string('x', 300_000)}\"");
        await handle.UntilAsync("yard", stream => stream.Captured.Chunks >= 1, "a chunk");
        await CallAsync(handle, "getStream", 200, id: "yard");
        await CallAsync(handle, "getStream", 404, id: "nobody");
    }

    private async Task CallSpoolAsync(RunningStreamHandle handle)
    {
        await CallAsync(handle, "listSpool", 200, "?limit=1", id: "gate");
        await CallAsync(handle, "listSpool", 400, "?after=x", id: "gate", field: "after");
        await CallAsync(handle, "listSpool", 404, id: "nobody");
        await CallAsync(handle, "getSpooledChunk", 404, id: "nobody");
        await CallAsync(handle, "getSpooledChunk", 404, id: "gate");
        await AssertVideoAsync(handle, handle.Ready("gate")[^1]);
    }

    private async Task ChangeYardAsync(RunningStreamHandle handle)
    {
        await CallAsync(handle, "replaceStream", 200, id: "yard", json: Yard);
        await CallAsync(handle, "replaceStream", 400, id: "yard",
            json: Yard.Replace("yard", "door", StringComparison.Ordinal), field: "id");
        await CallAsync(handle, "replaceStream", 404, id: "nobody", json: """{"url":"demo:"}""");
        await CallAsync(handle, "replaceStream", 409, id: "gate", json: """{"url":"demo:"}""");
        await CallAsync(handle, "replaceStream", 412, id: "yard", json: Yard, ifMatch: "\"99\"");
        await CallAsync(handle, "changeStream", 200, id: "yard", json: """{"name":"Yard"}""", type: "application/merge-patch+json");
        await CallAsync(handle, "changeStream", 400, id: "yard", json: """{"mode":"remux"}""", field: "mode");
        await CallAsync(handle, "changeStream", 404, id: "nobody", json: "{}");
    }

    private async Task SteerYardAsync(RunningStreamHandle handle)
    {
        foreach (var what in (string[])["pauseStream", "resumeStream", "restartStream"])
        {
            await CallAsync(handle, what, 200, id: "yard");
            await CallAsync(handle, what, 404, id: "nobody");
            await CallAsync(handle, what, 400, id: "yard", ifMatch: "first", field: "If-Match");
            await CallAsync(handle, what, 412, id: "yard", ifMatch: "\"99\"");
        }
        await CallAsync(handle, "pauseStream", 200, id: "yard");
        await CallAsync(handle, "restartStream", 409, id: "yard");
    }

    private async Task RemoveYardAsync(RunningStreamHandle handle)
    {
        await CallAsync(handle, "removeStream", 412, id: "yard", ifMatch: "\"1\"");
        await CallAsync(handle, "removeStream", 204, id: "yard");
        await CallAsync(handle, "removeStream", 404, id: "nobody");
        await CallAsync(handle, "removeStream", 409, id: "gate");
    }

    // What looks before it adds.
    private async Task CallTrialsAsync(RunningStreamHandle handle)
    {
        await CallAsync(handle, "importStreams", 200,
            json: """{"dryRun":true,"items":[{"id":"door","url":"demo:"},{"id":"gate","url":"demo:"},{"id":"shed"}]}""");
        await CallAsync(handle, "importStreams", 400, json: """{"items":[]}""", field: "items");
        await CallAsync(handle, "importStreams", 415, json: """{"items":[]}""", type: "text/plain");
        await CallAsync(handle, "probeStream", 200, json: """{"url":"demo:?size=64x48&fps=10"}""");
        await CallAsync(handle, "probeStream", 400, json: """{"url":"gopher://x"}""", field: "url");
    }

    private async Task CallDeadAsync(RunningStreamHandle handle, List<string> dead)
    {
        await CallAsync(handle, "listDead", 200, "?limit=2");
        await CallAsync(handle, "listDead", 400, "?stream=..", field: "stream");
        await CallAsync(handle, "getDead", 200, id: dead[0]);
        await CallAsync(handle, "getDead", 404, id: "gate/20261122T170844123Z/00000042");
        await CallAsync(handle, "discardDead", 400, id: dead[0], json: """{"why":"x"}""", field: "why");
        await CallAsync(handle, "discardDead", 400, id: dead[0], json: """{"reason":7}""", field: "reason");
        await CallAsync(handle, "discardDead", 200, id: dead[0], json: """{"reason":"seen"}""");
        await CallAsync(handle, "discardDead", 404, id: dead[0]);
        await CallAsync(handle, "replayDead", 200, id: dead[1]);
        await CallAsync(handle, "replayDead", 404, id: dead[1]);
        await CallAsync(handle, "replayAllDead", 200, json: $$"""{"chunks":["{{dead[1]}}","junk"]}""");
        await CallAsync(handle, "replayAllDead", 400, json: """{"chunks":[]}""", field: "chunks");
        await CallAsync(handle, "discardAllDead", 200, json: $$"""{"chunks":["{{dead[2]}}"]}""");
        await CallAsync(handle, "discardAllDead", 400, json: """{"chunks":"all"}""", field: "chunks");
    }

    private async Task CallAsync(
        RunningStreamHandle handle, string operation, int status, string query = "", string? id = null, string? json = null,
        string? ifMatch = null, string type = "application/json", string? field = null)
    {
        var (_, method, template, described) = Operations().Single(each => each.Id == operation);
        var path = id is null ? template : template.Contains("{stream}", StringComparison.Ordinal)
            ? template.Replace("{stream}/{epoch}/{sequence}", id, StringComparison.Ordinal)
            : template.Replace("{id}", id, StringComparison.Ordinal);
        using var answer = await handle.SendAsync(method, path + query, json, ifMatch, type);
        var body = await answer.Content.ReadAsStringAsync();
        var what = $"{operation} {path}{query} {json}: {(int)answer.StatusCode} {body}";
        Assert.True((int)answer.StatusCode == status, what);
        var promised = described["responses"]![$"{status}"];
        Assert.True(promised is not null, $"{what}: not documented");
        _called.Add(operation);
        if (promised["content"] is not JsonObject contents)
        {
            Assert.Equal("", body);
            return;
        }
        var media = contents.Single(content => content.Key == answer.Content.Headers.ContentType?.MediaType);
        var errors = (await SchemaAsync(media.Value!["schema"]!)).Validate(body);
        Assert.True(errors.Count == 0, $"{what}\n{string.Join('\n', errors)}");
        if (field is not null) Assert.NotNull(JsonNode.Parse(body)!["errors"]![field]);
    }

    private static async Task AssertVideoAsync(RunningStreamHandle handle, ReadyChunk chunk)
    {
        using var answer =
            await handle.SendAsync(HttpMethod.Get, $"/api/streams/gate/spool/{Contracts.ChunkId.Digits(chunk.Manifest.Sequence)}");
        Assert.Equal((HttpStatusCode.OK, "video/x-matroska"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Equal(chunk.Manifest.Object, Assert.Single(answer.Headers.GetValues(SpoolPage.ObjectHeader)));
        Assert.Equal(await File.ReadAllBytesAsync(chunk.Path), await answer.Content.ReadAsByteArrayAsync());
    }

    private IEnumerable<(string Id, HttpMethod Method, string Path, JsonNode Described)> Operations() =>
        from path in _document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where path.Key.StartsWith("/api/", StringComparison.Ordinal) && operation.Value!["operationId"] is not null
        select (operation.Value!["operationId"]!.GetValue<string>(), HttpMethod.Parse(operation.Key), path.Key, operation.Value);

    // Alone, with what it refers to, as JSON Schema.
    private Task<JsonSchema> SchemaAsync(JsonNode schema)
    {
        var whole = schema.DeepClone().AsObject();
        if (whole["$ref"] is { } reference)
            whole = new JsonObject { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = reference.DeepClone() }) };
        whole["definitions"] = _document["components"]!["schemas"]!.DeepClone();
        return JsonSchema.FromJsonAsync(whole.ToJsonString().Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal));
    }

    // As a worker puts a chunk aside.
    private static void Kill(RunningStreamHandle handle, ReadyChunk chunk)
    {
        var dead = Directory.CreateDirectory(handle.Spool.Dead("gate")).FullName;
        var manifest = Path.ChangeExtension(chunk.Path, ".json");
        new DeadReason(chunk.Manifest.Chunk, DeadReason.Conflict, "told", DateTimeOffset.UnixEpoch)
            .Write(Path.Combine(dead, Path.GetFileName(DeadReason.PathBeside(manifest))));
        foreach (var path in new[] { chunk.Path, manifest }) File.Move(path, Path.Combine(dead, Path.GetFileName(path)));
    }
}
