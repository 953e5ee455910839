using System.Net;
using System.Text.Json;
using Crispy.Contracts;
using Crispy.Coordination;
using Microsoft.AspNetCore.Http;
using StackExchange.Redis;

namespace Crispy.Archive.Tests;

public sealed class ChunkTests(RedisServer redis) : IClassFixture<RedisServer>
{
    private static readonly string Everything =
        $"from={Uri.EscapeDataString(Instants.Format(Camera.Start.AddMinutes(-1)))}"
            + $"&to={Uri.EscapeDataString(Instants.Format(Camera.Start.AddHours(20)))}";

    [Fact]
    public async Task Pages_through_all_streams_hold_every_chunk_once_in_order()
    {
        await using var site = await Site.StartAsync();
        var (door, gate) = (new Camera("door", site.Signer).Chunks(7).Lose(2).Chunks(2), new Camera("gate", site.Signer).Chunks(12));
        await site.StoreAsync(door, gate);
        var (seen, after) = (new List<string>(), (string?)null);
        do
        {
            var page = await site.GetAsync($"/api/chunks?{Everything}&limit=5{(after is null ? "" : $"&after={after}")}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("chunk").GetString()!));
            after = page.GetProperty("next").GetString();
        }
        while (after is not null);
        Assert.Equal(door.Objects.Concat(gate.Objects).Select(stored => stored.Chunk.ToString()), seen);
    }

    [Fact]
    public async Task A_list_tells_of_each_chunk_what_its_manifest_and_signature_say()
    {
        await using var site = await Site.StartAsync();
        using var foreign = new ManifestSigner(SigningKey.NewPrivatePem());
        var gate = new Camera("gate", site.Signer).Chunks(5).Lose();
        var forged = new Camera("gate", foreign).Chunks(5);
        var objects = gate.Objects;
        objects[1].Metadata.Remove(ChunkMetadata.Signature);
        objects[2].Metadata[ChunkMetadata.Signature] = objects[3].Metadata[ChunkMetadata.Signature];
        objects[3] = forged.Objects[3];
        objects[4] = objects[4] with { Content = [.. objects[4].Content, 1] };
        await site.StoreAsync(gate);

        var items = (await site.GetAsync($"/api/chunks?stream=gate&{Everything}")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(["verified", "missing", "invalid", "unknownKey", "invalid", "verified"],
            items.Select(item => item.GetProperty("signature").GetString()).ToArray());
        var first = items[0];
        Assert.Equal((3.0, 75, 25.0, 320, 180, "h264", "mkv", "stored"),
            (first.GetProperty("duration").GetDouble(), first.GetProperty("frames").GetInt32(), first.GetProperty("fps").GetDouble(),
            first.GetProperty("width").GetInt32(), first.GetProperty("height").GetInt32(), first.GetProperty("codec").GetString(),
            first.GetProperty("container").GetString(), first.GetProperty("state").GetString()));
        Assert.Equal("2026-11-20T17:58:44.123000Z", first.GetProperty("from").GetString());
        Assert.Equal("arrival", first.GetProperty("clock").GetProperty("source").GetString());
        Assert.Equal(("lost", "droppedOldest"), (items[5].GetProperty("state").GetString(), items[5].GetProperty("reason").GetString()));
    }

    [Theory]
    [InlineData("stored", 9)]
    [InlineData("lost", 2)]
    [InlineData("spooled", 1)]
    [InlineData("dead", 1)]
    public async Task A_list_can_be_narrowed_to_a_state(string state, int expected)
    {
        var waiting = (Camera?)null;
        await using var site = await Site.StartAsync(
            new() { StreamHandle = path => path.StartsWith("/api/streams/gate/spool", StringComparison.Ordinal)
                ? Results.Json(TimelineTests.SpoolOf(waiting!, 11, 12))
                : Results.NotFound() });
        waiting = new Camera("gate", site.Signer).Chunks(9).Lose(2).Chunks(2);
        foreach (var stored in waiting.Objects.SkipLast(2)) await site.PutAsync(stored);
        var items = (await site.GetAsync($"/api/chunks?stream=gate&state={state}&{Everything}")).GetProperty("items")
            .EnumerateArray().ToList();
        Assert.Equal(expected, items.Count);
        Assert.All(items, item => Assert.Equal(state, item.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task A_chunk_is_found_by_its_id_alone_wherever_in_a_long_epoch_it_lies()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer, new(2026, 9, 1, 3, 4, 5, TimeSpan.Zero));
        for (var day = 0; day < 20; day++)
        {
            gate.Chunks(3, TimeSpan.FromHours(1));
            gate.Lose().Chunks(1, TimeSpan.FromHours(6));
        }
        gate.NewEpoch(TimeSpan.FromDays(1)).Chunks(2);
        await site.StoreAsync(gate);
        foreach (var stored in gate.Objects.Where((_, index) => index % 7 is 0 or 3))
        {
            var detail = await site.GetAsync($"/api/chunks/{stored.Chunk}");
            Assert.Equal((stored.Chunk.ToString(), stored.Name),
                (detail.GetProperty("chunk").GetString(), detail.GetProperty("object").GetString()));
            Assert.Equal(stored.Chunk.ToString(), detail.GetProperty("manifest").GetProperty("chunk").GetString());
        }
        await site.ProblemAsync(HttpStatusCode.NotFound, $"/api/chunks/{gate.Objects[0].Chunk with { Sequence = 77_777 }}");
        await site.ProblemAsync(HttpStatusCode.NotFound, "/api/chunks/gate/20260801T000000000Z/00000000");
    }

    [Fact]
    public async Task Redis_tells_a_chunks_history_and_its_absence_changes_nothing_else()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await using var site = await Site.StartAsync(
            new() { Redis = connection, Settings = new() { ["Crispy:Archive:TraceUrl"] = "http://dashboard/traces/detail/{traceId}" } });
        await using var alone = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Chunks(2);
        await site.StoreAsync(gate);
        var (id, at) = (gate.Objects[0].Chunk, Camera.Start.AddSeconds(4));
        await ChunkStates.MoveAsync(connection.GetDatabase(), new(id, ChunkState.Queued, at));
        await ChunkStates.MoveAsync(connection.GetDatabase(), new(id, ChunkState.Uploading, at.AddSeconds(1)));
        await ChunkStates.MoveAsync(connection.GetDatabase(), new(id, ChunkState.Retrying, at.AddSeconds(2), Error: "503 of the bucket"));
        await ChunkStates.MoveAsync(connection.GetDatabase(), new(id, ChunkState.Uploading, at.AddSeconds(3)));
        await ChunkStates.MoveAsync(connection.GetDatabase(), new(id, ChunkState.Stored, at.AddSeconds(4), gate.Objects[0].Name, 7));

        var detail = await site.GetAsync($"/api/chunks/{id}");
        Assert.Equal(["queued ", "retrying 503 of the bucket", "uploading ", "stored "], detail.GetProperty("history").EnumerateArray()
            .Select(entry => $"{entry.GetProperty("state").GetString()} {entry.GetProperty("error").GetString()}").ToArray());
        Assert.Equal((2, "verified", "http://dashboard/traces/detail/4bf92f3577b34da6a3ce929d0e0e4736"),
            (detail.GetProperty("attempts").GetInt32(), detail.GetProperty("signature").GetString(),
                detail.GetProperty("traceUrl").GetString()));

        await alone.StoreAsync(new Camera("gate", alone.Signer).Chunks(2));
        Assert.Equal(JsonValueKind.Null, (await alone.GetAsync($"/api/chunks/{id}")).GetProperty("history").ValueKind);
    }

    [Fact]
    public async Task A_signed_url_downloads_the_chunk_without_credentials()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Chunks(3);
        await site.StoreAsync(gate);
        var url = await site.GetAsync($"/api/chunks/{gate.Objects[1].Chunk}/url");
        Assert.InRange(url.GetProperty("expires").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(),
            TimeSpan.FromMinutes(58), TimeSpan.FromHours(1));
        using var anonymous = new HttpClient();
        Assert.Equal(gate.Objects[1].Content, await anonymous.GetByteArrayAsync(new Uri(url.GetProperty("url").GetString()!)));
    }
}
