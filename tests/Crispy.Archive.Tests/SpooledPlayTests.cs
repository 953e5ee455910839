using System.Collections.Concurrent;
using System.Net;
using Crispy.Contracts;
using Crispy.Contracts.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Crispy.Archive.Tests;

/// <summary>What waits at stream-handle is played from there, with the bucket or without it.</summary>
public sealed class SpooledPlayTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Live_goes_on_with_what_waits_and_its_places_stay_when_it_is_stored(bool isBucketAway)
    {
        var waiting = new ConcurrentDictionary<string, Stored>(StringComparer.Ordinal);
        var gate = new Camera("gate", new(SigningKey.NewPrivatePem()), Noon).Video(await Footage.CutAsync(new("mkv", Audio: "aac")));
        var time = new FakeTimeProvider(gate.At.AddSeconds(1));
        await using var site = await Site.StartAsync(new() { Time = time, StreamHandle = path => Answer(path, gate, waiting) });
        await site.PutAsync(gate.Objects[0]);
        foreach (var stored in gate.Objects.Skip(1)) waiting[stored.Name] = stored;
        var before = await ListAsync(site, Noon);
        Assert.Equal(3, Segments(before).Length);
        Assert.True((await SegmentAsync(site, Segments(before)[0])).Length > 1000);

        if (isBucketAway) await site.StopEmulatorAsync();
        else await StoreAsync(site, waiting, gate.Objects[2]);
        gate.Video(await Footage.CutAsync(new("mkv", Audio: "aac")));
        foreach (var stored in gate.Objects.Skip(3)) waiting[stored.Name] = stored;
        time.Advance(gate.At.AddSeconds(1) - time.GetUtcNow());
        var after = await ListAsync(site, Noon);
        Assert.Equal(6, Segments(after).Length);
        Assert.Equal(Segments(before), Segments(after)[..3]);
        foreach (var segment in Segments(after)) Assert.True((await SegmentAsync(site, segment)).Length > 1000, segment);
        // A time that is chosen plays as well.
        var range = await site.Client.GetStringAsync(
            new Uri($"/api/streams/gate/playlist.m3u8?from={Uri.EscapeDataString(Instants.Format(gate.Objects[3].From))}"
                + $"&to={Uri.EscapeDataString(Instants.Format(gate.At))}", UriKind.Relative));
        Assert.Equal(3, Segments(range).Length);
        using var folder = new TempFolder();
        if (isBucketAway)
        {
            // The newest picture is that of the newest chunk, which waits.
            using var picture = await site.Client.GetAsync(new Uri("/api/streams/gate/thumbnail", UriKind.Relative));
            Assert.Equal((HttpStatusCode.OK, Instants.Format(gate.Objects[^1].From)),
                (picture.StatusCode, Assert.Single(picture.Headers.GetValues("Crispy-Moment"))));
            await File.WriteAllBytesAsync(folder["picture.jpg"], await picture.Content.ReadAsByteArrayAsync());
            Assert.Equal(320, Assert.Single(await Ffprobe.StreamsAsync(folder["picture.jpg"])).Width);
            return;
        }
        var address = new Uri(site.Client.BaseAddress!,
            $"/api/streams/gate/playlist.m3u8?from={Uri.EscapeDataString(Instants.Format(Noon))}"
                + $"&to={Uri.EscapeDataString(Instants.Format(gate.At))}").AbsoluteUri;
        Assert.Equal(gate.Objects.Sum(stored => stored.Frames), (await Ffprobe.PacketsAsync(address)).Count);
    }

    [Fact]
    public async Task With_the_bucket_away_and_nothing_that_waits_it_is_said_that_the_bucket_is_away()
    {
        var gate = new Camera("gate", new(SigningKey.NewPrivatePem()), Noon).Chunks(2);
        await using var site =
            await Site.StartAsync(new() { Time = new(gate.At.AddSeconds(1)), StreamHandle = path => Answer(path, gate, []) });
        await site.StopEmulatorAsync();
        var problem = await site.ProblemAsync(HttpStatusCode.ServiceUnavailable,
            $"/api/streams/gate/live.m3u8?from={Uri.EscapeDataString(Instants.Format(Noon))}");
        Assert.Contains("does not answer", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static async Task StoreAsync(Site site, ConcurrentDictionary<string, Stored> waiting, Stored stored)
    {
        await site.PutAsync(stored);
        waiting.TryRemove(stored.Name, out _);
    }

    private static IResult Answer(string path, Camera camera, ConcurrentDictionary<string, Stored> waiting)
    {
        if (path.StartsWith("/api/streams/gate/spool?", StringComparison.Ordinal))
        {
            var items = waiting.Values.OrderBy(stored => stored.Chunk.Sequence).Select(stored =>
            {
                var manifest = ManifestJson.Read(ChunkMetadata.ManifestBytes(stored.Metadata)!);
                return new SpooledItem(manifest.Chunk, manifest.From, manifest.To, manifest.Size, "spooled", manifest.Object)
                {
                    Duration = Instants.Seconds(manifest.Duration), Codec = manifest.Codec, Width = manifest.Width,
                    Height = manifest.Height,
                };
            });
            return Results.Json(new SpoolPage(waiting.Count, [.. items], null));
        }
        if (waiting.Values.FirstOrDefault(stored =>
            path == $"/api/streams/gate/spool/{ChunkId.Digits(stored.Chunk.Sequence)}") is not { } found)
            return Results.NotFound();
        return new WithObject(found);
    }

    private static async Task<string> ListAsync(Site site, DateTimeOffset from) =>
        await site.Client.GetStringAsync(
            new Uri($"/api/streams/gate/live.m3u8?from={Uri.EscapeDataString(Instants.Format(from))}", UriKind.Relative));

    private static Task<byte[]> SegmentAsync(Site site, string segment) =>
        site.Client.GetByteArrayAsync(new Uri($"/api/streams/gate/{segment}", UriKind.Relative));

    private static string[] Segments(string list) => [.. list.Split('\n').Where(line => line.EndsWith(".m4s", StringComparison.Ordinal))];

    private sealed class WithObject(Stored stored) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers[SpoolPage.ObjectHeader] = stored.Name;
            await httpContext.Response.Body.WriteAsync(stored.Content);
        }
    }
}
