using System.Globalization;
using System.Net;
using Crispy.Contracts;

namespace Crispy.Archive.Tests;

public sealed class PlaylistTests
{
    public static TheoryData<string, string, int, bool, string> Kinds
    {
        get
        {
            var kinds = new TheoryData<string, string, int, bool, string>();
            foreach (var container in (string[])["mkv", "mp4", "ts"])
            {
                kinds.Add(container, "h264", 0, false, "none");
                kinds.Add(container, "h264", 2, false, "aac");
                kinds.Add(container, "hevc", 3, true, "aac");
            }
            kinds.Add("mkv", "h264", 2, true, "pcm");
            kinds.Add("mkv", "mjpeg", 0, false, "none");
            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Another_player_finds_every_frame_of_the_chunks_at_its_time(string container, string codec, int bFrames,
        bool openGop, string audio)
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Video(await Footage.CutAsync(new(container, codec, bFrames, openGop, audio)));
        await site.StoreAsync(gate);

        var address = Address(site, Camera.Start, gate.At);

        var packets = await Ffprobe.PacketsAsync(address);
        Assert.Equal(gate.Objects.Sum(stored => stored.Frames), packets.Count);
        var times = packets.Select(packet => packet.Pts!.Value).Order().ToList();
        var frame = 1m / 25;
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, frame - 0.002m, frame + 0.002m));
        if (codec != "mjpeg") Assert.Equal(packets.Count, await DecodedFramesAsync(address));
        if (audio == "none") return;
        var sound = (await Ffprobe.PacketsAsync(address, "a:0")).Select(packet => packet.Pts!.Value).ToList();
        Assert.InRange(sound[0] - times[0], -0.1m, 0.1m);
        // Sound that is re-encoded begins and ends with up to a packet more than there was.
        Assert.All(sound.Zip(sound.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, audio == "pcm" ? -0.022m : 0.001m, 0.08m));
    }

    [Fact]
    public async Task Epochs_gaps_losses_and_other_pictures_are_discontinuities_and_no_frame_is_missing()
    {
        await using var site = await Site.StartAsync();
        var (small, large) = (await Footage.CutAsync(new("mkv", BFrames: 2, Audio: "aac")),
            await Footage.CutAsync(new("mkv", Size: "640x360", Audio: "aac")));
        var gate = new Camera("gate", site.Signer).Video(small).NewEpoch(TimeSpan.FromSeconds(30)).Video(small.Take(2)).Lose()
            .Video(small.Take(1)).NewEpoch(TimeSpan.Zero).Video(large);
        await site.StoreAsync(gate);

        var playlist = await site.Client.GetStringAsync(Address(site, Camera.Start, gate.At));

        var lines = playlist.Split('\n');
        Assert.Equal((3, 3, 9), (Count(lines, "#EXT-X-DISCONTINUITY"), Count(lines, "#EXT-X-MAP"), Count(lines, "#EXTINF")));
        Assert.Equal("#EXT-X-ENDLIST", lines[^2]);
        Assert.Equal("#EXT-X-PROGRAM-DATE-TIME:2026-11-20T17:58:44.123Z",
            lines.First(line => line.StartsWith("#EXT-X-PROGRAM", StringComparison.Ordinal)));
        var packets = await Ffprobe.PacketsAsync(Address(site, Camera.Start, gate.At));
        Assert.Equal(gate.Objects.Sum(stored => stored.Frames), packets.Count);
        Assert.All(packets.Zip(packets.Skip(1)), pair => Assert.True(pair.Second.Dts > pair.First.Dts, $"{pair}"));
    }

    [Fact]
    public async Task A_range_takes_the_chunks_that_touch_it_and_their_places_do_not_depend_on_who_asked_before()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Video(await Footage.CutAsync(new("mkv")));
        await site.StoreAsync(gate);
        var later = gate.Objects[1].From.AddSeconds(0.5);
        Assert.Equal(gate.Objects[1].Frames, (await Ffprobe.PacketsAsync(Address(site, later, later.AddSeconds(1)))).Count);
        var whole = await Ffprobe.PacketsAsync(Address(site, Camera.Start, gate.At));
        Assert.Equal(gate.Objects.Sum(stored => stored.Frames), whole.Count);
        Assert.InRange(whole.Max(packet => packet.Pts!.Value) - whole.Min(packet => packet.Pts!.Value), 5.9m, 6m);
        await site.ProblemAsync(HttpStatusCode.NotFound, Query("gate", gate.At.AddHours(1), gate.At.AddHours(2)));
    }

    [Fact]
    public async Task Many_who_ask_for_one_segment_share_one_ffmpeg_and_who_gives_up_ends_it()
    {
        await using var site = await Site.StartAsync(new() { Settings = new() { ["Crispy:Archive:FfmpegProcesses"] = "1" } });
        var gate = new Camera("gate", site.Signer).Video(await Footage.CutAsync(new("mkv")));
        await site.StoreAsync(gate);
        var segment = (await site.Client.GetStringAsync(Address(site, Camera.Start, gate.At))).Split('\n')
            .First(line => line.EndsWith(".m4s", StringComparison.Ordinal));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => site.Client.GetByteArrayAsync(new Uri($"/api/streams/gate/{segment}", UriKind.Relative))));
        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        Assert.Single(site.Requests, request => request.Contains("alt=media", StringComparison.Ordinal));

        // An object that never ends: ffmpeg waits for more, until nobody wants it any more.
        using var enough = new CancellationTokenSource();
        var feeding = new TaskCompletionSource();
        var waiting = site.Ffmpeg.RunAsync(async (input, token) =>
        {
            await input.WriteAsync(gate.Objects[0].Content, token);
            await input.FlushAsync(token);
            feeding.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        }, 0, _ => ["-f", "matroska", "-i", "pipe:0", "-c", "copy", "-f", "null", "-"], Stream.Null, enough.Token);
        await feeding.Task;
        Assert.Equal(1, site.Ffmpeg.Running);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, site.Ffmpeg.Running);
    }

    [Fact]
    public async Task The_cache_keeps_within_its_bound()
    {
        await using var site = await Site.StartAsync(new() { Settings = new() { ["Crispy:Archive:CacheMaxBytes"] = "16777216" } });
        var cache = new Playing.DiskCache(new() { Bucket = "", PublicKeys = "", CacheFolder = site.CacheFolder, CacheMaxBytes = 100_000 },
            TimeProvider.System);
        for (var index = 0; index < 30; index++)
        {
            await using var file = await cache.OpenAsync($"file {index}", async (destination, token) =>
            {
                await destination.WriteAsync(new byte[10_000], token);
                return true;
            }, default);
            Assert.Equal(10_000, file!.Length);
        }
        Assert.InRange(Directory.GetFiles(site.CacheFolder).Sum(file => new FileInfo(file).Length), 10_000, 100_000);
        Assert.Null(await cache.OpenAsync("nothing", (_, _) => Task.FromResult(false), default));
    }

    private static int Count(IEnumerable<string> lines, string beginning) =>
        lines.Count(line => line.StartsWith(beginning, StringComparison.Ordinal));

    private static async Task<int> DecodedFramesAsync(string address)
    {
        var counted = await Ffprobe.JsonAsync(address, "-count_frames", "-select_streams", "v:0", "-show_entries", "stream=nb_read_frames");
        return int.Parse(counted.GetProperty("streams")[0].GetProperty("nb_read_frames").GetString()!, CultureInfo.InvariantCulture);
    }

    private static string Address(Site site, DateTimeOffset from, DateTimeOffset to) =>
        new Uri(site.Client.BaseAddress!, Query("gate", from, to)).AbsoluteUri;

    private static string Query(string stream, DateTimeOffset from, DateTimeOffset to) =>
        $"/api/streams/{stream}/playlist.m3u8?from={Uri.EscapeDataString(Instants.Format(from))}"
            + $"&to={Uri.EscapeDataString(Instants.Format(to))}";
}
