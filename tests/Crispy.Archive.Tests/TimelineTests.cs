using System.Text.Json;
using Crispy.Contracts;
using Microsoft.AspNetCore.Http;

namespace Crispy.Archive.Tests;

public sealed class TimelineTests
{
    [Fact]
    public async Task A_day_with_everything_in_it_is_told_span_by_span()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Chunks(10).Lose(2).Chunks(3).NewEpoch(TimeSpan.FromMinutes(5))
            .Chunks(4).Vanish(2).Chunks(1);
        await site.StoreAsync(gate);
        var (from, to) = (Camera.Start.AddSeconds(-10), gate.At);

        var timeline = await site.GetAsync(Range("gate", from, to));

        Assert.Equal(
            ["gap notYet 10 0", "stored - 30 10", "lost droppedOldest 6 2", "stored - 9 3", "gap notRecorded 300 0", "stored - 12 4",
                "gap missing 6 2", "stored - 3 1"],
            timeline.GetProperty("spans").EnumerateArray().Select(Brief).ToArray());
        Assert.Equal("away", timeline.GetProperty("spool").GetString());
        Assert.Equal(54.0 / 376, timeline.GetProperty("coverage").GetDouble(), 6);
        Assert.Equal(["arrival 45", "arrival 21"], timeline.GetProperty("epochs").EnumerateArray()
            .Select(epoch => $"{epoch.GetProperty("clock").GetString()} {Seconds(epoch)}").ToArray());
    }

    [Fact]
    public async Task The_spans_of_a_range_touch_each_other_at_every_zoom_and_losses_never_vanish()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer);
        for (var round = 0; round < 30; round++) gate.Chunks(9).Lose().NewEpoch(TimeSpan.FromSeconds(round % 3));
        await site.StoreAsync(gate);
        foreach (var pixels in (int[])[1, 3, 10, 50, 1000])
        {
            var timeline = await site.GetAsync($"{Range("gate", Camera.Start, gate.At)}&pixels={pixels}");
            var spans = timeline.GetProperty("spans").EnumerateArray().ToList();
            Assert.Equal((Instants.Format(Camera.Start), Instants.Format(gate.At)),
                (spans[0].GetProperty("from").GetString(), spans[^1].GetProperty("to").GetString()));
            Assert.All(spans.Zip(spans.Skip(1)),
                pair => Assert.Equal(pair.First.GetProperty("to").GetString(), pair.Second.GetProperty("from").GetString()));
            Assert.InRange(spans.Count, 1, (3 * pixels) + 1);
            Assert.Contains(spans, span => span.GetProperty("kind").GetString() == "lost");
            Assert.Equal(30 * 27.0 / (gate.At - Camera.Start).TotalSeconds, timeline.GetProperty("coverage").GetDouble(), 6);
        }
    }

    [Fact]
    public async Task What_waits_in_the_spool_is_part_of_it_and_closes_the_hole()
    {
        var gate = (Camera?)null;
        await using var site = await Site.StartAsync(
            new() { StreamHandle = path => path.StartsWith("/api/streams/gate/spool?", StringComparison.Ordinal)
                ? Results.Json(SpoolOf(gate!, 4, 5, 6))
                : Results.NotFound() });
        gate = new Camera("gate", site.Signer).Chunks(10);
        foreach (var stored in gate.Objects.Where((_, index) => index is < 4 or > 6)) await site.PutAsync(stored);

        var timeline = await site.GetAsync(Range("gate", Camera.Start, gate.At));

        Assert.Equal("known", timeline.GetProperty("spool").GetString());
        Assert.Equal(["stored - 12 4", "spooled - 6 2", "dead - 3 1", "stored - 9 3"],
            timeline.GetProperty("spans").EnumerateArray().Select(Brief).ToArray());
        Assert.Equal(27.0 / 30, timeline.GetProperty("coverage").GetDouble(), 6);
    }

    [Fact]
    public async Task A_range_within_a_long_hole_says_that_numbers_are_missing_and_one_within_a_pause_that_nothing_was_recorded()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Chunks(2).Vanish(5000).Chunks(2).NewEpoch(TimeSpan.FromHours(9)).Chunks(2);
        await site.StoreAsync(gate);
        var hole = await site.GetAsync(Range("gate", Camera.Start.AddHours(2), Camera.Start.AddHours(3)));
        var pause = await site.GetAsync(Range("gate", Camera.Start.AddHours(9), Camera.Start.AddHours(10)));
        Assert.Equal("gap missing 3600 5000", Brief(Assert.Single(hole.GetProperty("spans").EnumerateArray())));
        Assert.Equal("gap notRecorded 3600 0", Brief(Assert.Single(pause.GetProperty("spans").EnumerateArray())));
    }

    [Fact]
    public async Task What_comes_after_the_last_chunk_is_pending_and_the_future_is_cut_off()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Camera.Start.AddSeconds(20));
        await using var site = await Site.StartAsync(new() { Time = time });
        await site.StoreAsync(new Camera("gate", site.Signer).Chunks(5));
        var timeline = await site.GetAsync(Range("gate", Camera.Start, Camera.Start.AddDays(1)));
        Assert.Equal(["stored - 15 5", "gap pending 5 0"], timeline.GetProperty("spans").EnumerateArray().Select(Brief).ToArray());
        Assert.Equal(Instants.Format(Camera.Start.AddSeconds(20)), timeline.GetProperty("to").GetString());
    }

    [Fact]
    public async Task A_chunk_that_was_declared_lost_and_is_there_all_the_same_is_stored()
    {
        await using var site = await Site.StartAsync();
        var (kept, declared) = (new Camera("gate", site.Signer).Chunks(3), new Camera("gate", site.Signer).Chunks(1).Lose().Chunks(1));
        await site.StoreAsync(kept);
        await site.PutAsync(declared.Objects[1]);
        var timeline = await site.GetAsync(Range("gate", Camera.Start, kept.At));
        Assert.Equal(["stored - 9 3"], timeline.GetProperty("spans").EnumerateArray().Select(Brief).ToArray());
    }

    internal static string Range(string stream, DateTimeOffset from, DateTimeOffset to) =>
        $"/api/streams/{stream}/timeline?from={Uri.EscapeDataString(Instants.Format(from))}&to={Uri.EscapeDataString(Instants.Format(to))}";

    /// <summary>Stream-handle's answer: chunks by their index, the last of them dead.</summary>
    internal static object SpoolOf(Camera camera, params int[] indexes) => new
    {
        items = indexes.Select(index => camera.Objects[index]).Select((stored, place) => new
        {
            chunk = stored.Chunk.ToString(), from = stored.From, to = stored.To, size = stored.Content.Length,
            state = place == indexes.Length - 1 ? "dead" : "spooled", @object = stored.Name,
        }),
        next = (string?)null,
    };

    private static string Brief(JsonElement span) =>
        $"{span.GetProperty("kind").GetString()} {span.GetProperty("reason").GetString() ?? "-"} {Seconds(span)} "
            + $"{span.GetProperty("chunks").GetInt64()}";

    private static double Seconds(JsonElement span) =>
        Math.Round((span.GetProperty("to").GetDateTimeOffset() - span.GetProperty("from").GetDateTimeOffset()).TotalSeconds, 3);
}
