using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Crispy.Testing;

namespace Crispy.CloudEmulator.Tests;

public class NotificationTests
{
    private static readonly string[] OnlyDeletions = ["OBJECT_DELETE"];

    [Fact]
    public async Task A_new_object_is_pushed_as_PubSub_does()
    {
        await using var receiver = await PushReceiver.StartAsync();
        await using var emulator = await Emulator.StartAsync("--notify", receiver.Url);
        var stored = await emulator.StoreAsync("cam/a.mp4", [1, 2, 3]);
        await DrainedAsync(emulator);
        var push = JsonDocument.Parse(Assert.Single(receiver.Received)).RootElement;
        var message = push.GetProperty("message");
        var attributes = message.GetProperty("attributes");
        Assert.Equal("OBJECT_FINALIZE", attributes.GetProperty("eventType").GetString());
        Assert.Equal("JSON_API_V1", attributes.GetProperty("payloadFormat").GetString());
        Assert.Equal("demo", attributes.GetProperty("bucketId").GetString());
        Assert.Equal("cam/a.mp4", attributes.GetProperty("objectId").GetString());
        Assert.Equal(stored.GetProperty("generation").GetString(), attributes.GetProperty("objectGeneration").GetString());
        Assert.Matches(@"^projects/.+/subscriptions/.+$", push.GetProperty("subscription").GetString());
        Assert.NotEmpty(message.GetProperty("messageId").GetString()!);
        var resource = JsonDocument.Parse(message.GetProperty("data").GetBytesFromBase64()).RootElement;
        Assert.Equal(stored.GetRawText(), resource.GetRawText());
    }

    [Fact]
    public async Task A_refused_push_is_sent_again()
    {
        await using var receiver = await PushReceiver.StartAsync(refusals: 5);
        await using var emulator = await Emulator.StartAsync("--notify", receiver.Url);
        for (var i = 0; i < 3; i++) await emulator.StoreAsync($"a{i}", [1]);
        var counters = await DrainedAsync(emulator);
        Assert.Equal(3, counters.GetProperty("delivered").GetInt32());
        Assert.Equal(5, counters.GetProperty("retried").GetInt32());
        Assert.Equal(3, receiver.Received.Count);
    }

    [Fact]
    public async Task What_is_pending_survives_a_restart_and_a_target_that_comes_later()
    {
        using var folder = new TempFolder();
        var url = $"http://127.0.0.1:{FreePort.Next()}";
        await using (var emulator = await Emulator.StartOnAsync(folder, "--notify", url + "/push"))
        {
            for (var i = 0; i < 20; i++) await emulator.StoreAsync($"a{i}", [1]);
            Assert.Equal(20, (await CountersAsync(emulator)).GetProperty("pending").GetInt32());
        }
        await using (var emulator = await Emulator.StartOnAsync(folder, "--notify", url + "/push"))
        {
            await using var receiver = await PushReceiver.StartAsync(url);
            await DrainedAsync(emulator);
            var names = receiver.Received.Select(push => JsonDocument.Parse(push).RootElement.GetProperty("message")
                .GetProperty("attributes").GetProperty("objectId").GetString());
            Assert.Equal(20, names.Distinct().Count());
        }
    }

    [Fact]
    public async Task A_configuration_chooses_events_prefix_and_endpoint()
    {
        await using var receiver = await PushReceiver.StartAsync();
        await using var emulator = await Emulator.StartAsync();
        const string configs = "/storage/v1/b/demo/notificationConfigs";
        using var response = await emulator.Client.PostAsJsonAsync(configs, new
        {
            topic = "//pubsub.googleapis.com/projects/p/topics/t",
            payload_format = "JSON_API_V1",
            event_types = OnlyDeletions,
            object_name_prefix = "cam/",
            custom_attributes = new { pushEndpoint = receiver.Url, mine = "yes" },
        });
        var config = await Emulator.JsonAsync(response);
        var id = config.GetProperty("id").GetString();
        Assert.Equal(config.GetRawText(), (await emulator.GetJsonAsync($"{configs}/{id}")).GetRawText());
        Assert.Equal(id,
            Assert.Single((await emulator.GetJsonAsync(configs)).GetProperty("items").EnumerateArray()).GetProperty("id").GetString());

        await emulator.StoreAsync("cam/a", [1]);
        await emulator.StoreAsync("other", [1]);
        (await emulator.Client.DeleteAsync(Emulator.ObjectUri("cam/a"))).Dispose();
        (await emulator.Client.DeleteAsync(Emulator.ObjectUri("other"))).Dispose();
        await DrainedAsync(emulator);
        var attributes = JsonDocument.Parse(Assert.Single(receiver.Received)).RootElement.GetProperty("message").GetProperty("attributes");
        Assert.Equal("OBJECT_DELETE", attributes.GetProperty("eventType").GetString());
        Assert.Equal("yes", attributes.GetProperty("mine").GetString());
        Assert.EndsWith($"/notificationConfigs/{id}", attributes.GetProperty("notificationConfig").GetString());

        using var deleted = await emulator.Client.DeleteAsync($"{configs}/{id}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var gone = await emulator.Client.GetAsync($"{configs}/{id}");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Deleting_a_configuration_ends_its_retries()
    {
        await using var emulator = await Emulator.StartAsync();
        using var response = await emulator.Client.PostAsJsonAsync("/storage/v1/b/demo/notificationConfigs",
            new { topic = "//pubsub.googleapis.com/projects/p/topics/t",
                custom_attributes = new { pushEndpoint = $"http://127.0.0.1:{FreePort.Next()}/" } });
        var id = (await Emulator.JsonAsync(response)).GetProperty("id").GetString();
        await emulator.StoreAsync("a", [1]);
        Assert.Equal(1, (await CountersAsync(emulator)).GetProperty("pending").GetInt32());
        (await emulator.Client.DeleteAsync($"/storage/v1/b/demo/notificationConfigs/{id}")).Dispose();
        Assert.Equal(0, (await CountersAsync(emulator)).GetProperty("pending").GetInt32());
    }

    private static Task<JsonElement> CountersAsync(Emulator emulator) => emulator.GetJsonAsync("/_emulator/notifications");

    private static async Task<JsonElement> DrainedAsync(Emulator emulator)
    {
        await Until.TrueAsync(async () => (await CountersAsync(emulator)).GetProperty("pending").GetInt32() == 0);
        return await CountersAsync(emulator);
    }
}
