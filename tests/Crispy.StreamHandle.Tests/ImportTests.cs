using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Crispy.StreamHandle.Tests;

/// <summary>Groups and tags, and many streams at once.</summary>
public sealed class ImportTests(Servers servers)
{
    private const string Secret = "s3cret-of-many";

    private static Dictionary<string, string> Gate() => new()
    {
        ["Id"] = "gate", ["Url"] = "/nowhere/gate.mp4", ["Group"] = "Building A/Gate", ["Tags__0"] = "outdoor", ["Tags__1"] = "night",
    };

    [Fact]
    public async Task Group_and_tags_are_configured_made_changed_and_shown_without_an_end_of_the_recording()
    {
        await using var handle = await new RunningStreamHandle(servers, Gate()).StartAsync();
        var gate = await handle.StreamAsync("gate");
        Assert.Equal(("Building A/Gate", "outdoor night"), (gate.Group, string.Join(' ', gate.Tags)));
        Assert.StartsWith("Crispy:Streams:0", gate.ConfiguredAt?.Key, StringComparison.Ordinal);

        await ExpectAsync(handle, HttpStatusCode.Created, HttpMethod.Post, "/api/streams",
            """{"id":"yard","url":"demo:?size=64x48&fps=10","window":0.5,"group":"Yard","tags":["a","A","b"]}""");
        await handle.UntilAsync("yard", stream => stream.Captured.Chunks >= 1, "a chunk");
        var before = await handle.StreamAsync("yard");
        Assert.Equal(("Yard", "a b", null), (before.Group, string.Join(' ', before.Tags), before.ConfiguredAt));
        await ExpectAsync(handle, HttpStatusCode.OK, HttpMethod.Patch, "/api/streams/yard", """{"group":"Yard/Back","tags":["c"]}""");
        await handle.UntilAsync("yard", stream => stream.Captured.Chunks > before.Captured.Chunks, "another chunk");
        var after = await handle.StreamAsync("yard");
        Assert.Equal((before.Epoch, "Yard/Back", "c"), (after.Epoch, after.Group, string.Join(' ', after.Tags)));
        await ExpectAsync(handle, HttpStatusCode.OK, HttpMethod.Patch, "/api/streams/yard", """{"group":null,"tags":[]}""");
        after = await handle.StreamAsync("yard");
        Assert.Equal((null, ""), (after.Group, string.Join(' ', after.Tags)));
    }

