using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Tests;

/// <summary>What is kept at any age.</summary>
public sealed class HoldTests
{
    [Fact]
    public async Task Holding_a_range_holds_every_chunk_and_loss_that_overlaps_it_and_no_more_and_may_be_repeated()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Chunks(4).Lose().Chunks(3);
        await site.StoreAsync(gate);
        var (from, to) = (gate.Objects[2].From.AddSeconds(1), gate.Objects[5].From.AddSeconds(1));

        var report = await HoldAsync(site, from, to, "case 17");
        Assert.Equal((4, 4, 0, 0, 0), (Number(report, "objects"), Number(report, "changed"), Number(report, "already"),
            Number(report, "failed"), Number(report, "waiting")));
        Assert.Equal("away", report.GetProperty("spool").GetString());
        Assert.Equal(gate.Objects[2..6].Select(stored => stored.Name).Order(StringComparer.Ordinal), await HeldAsync(site));

        var again = await HoldAsync(site, from, to, null);
        Assert.Equal((4, 0, 4), (Number(again, "objects"), Number(again, "changed"), Number(again, "already")));

        var page = await site.GetAsync("/api/streams/gate/holds");
        var hold = Assert.Single(page.GetProperty("items").EnumerateArray().ToList());
        Assert.Equal(("case 17", 3, 1), (hold.GetProperty("note").GetString(), Number(hold, "chunks"), Number(hold, "lossRecords")));
        Assert.Equal((gate.Objects[2].From, gate.Objects[5].To),
            (hold.GetProperty("from").GetDateTimeOffset(), hold.GetProperty("to").GetDateTimeOffset()));

        var timeline = await site.GetAsync($"/api/streams/gate/timeline?from={At(gate.Objects[0].From)}&to={At(gate.At)}");
        var shown = Assert.Single(timeline.GetProperty("holds").EnumerateArray().ToList());
        Assert.Equal((gate.Objects[2].From, gate.Objects[5].To),
            (shown.GetProperty("from").GetDateTimeOffset(), shown.GetProperty("to").GetDateTimeOffset()));
        var chunk = await site.GetAsync($"/api/chunks/{gate.Objects[3].Chunk}");
        Assert.Equal((true, "case 17", "verified"), (chunk.GetProperty("held").GetBoolean(), chunk.GetProperty("holdNote").GetString(),
            chunk.GetProperty("signature").GetString()));
    }

    [Fact]
    public async Task Releasing_a_part_leaves_the_rest_held_and_takes_the_note_away()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Chunks(6);
        await site.StoreAsync(gate);
        await HoldAsync(site, gate.Objects[0].From, gate.At, "why");
        using var answer = await site.Client.DeleteAsync(new Uri(
            $"/api/streams/gate/holds?from={At(gate.Objects[2].From)}&to={At(gate.Objects[3].To)}", UriKind.Relative));
        var report = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((2, 2, false), (Number(report, "objects"), Number(report, "changed"), report.GetProperty("held").GetBoolean()));
        Assert.Equal(gate.Objects.Where((_, index) => index is not (2 or 3)).Select(stored => stored.Name), await HeldAsync(site));
        Assert.False((await site.Storage.GetObjectAsync(Site.Bucket, gate.Objects[2].Name)).Metadata.ContainsKey("crispy-hold"));
        Assert.Equal(2, (await site.GetAsync("/api/streams/gate/holds")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task What_waits_in_the_spool_is_counted_and_what_the_bucket_refuses_is_named()
    {
        var waiting = new Camera("gate", new(Contracts.SigningKey.NewPrivatePem())).Chunks(5).Objects[^1];
        await using var site = await Site.StartAsync(new()
        {
            StreamHandle = path => path.StartsWith("/api/streams/gate/spool", StringComparison.Ordinal)
                ? Microsoft.AspNetCore.Http.Results.Json(new { items = new[] { new { chunk = waiting.Chunk.ToString(), from = waiting.From,
                    to = waiting.To, size = 9L, state = "spooled", @object = waiting.Name } }, next = (string?)null })
                : Microsoft.AspNetCore.Http.Results.Json(new { items = new[] { new { id = "gate" } } }),
        });
        var gate = new Camera("gate", site.Signer).Chunks(4);
        await site.StoreAsync(gate);
        await site.FailAsync("403", new { method = "PATCH", pathContains = Uri.EscapeDataString(gate.Objects[1].Name) }, 5);
        var report = await HoldAsync(site, gate.Objects[0].From, gate.At.AddSeconds(3), null);
        Assert.Equal((4, 3, 1, 1, "known"), (Number(report, "objects"), Number(report, "changed"), Number(report, "failed"),
            Number(report, "waiting"), report.GetProperty("spool").GetString()));
        var failure = Assert.Single(report.GetProperty("failures").EnumerateArray().ToList());
        Assert.Equal(gate.Objects[1].Name, failure.GetProperty("object").GetString());
        Assert.Contains("403", failure.GetProperty("error").GetString(), StringComparison.Ordinal);
        await site.ClearFaultsAsync();
        var repaired = await HoldAsync(site, gate.Objects[0].From, gate.At, null);
        Assert.Equal((1, 3, 0), (Number(repaired, "changed"), Number(repaired, "already"), Number(repaired, "failed")));
    }

    [Theory]
    [InlineData("{}", "from")]
    [InlineData("""{"from":"2026-11-20T17:00:00Z"}""", "to")]
    [InlineData("""{"from":"2026-11-20T18:00:00Z","to":"2026-11-20T17:00:00Z"}""", "to")]
    [InlineData("""{"from":"2026-11-18T17:00:00Z","to":"2026-11-20T17:00:00Z"}""", "to")]
    [InlineData("""{"from":"yesterday","to":"2026-11-20T17:00:00Z"}""", "body")]
    [InlineData("not json", "body")]
    [InlineData("""{"from":"2026-11-20T17:00:00Z","to":"2026-11-20T17:10:00Z","note":"a\u0007b"}""", "note")]
    public async Task A_wrong_range_is_told_by_field_and_holds_nothing(string body, string field)
    {
        await using var site = await Site.StartAsync();
        await site.StoreAsync(new Camera("gate", site.Signer).Chunks(2));
        using var answer = await site.Client.PutAsync(new Uri("/api/streams/gate/holds", UriKind.Relative),
            new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty(field, out _));
        Assert.Empty(await HeldAsync(site));
    }

    private static async Task<JsonElement> HoldAsync(Site site, DateTimeOffset from, DateTimeOffset to, string? note)
    {
        using var answer = await site.Client.PutAsJsonAsync(new Uri("/api/streams/gate/holds", UriKind.Relative), new { from, to, note });
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        return JsonElement.Parse(body);
    }

    private static async Task<string[]> HeldAsync(Site site) =>
        await site.Storage.ListObjectsAsync(Site.Bucket).Where((GcsObject stored) => stored.TemporaryHold == true)
            .Select(stored => stored.Name).ToArrayAsync();

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private static string At(DateTimeOffset instant) => Uri.EscapeDataString(Contracts.Instants.Format(instant));
}
