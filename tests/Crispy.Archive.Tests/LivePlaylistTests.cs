using System.Net;
using Crispy.Archive.Listing;
using Crispy.Archive.Playing;
using Crispy.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Crispy.Archive.Tests;

public sealed class LivePlaylistTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_live_playlist_begins_two_chunks_back_and_only_grows_at_its_end()
    {
        // 100 chunks of 3 s; the 101st is recorded now.
        var gate = new Camera("gate", new(SigningKey.NewPrivatePem()), Noon).Chunks(100);
        var time = new FakeTimeProvider(gate.At.AddSeconds(1));
        await using var site = await Site.StartAsync(new() { Time = time });
        foreach (var stored in gate.Objects) await site.PutAsync(stored);

        using var redirected = await site.Client.GetAsync(new Uri("/api/streams/gate/live.m3u8", UriKind.Relative));
        var address = redirected.RequestMessage!.RequestUri!;
        Assert.Equal($"?from={Uri.EscapeDataString(Instants.Format(gate.Objects[^2].From))}", address.Query);
        var first = Lines(await redirected.Content.ReadAsStringAsync());
        Assert.Equal(2, first.Count(line => line.EndsWith(".m4s", StringComparison.Ordinal)));
        Assert.Equal("0", Value(first, "#EXT-X-MEDIA-SEQUENCE:"));
        Assert.Equal("h264", Value(first, PlaylistMaker.CodecTag));
        Assert.DoesNotContain("#EXT-X-ENDLIST", first);
        Assert.DoesNotContain(first, line => line.StartsWith("#EXT-X-PLAYLIST-TYPE", StringComparison.Ordinal));

        var seen = new Dictionary<long, string>();
        for (var round = 0; round < 12; round++)
        {
            var count = gate.Objects.Count;
            // A camera that goes away and comes back is a discontinuity that goes out of sight again.
            if (round == 4) gate.NewEpoch(TimeSpan.FromSeconds(10));
            gate.Chunks(5);
            foreach (var stored in gate.Objects.Skip(count)) await site.PutAsync(stored);
            time.SetUtcNow(gate.At.AddSeconds(1));
            var list = Lines(await site.Client.GetStringAsync(address));
            var number = long.Parse(Value(list, "#EXT-X-MEDIA-SEQUENCE:"), System.Globalization.CultureInfo.InvariantCulture);
            var segments = list.Where(line => line.EndsWith(".m4s", StringComparison.Ordinal)).ToList();
            for (var index = 0; index < segments.Count; index++)
            {
                seen.TryAdd(number + index, segments[index]);
                Assert.Equal(seen[number + index], segments[index]);
            }
            Assert.Equal(2 + (5 * (round + 1)), number + segments.Count);
            // A minute of it, however long it goes on.
            Assert.InRange(segments.Count, Math.Min(20, 7 + (5 * round)), 21);
            Assert.Single(list, line => line.StartsWith("#EXT-X-TARGETDURATION:3", StringComparison.Ordinal));
        }
        var last = Lines(await site.Client.GetStringAsync(address));
        Assert.Equal("1", Value(last, "#EXT-X-DISCONTINUITY-SEQUENCE:"));
        Assert.Single(last, line => line.StartsWith("#EXT-X-MAP:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_not_there_yet_too_long_ago_or_unknown_is_said()
    {
        var gate = new Camera("gate", new(SigningKey.NewPrivatePem()), Noon).Chunks(3);
        await using var site = await Site.StartAsync(new() { Time = new(gate.At.AddSeconds(1)) });
        foreach (var stored in gate.Objects) await site.PutAsync(stored);
        await site.ProblemAsync(HttpStatusCode.NotFound, Live(gate.At.AddMilliseconds(1)));
        await site.ProblemAsync(HttpStatusCode.BadRequest, Live(gate.At.AddHours(-25)));
        await site.ProblemAsync(HttpStatusCode.BadRequest, "/api/streams/gate/live.m3u8?from=noon");
        await site.ProblemAsync(HttpStatusCode.NotFound, "/api/streams/hall/live.m3u8");
        // From a chunk's beginning on that chunk is in, from a moment later it is not.
        var one = await site.Client.GetStringAsync(new Uri(Live(gate.Objects[^1].From), UriKind.Relative));
        Assert.Contains("#EXTINF", one, StringComparison.Ordinal);
        await site.ProblemAsync(HttpStatusCode.NotFound, Live(gate.Objects[^1].From.AddMilliseconds(1)));
    }

    [Fact]
    public void A_list_ends_before_a_chunk_that_is_on_its_way_and_passes_it_over_for_good_when_it_takes_too_long()
    {
        var items = Enumerable.Range(0, 5).Select(number => Chunk(number, Noon.AddSeconds((3 * number) + 4))).ToList();
        var waiting = items[2] with { State = ArchiveState.Spooled, Arrived = null };
        List<Recorded> known = [items[0], items[1], waiting, items[3], items[4]];
        var later = items[3].Arrived!.Value;

        Assert.Equal([0, 1], Numbers(LiveEdge.Playable(known, [], Noon, later.AddSeconds(5))));
        Assert.Equal([0, 1, 3, 4], Numbers(LiveEdge.Playable(known, [], Noon, later + LiveEdge.Patience + TimeSpan.FromSeconds(1))));
        // It came in time, or too late: then the places of those behind it stay as they are.
        known[2] = items[2] with { Arrived = later + LiveEdge.Patience };
        Assert.Equal([0, 1, 2, 3, 4], Numbers(LiveEdge.Playable(known, [], Noon, later.AddHours(1))));
        known[2] = items[2] with { Arrived = later + LiveEdge.Patience + TimeSpan.FromSeconds(1) };
        Assert.Equal([0, 1, 3, 4], Numbers(LiveEdge.Playable(known, [], Noon, later.AddHours(1))));
        // A number that is nowhere is waited for as long.
        known.RemoveAt(2);
        Hole[] holes = [new(items[1].To, items[3].From, "e", 2, 2)];
        Assert.Equal([0, 1], Numbers(LiveEdge.Playable(known, holes, Noon, later.AddSeconds(5))));
        Assert.Equal([0, 1, 3, 4], Numbers(LiveEdge.Playable(known, holes, Noon, later + LiveEdge.Patience + TimeSpan.FromSeconds(1))));
        // After an outage all come late, and in their order.
        var all = items.Select((item, index) => item with { Arrived = Noon.AddMinutes(30).AddSeconds(index) }).ToList();
        Assert.Equal([0, 1, 2, 3, 4], Numbers(LiveEdge.Playable(all, [], Noon, Noon.AddMinutes(31))));
    }

    private static long[] Numbers(IEnumerable<Recorded> items) => [.. items.Select(item => item.Sequence)];

    private static Recorded Chunk(long number, DateTimeOffset arrived) => new()
    {
        State = ArchiveState.Stored, From = Noon.AddSeconds(3 * number), To = Noon.AddSeconds(3 * (number + 1)),
        Sequence = number, Epoch = "e",
        Duration = TimeSpan.FromSeconds(3), Shape = new("mkv", "h264", 320, 180), Arrived = arrived,
    };

    private static string Live(DateTimeOffset from) =>
        $"/api/streams/gate/live.m3u8?from={Uri.EscapeDataString(Instants.Format(from))}";

    private static string[] Lines(string text) => text.Split('\n');

    private static string Value(string[] lines, string tag) =>
        lines.First(line => line.StartsWith(tag, StringComparison.Ordinal))[tag.Length..];
}
