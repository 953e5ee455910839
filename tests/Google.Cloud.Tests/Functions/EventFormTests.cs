using System.Net;
using System.Text.Json;
using CloudNative.CloudEvents;

namespace Google.Cloud.Tests.Functions;

public sealed class EventFormTests
{
    private const string Message =
        """{"attributes":{"eventType":"OBJECT_FINALIZE"},"data":"e30=","messageId":"77","publishTime":"2026-11-22T17:08:44.123Z"}""";
    private const string Push = $$"""{"message":{{Message}},"subscription":"projects/p/subscriptions/s"}""";

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
        Assert.Equal(("42", "google.cloud.storage.object.v1.finalized", "objects/gate/café.mkv"),
            (received.Id, received.Type, received.Subject));
        Assert.Equal("//storage.googleapis.com/projects/_/buckets/b", received.Source!.ToString());
        Assert.Equal(DateTimeOffset.Parse("2026-11-22T17:08:44.123456Z", System.Globalization.CultureInfo.InvariantCulture), received.Time);
        Assert.Equal("gate/café.mkv", Data(received).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Structured_mode_becomes_the_event()
    {
        await using var host = await FunctionHost.StartAsync();
        var answer = await host.PostAsync(
            """{"specversion":"1.0","type":"t","source":"//s","id":"1","datacontenttype":"application/json","data":{"name":"o"}}""",
            "application/cloudevents+json");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("o", Data(Assert.Single(host.Received)).GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_pubsub_push_becomes_a_published_message()
    {
        await using var host = await FunctionHost.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync(Push)).StatusCode);
        var received = Assert.Single(host.Received);
        Assert.Equal(("77", "google.cloud.pubsub.topic.v1.messagePublished"), (received.Id, received.Type));
        var message = Data(received).GetProperty("message");
        Assert.Equal(("77", "e30="), (message.GetProperty("messageId").GetString(), message.GetProperty("data").GetString()));
        Assert.Equal("OBJECT_FINALIZE", message.GetProperty("attributes").GetProperty("eventType").GetString());
    }

    [Theory]
    [InlineData("", "application/json")]
    [InlineData("not json", "application/json")]
    [InlineData("[]", "application/json")]
    [InlineData("{}", "application/json")]
    [InlineData("text", "text/plain")]
    [InlineData("""{"message":{"messageId":"1"}}""", "application/json")]
    [InlineData("""{"message":{},"subscription":"s"}""", "application/json")]
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
        var answer =
            await host.PostAsync("{}", headers: [("ce-specversion", "1.0"), ("ce-type", "throw"), ("ce-source", "//s"), ("ce-id", "1")]);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Single(host.Received);
    }

    [Fact]
    public async Task A_startup_answers_before_the_function()
    {
        await using var host = await FunctionHost.StartAsync();
        Assert.Equal("from the startup", await host.Client.GetStringAsync("/own", TestContext.Current.CancellationToken));
        Assert.Empty(host.Received);
    }

    private static JsonElement Data(CloudEvent cloudEvent) => (JsonElement)cloudEvent.Data!;
}
