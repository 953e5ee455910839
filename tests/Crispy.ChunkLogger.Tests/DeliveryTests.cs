using System.Net;
using Crispy.ChunkLogger.Events;
using Crispy.ChunkLogger.Writing;
using Crispy.Testing;

namespace Crispy.ChunkLogger.Tests;

public sealed class DeliveryTests
{
    [Fact]
    public async Task An_event_that_comes_again_gives_no_second_line_even_after_a_restart()
    {
        await using var site = await Site.StartAsync();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.OK, (await site.EventarcAsync(stored)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await site.PubSubAsync(stored)).StatusCode);
        Assert.Single(site.Entries());

        await site.StopLoggerAsync();
        await site.StartLoggerAsync();
        Assert.Equal(HttpStatusCode.OK, (await site.PubSubAsync(stored)).StatusCode);
        Assert.Single(site.Entries());
    }

    [Fact]
    public async Task Events_that_come_at_once_give_one_line()
    {
        await using var site = await Site.StartAsync();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => site.PubSubAsync(stored)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Single(site.Entries());
    }

    [Fact]
    public async Task Another_generation_of_the_same_object_is_another_line()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        await site.EventarcAsync(await site.UploadAsync(chunk));
        await site.EventarcAsync(await site.UploadAsync(chunk));
        Assert.Equal(2, site.Entries().Count);
    }

    [Fact]
    public async Task Trouble_of_the_bucket_is_answered_with_500_and_the_next_delivery_logs_the_chunk()
    {
        await using var site = await Site.StartAsync();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        // The client makes a few attempts of its own.
        await site.FailAsync(new { fault = "status", status = 503, times = 100, match = new { method = "GET" } });
        Assert.Equal(HttpStatusCode.InternalServerError, (await site.EventarcAsync(stored)).StatusCode);
        Assert.Empty(site.Entries());
        Assert.Equal(HttpStatusCode.ServiceUnavailable,
            (await site.Client.GetAsync("/health", TestContext.Current.CancellationToken)).StatusCode);

        await site.ClearFaultsAsync();
        Assert.Equal(HttpStatusCode.OK, (await site.EventarcAsync(stored)).StatusCode);
        Assert.Single(site.Entries());
        Assert.Equal(HttpStatusCode.OK, (await site.Client.GetAsync("/health", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task An_object_that_is_gone_is_acknowledged()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        var stored = await site.UploadAsync(chunk);
        await site.Storage.DeleteObjectAsync(Site.Bucket, chunk.Name, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, (await site.EventarcAsync(stored)).StatusCode);
        Assert.Empty(site.Entries());
    }

    [Fact]
    public async Task What_is_not_a_chunk_or_not_ours_is_acknowledged_without_a_line()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        var other = await site.UploadAsync("readme.txt", [1, 2, 3]);
        Assert.Equal(HttpStatusCode.OK, (await site.EventarcAsync(other)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await site.PubSubAsync(other)).StatusCode);
        Assert.Equal(HttpStatusCode.OK,
            (await site.EventarcAsync(await site.UploadAsync(chunk.Name, chunk.Media, chunk.Metadata, "other"))).StatusCode);
        var ours = await site.UploadAsync(chunk);
        Assert.Equal(HttpStatusCode.OK, (await site.EventarcAsync(ours, "google.cloud.storage.object.v1.deleted")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await site.PubSubAsync(ours, "OBJECT_METADATA_UPDATE")).StatusCode);
        Assert.Empty(site.Entries());
    }

    [Theory]
    [InlineData("not base64")]
    [InlineData("W10=")]
    [InlineData(null)]
    public async Task An_event_that_will_never_be_readable_is_refused_once_and_acknowledged_when_it_comes_again(string? data)
    {
        await using var site = await Site.StartAsync(new() { ["FunctionsFramework:JsonLogging"] = "true" });
        var text = data is null ? "null" : $"\"{data}\"";
        foreach (var expected in (HttpStatusCode[])[HttpStatusCode.BadRequest, HttpStatusCode.OK, HttpStatusCode.OK])
        {
            using var request = Tests.Events.Post(
                $$"""{"message":{"attributes":{"eventType":"OBJECT_FINALIZE"},"data":{{text}},"messageId":"1"},"subscription":"s"}""");
            using var answer = await site.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(expected, answer.StatusCode);
        }
        Assert.Empty(site.Entries());
        Assert.Single(site.OutputLines(),
            line => line.GetProperty("severity").GetString() == "ERROR" && line.GetProperty("event").GetString() == "EventMalformed");
    }

    [Fact]
    public async Task An_oversized_request_is_refused_and_the_next_event_is_served()
    {
        await using var site = await Site.StartAsync();
        using var request = Tests.Events.Post($"{{\"message\":\"{new string('x', 2_000_000)}\"}}");
        using var refused = await site.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        await site.EventarcAsync(await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer)));
        Assert.Single(site.Entries());
    }

    [Fact]
    public async Task Another_bucket_is_warned_of_once()
    {
        await using var site = await Site.StartAsync(new() { ["FunctionsFramework:JsonLogging"] = "true" });
        foreach (var name in (string[])["a", "b"])
            Assert.Equal(HttpStatusCode.OK, (await site.EventarcAsync(await site.UploadAsync(name, [1], null, "other"))).StatusCode);
        var warning = Assert.Single(site.OutputLines(), line => line.GetProperty("severity").GetString() == "WARNING");
        Assert.Equal("OtherBucket", warning.GetProperty("event").GetString());
        Assert.Contains("other", warning.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    public async Task A_request_that_is_no_event_is_answered_with_400(string body)
    {
        await using var site = await Site.StartAsync();
        using var request = Tests.Events.Post(body);
        using var answer = await site.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Only_the_latest_generations_are_remembered()
    {
        var remembered = new RememberedObjects(2);
        foreach (var name in (string[])["a", "b", "c"])
            Assert.True(await remembered.OnceAsync(name, () => Task.CompletedTask, TestContext.Current.CancellationToken));
        Assert.Equal(2, remembered.Count);
        Assert.False(await remembered.OnceAsync("c", () => Task.CompletedTask, TestContext.Current.CancellationToken));
        Assert.True(await remembered.OnceAsync("a", () => Task.CompletedTask, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_caller_that_waits_takes_over_when_the_first_one_fails()
    {
        var remembered = new RememberedObjects(10);
        var begun = new TaskCompletionSource();
        var fail = new TaskCompletionSource();
        var first = remembered.OnceAsync("a", async () =>
        {
            begun.SetResult();
            await fail.Task;
            throw new InvalidOperationException("storage is down");
        }, TestContext.Current.CancellationToken);
        await begun.Task;
        var second = remembered.OnceAsync("a", () => Task.CompletedTask, TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        fail.SetResult();
        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        Assert.True(await second);
    }

    [Fact]
    public void Earlier_entries_are_read_from_the_end_and_what_is_cut_off_is_passed_over()
    {
        using var folder = new TempFolder();
        var file = folder["chunks.jsonl"];
        var lines = Enumerable.Range(1, 4)
            .Select(i => $$$"""{"labels":{"bucket":"b","object":"o{{{i}}}","generation":"{{{i}}}"}}""").ToArray();
        File.WriteAllText(file, string.Join('\n', lines) + "\nnot ours\n{}\n" + lines[0][..20]);
        Assert.Equal(["b/o1#1", "b/o2#2", "b/o3#3", "b/o4#4"], EarlierEntries.Read(file));
        Assert.Equal(["b/o4#4"], EarlierEntries.Read(file, lines[0].Length + 70));
        Assert.Empty(EarlierEntries.Read(folder["none"]));
    }
}