    [Fact]
    public async Task What_is_no_group_or_tag_is_refused_by_its_field()
    {
        await using var handle = await new RunningStreamHandle(servers, Gate()).StartAsync();
        foreach (var (field, value) in ((string, string)[])
            [("group", "\" A\""), ("group", "\"A//B\""), ("group", "[\"A\"]"), ("tags", "[\"a b\"]"), ("tags", "[1]"), ("tags", "[\"\"]"),
                ("tags", "{\"a\":1}"), ("tags", "[\"a\",null]"),
                ("tags", $"[{string.Join(',', Enumerable.Range(0, 17).Select(number => $"\"t{number}\""))}]")])
        {
            var problem = await ExpectAsync(handle, HttpStatusCode.BadRequest, HttpMethod.Post, "/api/streams",
                $$"""{"id":"yard","url":"demo:","{{field}}":{{value}}}""");
            Assert.Equal([field], problem["errors"]!.AsObject().Select(error => error.Key));
        }
    }

    [Fact]
    public async Task Many_are_made_at_once_and_again_without_a_change()
    {
        await using var handle = await new RunningStreamHandle(servers, Gate()).StartAsync();
        var items = string.Join(',', Enumerable.Range(0, 20).Select(number =>
            $$"""{"id":"c{{number}}","url":"rtsp://u:{{Secret}}@127.0.0.1:9/{{number}}","group":"G{{number % 3}}","window":"2"}"""));
        var dry = await ImportAsync(handle, $$"""{"items":[{{items}}],"dryRun":true}""");
        Assert.Equal((false, 20), (dry.Applied, dry.Added));
        await ExpectAsync(handle, HttpStatusCode.NotFound, HttpMethod.Get, "/api/streams/c0", null);

        var made = await ImportAsync(handle, $$"""{"items":[{{items}}]}""");
        Assert.Equal((true, 20, 0), (made.Applied, made.Added, made.Wrong));
        Assert.All(made.Items, item => Assert.DoesNotContain(Secret, item.Url!, StringComparison.Ordinal));
        Assert.Equal("G1", (await handle.StreamAsync("c1")).Group);

        var again = await ImportAsync(handle, $$"""{"items":[{{items}}]}""");
        Assert.Equal((true, 0, 20), (again.Applied, again.Added, again.Unchanged));
        Assert.Equal(1, (await handle.StreamAsync("c1")).Version);
        // As an export has it: what is hidden stays as it is.
        var hidden = await ImportAsync(handle, $$"""{"items":[{"id":"c1","url":"{{made.Items[1].Url}}","group":"G1","window":2}]}""");
        Assert.Equal(1, hidden.Unchanged);
    }

    [Fact]
    public async Task Where_one_is_wrong_nothing_is_done_unless_the_good_ones_are_asked_for()
    {
        await using var handle = await new RunningStreamHandle(servers, Gate()).StartAsync();
        await ExpectAsync(handle, HttpStatusCode.Created, HttpMethod.Post, "/api/streams",
            $$"""{"id":"there","url":"rtsp://u:{{Secret}}@127.0.0.1:9/1"}""");
        const string items = $$"""
            {"id":"new","url":"demo:"},{"id":"there","url":"rtsp://u:{{Secret}}@127.0.0.1:9/2"},{"id":"gate","url":"demo:"},
            {"id":"gate2","url":"u:{{Secret}}@host"},{"id":"new","url":"demo:"},{"id":"{{Secret}}!","url":"demo:"},7,
            {"id":"hidden","url":"rtsp://***@h/***"},{"id":"share","url":"demo:","spoolShare":0.7},
            {"id":"share2","url":"demo:","spoolShare":0.7}
            """;
        var refused = await ImportAsync(handle, $$"""{"items":[{{items}}]}""");
        Assert.False(refused.Applied);
        Assert.Equal("added id id url id id $ url added spoolShare",
            string.Join(' ',
                refused.Items.Select(item => item.Errors.Count == 0 ? ApiEnum.Name(item.Outcome) : Assert.Single(item.Errors).Key)));
        Assert.Contains("Crispy:Streams:0", refused.Items[2].Errors["id"][0], StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, JsonSerializer.Serialize(refused).Replace($"{Secret}!", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
        await ExpectAsync(handle, HttpStatusCode.NotFound, HttpMethod.Get, "/api/streams/new", null);

        var some = await ImportAsync(handle, $$"""{"items":[{{items}}],"onlyGood":true,"replace":true}""");
        Assert.Equal((true, 2, 1, 7), (some.Applied, some.Added, some.Replaced, some.Wrong));
        Assert.Equal(2, (await handle.StreamAsync("there")).Version);
        Assert.Equal(HttpStatusCode.OK, (await handle.GetAsync("/api/streams/new")).StatusCode);
    }

    [Fact]
    public async Task A_request_that_is_wrong_as_such_is_refused()
    {
        await using var handle = await new RunningStreamHandle(servers, Gate()).StartAsync();
        foreach (var (field, body) in ((string, string)[])
            [("items", "{}"), ("items", """{"items":[]}"""), ("items", """{"items":{"id":"a"}}"""), ("$", "[]"),
                ("dryRun", """{"items":[{"id":"a","url":"demo:"}],"dryRun":"yes"}"""),
                ("dry", """{"items":[{"id":"a","url":"demo:"}],"dry":true}""")])
        {
            var problem = await ExpectAsync(handle, HttpStatusCode.BadRequest, HttpMethod.Post, "/api/streams/import", body);
            Assert.Equal([field], problem["errors"]!.AsObject().Select(error => error.Key));
        }
    }

    [Fact]
    public async Task A_body_may_be_as_large_as_many_streams_are_and_no_larger()
    {
        await using var handle = await new RunningStreamHandle(servers, Gate()).StartAsync();
        var url = "rtsp://127.0.0.1:9/" + new string('x', 1000);
        var items = string.Join(',', Enumerable.Range(0, 1000).Select(number => $$"""{"id":"c{{number}}","url":"{{url}}"}"""));
        Assert.Equal(1000, (await ImportAsync(handle, $$"""{"items":[{{items}}],"dryRun":true}""")).Added);
        await ExpectAsync(handle, HttpStatusCode.BadRequest, HttpMethod.Post, "/api/streams/import",
            $$"""{"items":[{{items}},{"id":"one-more","url":"demo:"}]}""");
        await ExpectAsync(handle, HttpStatusCode.RequestEntityTooLarge, HttpMethod.Post, "/api/streams/import",
            $$"""{"items":[{{items}}],"x":"{{new string('x', 1_200_000)}}"}""");
    }

    private static async Task<ImportReport> ImportAsync(RunningStreamHandle handle, string body) =>
        (await ExpectAsync(handle, HttpStatusCode.OK, HttpMethod.Post, "/api/streams/import", body))
        .Deserialize<ImportReport>(JsonSerializerOptions.Web)!;

    private static async Task<JsonNode> ExpectAsync(RunningStreamHandle handle, HttpStatusCode status, HttpMethod method,
        string path, string? body) =>
        await handle.ExpectAsync(status, method, path, body) is { Length: > 0 } text ? JsonNode.Parse(text)! : new JsonObject();
}
