using Crispy.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Crispy.Archive.Tests;

public sealed class ListingTests
{
    [Fact]
    public async Task What_was_listed_is_not_listed_again_and_a_late_arrival_is_found_all_the_same()
    {
        var time = new FakeTimeProvider(Camera.Start.AddDays(1));
        await using var site = await Site.StartAsync(new() { Time = time });
        var gate = new Camera("gate", site.Signer);
        for (var hour = 0; hour < 4; hour++) gate.Chunks(60, TimeSpan.FromMinutes(1));
        foreach (var stored in gate.Objects.Where((_, index) => index is not (100 or 101))) await site.PutAsync(stored);
        var path = TimelineTests.Range("gate", Camera.Start, gate.At);
        await site.GetAsync(path);
        site.Requests.Clear();

        await site.GetAsync(path);
        // Only the hours on which the missing numbers depend are looked at again, by their names alone.
        Assert.DoesNotContain(site.Requests, request => request.Contains("metadata", StringComparison.Ordinal));

        await site.PutAsync(gate.Objects[100]);
        await site.PutAsync(gate.Objects[101]);
        time.Advance(TimeSpan.FromMinutes(11));
        site.Requests.Clear();
        Assert.Equal(240,
            (await site.GetAsync(path)).GetProperty("spans").EnumerateArray().Sum(span => span.GetProperty("chunks").GetInt32()));
        // Besides the question whether anything newer is there, which asks for one object.
        var read = Assert.Single(site.Requests,
            request => request.Contains("metadata", StringComparison.Ordinal)
                && !request.Contains("maxResults=1&", StringComparison.Ordinal));
        Assert.Contains("-00000100.mkv&", read, StringComparison.Ordinal);

        site.Requests.Clear();
        await site.GetAsync(path);
        Assert.Empty(site.Requests);
    }

    [Fact]
    public async Task A_deleted_chunk_and_a_replaced_one_are_noticed()
    {
        var time = new FakeTimeProvider(Camera.Start.AddDays(1));
        await using var site = await Site.StartAsync(new() { Time = time });
        var gate = new Camera("gate", site.Signer).Chunks(5);
        await site.StoreAsync(gate);
        var path = TimelineTests.Range("gate", Camera.Start, gate.At);
        await site.GetAsync(path);
        await site.Storage.DeleteObjectAsync(Site.Bucket, gate.Objects[2].Name);
        time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(3, (await site.GetAsync(path)).GetProperty("spans").GetArrayLength());
    }

    [Fact]
    public async Task A_chunk_on_its_way_from_the_spool_to_the_bucket_is_never_missing()
    {
        var (gate, moved) = ((Camera?)null, false);
        await using var site = await Site.StartAsync(new()
        {
            Time = new FakeTimeProvider(Camera.Start.AddSeconds(31)),
            StreamHandle = path => !path.StartsWith("/api/streams/gate/spool", StringComparison.Ordinal) ? Results.NotFound()
                : Results.Json(moved ? new { items = Array.Empty<object>(), next = (string?)null } : TimelineTests.SpoolOf(gate!, 4, 5)),
        });
        gate = new Camera("gate", site.Signer).Chunks(10);
        foreach (var stored in gate.Objects.Where((_, index) => index is not (4 or 5))) await site.PutAsync(stored);
        var path = $"/api/ledger?stream=gate&from={Uri.EscapeDataString(Instants.Format(Camera.Start))}"
            + $"&to={Uri.EscapeDataString(Instants.Format(gate.At))}";
        Assert.Equal(0, (await site.GetAsync(path)).GetProperty("streams")[0].GetProperty("missing").GetInt32());

        // The listing is a moment old, the spool's answer is not.
        await site.PutAsync(gate.Objects[4]);
        await site.PutAsync(gate.Objects[5]);
        moved = true;
        var account = (await site.GetAsync(path)).GetProperty("streams")[0];
        Assert.Equal((0, 10), (account.GetProperty("missing").GetInt32(), account.GetProperty("stored").GetInt32()));
    }

    [Fact]
    public async Task Memory_is_bounded_no_matter_what_is_asked()
    {
        await using var site = await Site.StartAsync(
            new() { Settings = new() { ["Crispy:Archive:CachedChunks"] = "1000" }, Time = new(Camera.Start.AddDays(10)) });
        var gate = new Camera("gate", site.Signer);
        for (var day = 0; day < 6; day++) gate.Chunks(300).NewEpoch(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(900));
        await site.StoreAsync(gate);
        for (var day = 0; day < 6; day++)
        {
            var timeline = await site.Archive.TimelineAsync("gate", Camera.Start.AddDays(day), Camera.Start.AddDays(day).AddSeconds(900));
            Assert.Equal(300, timeline.Spans.Sum(span => span.Chunks));
            Assert.InRange(site.Index.Count, 1, 1000);
        }
        Assert.Equal(1800, (await site.Archive.LedgerAsync(Camera.Start, Camera.Start.AddDays(6))).Streams[0].Stored);
    }

    [Fact]
    public async Task A_month_of_nothing_costs_few_requests()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Chunks(10);
        await site.StoreAsync(gate);
        var timeline = await site.Archive.TimelineAsync("gate", Camera.Start.AddDays(-30), Camera.Start.AddMinutes(10));
        Assert.Equal(30, timeline.Coverage * (timeline.To - timeline.From).TotalSeconds, 3);
        Assert.InRange(site.Requests.Count, 1, 60);
    }
}
