using System.Text.Json;
using Crispy.Contracts;
using Microsoft.AspNetCore.Http;

namespace Crispy.Archive.Tests;

public sealed class TrendTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Throughput_and_delay_are_those_of_the_chunks_step_by_step()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer, Ago(120)).Chunks(5).Lose(2).Chunks(3);
        await site.StoreAsync(gate);
        var from = gate.Objects[0].From;

        var points = await PointsAsync(site, from, gate.At, 10);

        Assert.Equal(Enumerable.Range(0, 10).Select(step => Instants.Format(from + (Window * step))).ToArray(),
            points.Select(point => point.GetProperty("at").GetString()).ToArray());
        foreach (var (stored, point) in gate.Objects.Zip(points))
        {
            var isLost = stored.Frames == 0;
            Assert.Equal(isLost ? 0 : (long)Math.Round(stored.Content.Length * 8 / 3.0), point.GetProperty("bitrate").GetInt64());
            double? delay = isLost ? null : (await ArrivalAsync(site, stored) - stored.To).TotalSeconds;
            Assert.Equal(delay, Seconds(point, "delayMedian"));
            Assert.Equal(delay, Seconds(point, "delayLongest"));
        }
        // In one step: the median and the longest, and the average over all of it. All came later than the range ends.
        var whole = Assert.Single(await PointsAsync(site, from, gate.At, 1));
        var delays = new List<double>();
        foreach (var stored in gate.Objects.Where(stored => stored.Frames > 0))
            delays.Add((await ArrivalAsync(site, stored) - stored.To).TotalSeconds);
        delays.Sort();
        Assert.Equal((delays[4], delays[7]), (Seconds(whole, "delayMedian"), Seconds(whole, "delayLongest")));
        Assert.Equal((long)Math.Round(8 * 200 * 8 / 30.0), whole.GetProperty("bitrate").GetInt64());
        Assert.Equal(8, whole.GetProperty("backlog").GetInt32());
    }

    [Fact]
    public async Task A_chunk_that_is_longer_than_a_step_or_lies_across_the_edge_counts_by_its_share()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer, Ago(300)).Chunks(2, TimeSpan.FromSeconds(40));
        await site.StoreAsync(gate);
        var points = await PointsAsync(site, gate.Objects[0].From.AddSeconds(20), gate.At.AddSeconds(20), 4);
        // After the last chunk nobody knows yet.
        Assert.Equal(["40", "40", "40", "null"], points.Select(point => point.GetProperty("bitrate").GetRawText()).ToArray());
        Assert.Equal(40, Assert.Single(await PointsAsync(site, gate.Objects[0].From.AddSeconds(20), gate.At.AddSeconds(20), 1))
            .GetProperty("bitrate").GetInt64());
        Assert.Equal([1, 1, 2, 2], points.Select(point => point.GetProperty("backlog").GetInt32()).ToArray());
    }

    [Fact]
    public async Task The_backlog_is_what_was_recorded_and_not_yet_in_the_bucket_however_long_ago()
    {
        Camera? gate = null;
        await using var site = await Site.StartAsync(
            new() { StreamHandle = path => path.StartsWith("/api/streams/gate/spool?", StringComparison.Ordinal)
                ? Results.Json(TimelineTests.SpoolOf(gate!, 11, 12, 13))
                : Results.NotFound() });
        // Recorded hours ago, and away from the bucket until now. Three more still wait, one of them a dead letter. Since then the camera
        // is off.
        gate = new Camera("gate", site.Signer, Ago(5 * 3600)).Chunks(14);
        foreach (var stored in gate.Objects.Take(11)) await site.PutAsync(stored);
        var last = DateTimeOffset.MinValue;
        foreach (var stored in gate.Objects.Take(11))
            last = await ArrivalAsync(site, stored) is var arrival && arrival > last ? arrival : last;

        // Windows of 3 s, steps of 9 s: three more wait at the end of each; the dead one is not among them.
        Assert.Equal([3, 6, 9, 12, 13, 13], await BacklogAsync(gate.Objects[0].From, gate.Objects[0].From.AddSeconds(54), 6));
        Assert.Equal([13, 13, 13], await BacklogAsync(Ago(1800), Ago(900), 3));
        Assert.Equal(2, (await BacklogAsync(Ago(1800), last.AddMilliseconds(1), 7))[^1]);

        async Task<List<int>> BacklogAsync(DateTimeOffset from, DateTimeOffset to, int points) =>
            [.. (await PointsAsync(site, from, to, points)).Select(point => point.GetProperty("backlog").GetInt32())];
    }

    [Fact]
    public async Task A_stream_that_keeps_up_has_none()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer, Ago(7200)).Chunks(3);
        await site.StoreAsync(gate);
        var trend = await site.GetAsync(
            Path(TimeProvider.System.GetUtcNow().AddMilliseconds(-1), TimeProvider.System.GetUtcNow().AddHours(1), 2));
        Assert.All(trend.GetProperty("points").EnumerateArray(),
            point => Assert.Equal((0, 0L), (point.GetProperty("backlog").GetInt32(), point.GetProperty("bitrate").GetInt64())));
        Assert.True(trend.GetProperty("to").GetDateTimeOffset() <= TimeProvider.System.GetUtcNow(), "the future is cut off");
        Assert.Equal("away", trend.GetProperty("spool").GetString());
    }

    [Fact]
    public async Task A_file_is_never_late()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer, Ago(7200)) { Clock = ChunkClock.File }.Chunks(4);
        await site.StoreAsync(gate);
        Assert.All(await PointsAsync(site, gate.Objects[2].From, gate.At, 2), point =>
            Assert.Equal(("533", "null", "null", "0"),
                (point.GetProperty("bitrate").GetRawText(), point.GetProperty("delayMedian").GetRawText(),
                    point.GetProperty("delayLongest").GetRawText(), point.GetProperty("backlog").GetRawText())));
    }

    private static DateTimeOffset Ago(int seconds) => Instants.RoundToMicrosecond(TimeProvider.System.GetUtcNow().AddSeconds(-seconds));

    private static string Path(DateTimeOffset from, DateTimeOffset to, int points) =>
        $"{TimelineTests.Range("gate", from, to).Replace("/timeline?", "/trend?", StringComparison.Ordinal)}&points={points}";

    private static async Task<List<JsonElement>> PointsAsync(Site site, DateTimeOffset from, DateTimeOffset to, int points) =>
        [.. (await site.GetAsync(Path(from, to, points))).GetProperty("points").EnumerateArray()];

    private static async Task<DateTimeOffset> ArrivalAsync(Site site, Stored stored) =>
        (await site.Storage.GetObjectAsync(Site.Bucket, stored.Name)).TimeCreatedDateTimeOffset!.Value;

    private static double? Seconds(JsonElement point, string name) =>
        point.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? Math.Round(number.GetDouble(), 6) : null;
}
