using System.Net;
using System.Text.Json;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Tests;

public sealed class TopicTests
{
    private const string Topic = "projects/crispy-tests/topics/records";

    [Fact]
    public async Task The_record_that_is_published_says_what_the_line_says()
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await StartAsync(google);
        using var answer =
            await site.EventarcAsync(await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer, sequence: 7)));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        Assert.Equal($"/v1/{Topic}:publish", Assert.Single(google.Posts).Path);
        var (record, attributes) = Assert.Single(google.Published);
        var line = Assert.Single(site.Entries());
        string Plain(string name) => name switch
        {
            "logging.googleapis.com/trace_sampled" => "traceSampled",
            _ => name.Replace("logging.googleapis.com/", "", StringComparison.Ordinal),
        };
        Assert.Equal(
            line.EnumerateObject().Select(field => (Plain(field.Name), field.Value.GetRawText())),
            record.EnumerateObject().Where(field => field.Name != "schema").Select(field => (field.Name, field.Value.GetRawText())));
        Assert.Equal("crispy.record/1", record.GetProperty("schema").GetString());
        Assert.Equal(("chunk", "gate", "crispy.record/1", "gate/20261122T170844123Z/00000007"),
            (attributes["kind"], attributes["stream"], attributes["schema"], attributes["insertId"]));
        Assert.StartsWith($"00-{Chunk.Traceparent.Split('-')[1]}-", attributes["traceparent"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503, 4)]
    [InlineData(404, 1)]
    public async Task A_topic_that_fails_costs_no_line_and_is_made_up_for_when_the_event_comes_again(int status, int times)
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await StartAsync(google);
        for (var i = 0; i < times; i++) google.Failures.Enqueue(status);
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        using var failed = await site.WhileTimePassesAsync(site.EventarcAsync(stored));
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Single(site.Entries());
        Assert.Empty(google.Published);

        foreach (var _ in (int[])[1, 2])
        {
            using var answer = await site.EventarcAsync(stored);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        Assert.Single(site.Entries());
        Assert.Single(google.Published);
    }

    [Fact]
    public async Task What_was_logged_but_perhaps_not_published_before_a_restart_is_published_without_a_second_line()
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await Site.StartAsync();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        await site.EventarcAsync(stored);
        await site.StopLoggerAsync();
        await site.StartLoggerAsync(Settings(google));
        using var answer = await site.EventarcAsync(stored);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Single(site.Entries());
        Assert.Single(google.Published);
    }

    [Fact]
    public async Task A_loss_is_published_as_well()
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await StartAsync(google);
        var bytes = LossJson.Write(LossTests.Record);
        await site.PubSubAsync(
            await site.UploadAsync(LossTests.Record.Object, bytes,
                LossMetadata.For(LossTests.Record, bytes, site.Signer.Sign(bytes), null)));
        var (record, attributes) = Assert.Single(google.Published);
        Assert.Equal(("loss", LossTests.Record.Chunk, "droppedOldest"),
            (attributes["kind"], record.GetProperty("loss").GetString(), record.GetProperty("reason").GetString()));
    }

    private static Task<Site> StartAsync(FakeGoogle google) => Site.StartAsync(Settings(google));

    private static Dictionary<string, string?> Settings(FakeGoogle google) =>
        new() { ["Crispy:ChunkLogger:Topic"] = Topic, ["PUBSUB_EMULATOR_HOST"] = google.Address.Authority };
}
