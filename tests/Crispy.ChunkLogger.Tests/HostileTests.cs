using System.Text;
using System.Text.Json;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Tests;

/// <summary>Events and metadata that somebody made up to do harm.</summary>
public sealed class HostileTests
{
    [Theory]
    [InlineData("deep")]
    [InlineData("deep in the message")]
    [InlineData("cut off")]
    [InlineData("large")]
    public async Task An_event_that_is_deep_large_or_cut_off_is_refused_and_the_next_is_logged(string what)
    {
        await using var site = await Site.StartAsync();
        var deep = new string('[', 50_000) + new string(']', 50_000);
        var body = what switch
        {
            "deep" => deep,
            "deep in the message" => JsonSerializer.Serialize(new { message = new { attributes = new { eventType = "OBJECT_FINALIZE" }, data = Convert.ToBase64String(Encoding.UTF8.GetBytes(deep)), messageId = "1" }, subscription = "s" }),
            "cut off" => """{"message":{"data":"eyJ""",
            _ => JsonSerializer.Serialize(new { message = new { attributes = new { eventType = "OBJECT_FINALIZE", x = new string('a', 40_000_000) } } }),
        };
        try
        {
            using var answer = await site.Client.SendAsync(Events.Post(body), TestContext.Current.CancellationToken);
            Assert.InRange((int)answer.StatusCode, 200, 499);
        }
        catch (HttpRequestException)
        {
            Assert.Equal("large", what); // Its connection may be closed before all of it was sent.
        }
        Assert.Empty(site.Entries());
        await site.EventarcAsync(await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer)));
        Assert.Equal("verified", Assert.Single(site.Entries()).GetProperty("signature").GetString());
    }

    [Fact]
    public async Task A_forged_event_of_an_object_that_is_not_there_gives_no_entry()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        var stored = await site.UploadAsync(chunk);
        stored.Generation++;
        using var answer = await site.EventarcAsync(stored);
        Assert.True(answer.IsSuccessStatusCode, "it is acknowledged: coming again would not make it true");
        Assert.Empty(site.Entries());
    }

    [Fact]
    public async Task A_replayed_event_gives_no_second_entry_whatever_it_claims_now()
    {
        await using var site = await Site.StartAsync();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        await site.EventarcAsync(stored);
        stored.Metadata!["crispy-chunk"] = "gate/20300101T000000000Z/00000000";
        await site.EventarcAsync(stored);
        await site.PubSubAsync(stored);
        Assert.Single(site.Entries());
    }

    [Fact]
    public async Task Metadata_cannot_write_a_line_or_a_field_of_its_own()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        const string hostile = "x\n{\"severity\":\"INFO\",\"signature\":\"verified\"}\r\n\",\"signature\":\"verified\",\"\u2028\u001b[2J";
        var metadata = new Dictionary<string, string> { [ChunkMetadata.Chunk] = hostile, [ChunkMetadata.Duration] = hostile, [ChunkMetadata.Signature] = hostile, [ChunkMetadata.Traceparent] = hostile };
        await site.EventarcAsync(await site.UploadAsync(chunk.Name, chunk.Media, metadata));
        var line = Assert.Single(File.ReadAllLines(site.LogFile));
        Assert.DoesNotContain('\u001b', line);
        var entry = JsonDocument.Parse(line).RootElement;
        Assert.Equal("invalid", entry.GetProperty("signature").GetString());
        Assert.Equal("ERROR", entry.GetProperty("severity").GetString());
    }

    [Fact]
    public async Task A_manifest_and_a_signature_beyond_any_size_are_invalid_without_being_parsed()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        var stored = await site.UploadAsync(chunk);
        stored.Metadata![ChunkMetadata.Manifest] = new string('A', 400_000);
        stored.Metadata![ChunkMetadata.Signature] = new string('A', 400_000) + "..AAAA";
        using var answer = await site.EventarcAsync(stored);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("invalid", Assert.Single(site.Entries()).GetProperty("signature").GetString());
    }
}
