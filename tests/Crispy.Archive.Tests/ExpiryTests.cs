using System.Text.Json;
using Google.Apis.Storage.v1.Data;
using Microsoft.Extensions.Time.Testing;

namespace Crispy.Archive.Tests;

/// <summary>Video that was deleted as chosen is told apart from video that is missing.</summary>
public sealed class ExpiryTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task What_is_older_than_the_bucket_keeps_it_was_deleted_as_chosen_and_a_younger_hole_is_missing()
    {
        var time = new FakeTimeProvider(Camera.Start.AddDays(7).AddSeconds(30));
        await using var site = await Site.StartAsync(new() { Time = time });
        await KeepAsync(site, 7);
        // Ten chunks of 3 s are due; of the younger ones two are gone all the same.
        var gate = new Camera("gate", site.Signer).Vanish(10).Chunks(5).Vanish(2).Chunks(5);
        await site.StoreAsync(gate);

        var spans = await SpansAsync(site, Camera.Start.AddMinutes(-10), gate.At);
        Assert.Equal([("gap", "expired"), ("stored", null), ("gap", "missing"), ("stored", null)], spans);
        var ledger = (await site.GetAsync($"/api/ledger?stream=gate&from={At(Camera.Start.AddMinutes(-10))}&to={At(gate.At)}"))
            .GetProperty("streams")[0];
        Assert.Equal((2, 0), (ledger.GetProperty("missing").GetInt64(),
            ledger.GetProperty("gaps").EnumerateArray().Count(gap => gap.GetProperty("reason").GetString() == "expired")));
    }

    [Fact]
    public async Task A_hole_in_old_video_that_is_still_there_is_missing_at_any_age()
    {
        var time = new FakeTimeProvider(Camera.Start.AddDays(20));
        await using var site = await Site.StartAsync(new() { Time = time });
        await KeepAsync(site, 7);
        var gate = new Camera("gate", site.Signer).Vanish(5).Chunks(5).Vanish(2).Chunks(5);
        await site.StoreAsync(gate);
        Assert.Equal([("gap", "expired"), ("stored", null), ("gap", "missing"), ("stored", null)],
            await SpansAsync(site, Camera.Start, gate.At));
    }

    [Fact]
    public async Task Around_what_is_held_the_rest_was_deleted_as_chosen()
    {
        var time = new FakeTimeProvider(Camera.Start.AddDays(30));
        await using var site = await Site.StartAsync(new() { Time = time });
        await KeepAsync(site, 7);
        var gate = new Camera("gate", site.Signer).Vanish(5).Chunks(5).Vanish(5);
        var held = gate.Objects.ToList();
        gate.NewEpoch(TimeSpan.FromDays(29)).Chunks(5);
        await site.StoreAsync(gate);
        foreach (var stored in held) await site.Storage.PatchObjectAsync(
            new() { Bucket = Site.Bucket, Name = stored.Name, TemporaryHold = true });
        Assert.Equal([("gap", "expired"), ("stored", null), ("gap", "expired")], await SpansAsync(site, Camera.Start, Camera.Start + Hour));
    }

    [Theory]
    [InlineData(null, "missing")] // no rule
    [InlineData(90, "missing")]
    [InlineData(7, "expired")]
    public async Task Only_what_the_buckets_own_rules_delete_is_told_so(int? days, string reason)
    {
        var time = new FakeTimeProvider(Camera.Start.AddDays(8));
        await using var site = await Site.StartAsync(new() { Time = time });
        if (days is { } kept) await KeepAsync(site, kept);
        var gate = new Camera("gate", site.Signer).Lose(1).Vanish(5);
        gate.NewEpoch(TimeSpan.FromDays(7)).Chunks(3);
        await site.StoreAsync(gate);
        Assert.Contains(("gap", reason), await SpansAsync(site, Camera.Start, Camera.Start + Hour));
    }

    private static async Task KeepAsync(Site site, int days) => await site.Storage.PatchBucketAsync(new Bucket
    {
        Name = Site.Bucket,
        Lifecycle = new() { Rule = [new() { Action = new() { Type = "Delete" },
            Condition = new() { DaysSinceCustomTime = days, MatchesSuffix = [".mkv", ".mp4", ".ts"] } }] },
    });

    private static async Task<List<(string, string?)>> SpansAsync(Site site, DateTimeOffset from, DateTimeOffset to) =>
        [.. (await site.GetAsync($"/api/streams/gate/timeline?from={At(from)}&to={At(to)}&pixels=10000")).GetProperty("spans")
            .EnumerateArray()
            .Select(span => (span.GetProperty("kind").GetString()!,
                span.GetProperty("reason") is { ValueKind: JsonValueKind.String } reason ? reason.GetString() : null))];

    private static string At(DateTimeOffset instant) => Uri.EscapeDataString(Contracts.Instants.Format(instant));
}
