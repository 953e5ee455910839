using System.Net;
using System.Text.Json;
using CloudNative.CloudEvents;

namespace Google.Cloud.Tests.Functions;

public sealed class EventFormTests
{
    private const string Push = """{"message":{"attributes":{"eventType":"OBJECT_FINALIZE"},"data":"e30=","messageId":"77","publishTime":"2026-11-22T17:08:44.123Z"},"subscription":"projects/p/subscriptions/s"}""";

    private static readonly (string, string)[] Eventarc =
    [
        ("ce-specversion", "1.0"),
        ("ce-type", "google.cloud.storage.object.v1.finalized"),
        ("ce-source", "//storage.googleapis.com/projects/_/buckets/b"),
        ("ce-subject", "objects/gate/caf%C3%A9.mkv"),
        ("ce-id", "42"),
        ("ce-time", "2026-11-22T17:08:44.123456Z"),
    ];

    [Fact]
    public async Task Binary_mode_headers_become_the_event()
    {
        await using var host = await FunctionHost.StartAsync();
        var answer = await host.PostAsync("""{"name":"gate/café.mkv"}""", headers: Eventarc);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var received = Assert.Single(host.Received);
        Assert.Equal(("42", "google.cloud.storage.object.v1.finalized", "objects/gate/café.mkv"), (received.Id, received.Type, received.Subject));
        Assert.Equal("//storage.googleapis.com/projects/_/buckets/b", received.Source!.ToString());
        Assert.Equal(DateTimeOffset.Parse("2026-11-22T17:08:44.123456Z", System.Globalization.CultureInfo.InvariantCulture), received.Time);
        Assert.Equal("gate/café.mkv", Data(received).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Structured_mode_becomes_the_event()
    {
        await using var host = await FunctionHost.StartAsync();
        var answer = await host.PostAsync("""{"specversion":"1.0","type":"t","source":"//s","id":"1","datacontenttype":"application/json","data":{"name":"o"}}""", "application/cloudevents+json");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("o", Data(Assert.Single(host.Received)).GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_pubsub_push_becomes_a_published_message_of_the_topic_in_the_path()
    {
        await using var host = await FunctionHost.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync(Push, path: "/projects/p/topics/chunks")).StatusCode);
        var received = Assert.Single(host.Received);
        Assert.Equal(("77", "google.cloud.pubsub.topic.v1.messagePublished", "//pubsub.googleapis.com/projects/p/topics/chunks"), (received.Id, received.Type, received.Source!.ToString()));
        Assert.Equal("chunks", received["topic"]);
        var message = Data(received).GetProperty("message");
        Assert.Equal(("77", "2026-11-22T17:08:44.123Z", "e30="), (message.GetProperty("messageId").GetString(), message.GetProperty("publishTime").GetString(), message.GetProperty("data").GetString()));
        Assert.Equal("projects/p/subscriptions/s", Data(received).GetProperty("subscription").GetString());
    }

    [Fact]
    public async Task A_pubsub_push_to_another_path_has_an_unknown_topic()
    {
        await using var host = await FunctionHost.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync(Push)).StatusCode);
        Assert.Equal("//pubsub.googleapis.com/projects/unknown-project!/topics/unknown-topic!", Assert.Single(host.Received).Source!.ToString());
    }

    [Fact]
    public async Task A_background_event_of_storage_becomes_an_object_event()
    {
        await using var host = await FunctionHost.StartAsync();
        var answer = await host.PostAsync("""
            {"context":{"eventId":"9","timestamp":"2026-11-22T17:08:44.123Z","eventType":"google.storage.object.finalize",
            "resource":{"service":"storage.googleapis.com","name":"projects/_/buckets/b/objects/gate/1.mkv#1700000000000001","type":"storage#object"}},
            "data":{"bucket":"b","name":"gate/1.mkv"}}
            """);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var received = Assert.Single(host.Received);
        Assert.Equal(("google.cloud.storage.object.v1.finalized", "objects/gate/1.mkv", "//storage.googleapis.com/projects/_/buckets/b"), (received.Type, received.Subject, received.Source!.ToString()));
        Assert.Equal("b", received["bucket"]);
        Assert.Equal("gate/1.mkv", Data(received).GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("", "application/json")]
    [InlineData("not json", "application/json")]
    [InlineData("[]", "application/json")]
    [InlineData("{}", "application/json")]
    [InlineData("text", "text/plain")]
    [InlineData("""{"message":{"messageId":"1"}}""", "application/json")]
    [InlineData("""{"message":{},"subscription":"s"}""", "application/json")]
    [InlineData("""{"message":{"messageId":"1"},"subscription":"s","eventId":"1"}""", "application/json")]
    [InlineData(Push, "application/json; charset=utf-8")]
    [InlineData("""{"eventId":"1","eventType":"some.other","resource":"r","data":{}}""", "application/json")]
    [InlineData("""{"specversion":"1.0","type":"t"}""", "application/cloudevents+json")]
    public async Task What_is_no_event_is_answered_with_400(string body, string contentType)
    {
        await using var host = await FunctionHost.StartAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await host.PostAsync(body, contentType)).StatusCode);
        Assert.Empty(host.Received);
    }

    [Fact]
    public async Task A_function_that_throws_is_answered_with_500()
    {
        await using var host = await FunctionHost.StartAsync();
        var answer = await host.PostAsync("{}", headers: [("ce-specversion", "1.0"), ("ce-type", "throw"), ("ce-source", "//s"), ("ce-id", "1")]);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Single(host.Received);
    }

    [Fact]
    public async Task A_startup_answers_before_the_function_and_browsers_favourites_are_not_found()
    {
        await using var host = await FunctionHost.StartAsync();
        Assert.Equal("from the startup", await host.Client.GetStringAsync("/own", TestContext.Current.CancellationToken));
        foreach (var path in (string[])["/robots.txt", "/favicon.ico"])
        {
            using var answer = await host.Client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        Assert.Empty(host.Received);
    }

    private static JsonElement Data(CloudEvent cloudEvent) => (JsonElement)cloudEvent.Data!;
}
