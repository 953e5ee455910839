using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Crispy.Contracts;
using Crispy.Exporting;

namespace Crispy.Archive.Tests;

public sealed class ExportTests
{
    [Theory]
    [InlineData("mkv", "mp4", "h264")]
    [InlineData("ts", "mkv", "h264")]
    [InlineData("mp4", "mp4", "hevc")]
    [InlineData("mkv", "mkv", "mjpeg")]
    public async Task A_range_is_one_file_with_the_video_and_what_proves_it(string recorded, string container, string codec)
    {
        await using var site = await Site.StartAsync(new() { Reports = new(SigningKey.NewPrivatePem()) });
        var gate = new Camera("gate", site.Signer).Video(await Footage.CutAsync(new(recorded, codec, codec == "h264" ? 2 : 0)));
        await site.StoreAsync(gate);
        var plan = await site.GetAsync(Address("export/plan", gate));
        Assert.Equal((3, gate.Objects.Sum(stored => (long)stored.Content.Length), 0),
            (plan.GetProperty("chunks").GetInt32(), plan.GetProperty("bytes").GetInt64(), plan.GetProperty("holes").GetArrayLength()));
        Assert.InRange(plan.GetProperty("length").GetDouble(), 5.9, 6.1);

        using var folder = new TempFolder();
        var name = await TakeOutAsync(site, $"{Address("export", gate)}&container={container}&ticket=t-1", folder);
        var status = await site.GetAsync("/api/streams/gate/export/progress?ticket=t-1");
        Assert.Equal("done", status.GetProperty("stage").GetString());

        Assert.Matches($@"^gate-\d{{8}}T\d{{6}}Z-\d{{8}}T\d{{6}}Z\.zip$", name);
        Assert.Equal(Statement(folder).Video.Name, Path.ChangeExtension(name, container));
        var (video, statement) = (folder[Path.ChangeExtension(name, container)], Statement(folder));
        Assert.Equal(codec, Assert.Single(await Ffprobe.StreamsAsync(video)).Codec);
        Assert.Equal(gate.Objects.Sum(stored => stored.Frames), (await Ffprobe.PacketsAsync(video)).Count);
        Assert.Equal(gate.Objects.Select(stored => stored.Chunk.ToString()), statement.Chunks.Select(chunk => chunk.Chunk));
        foreach (var stored in gate.Objects) Assert.Equal(stored.Content, await File.ReadAllBytesAsync(folder[$"proof/{stored.Name}"]));
        foreach (var file in statement.Files)
            Assert.Equal(file.Sha256, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(folder[file.Name]))));
        Assert.Contains(name[..^4], await File.ReadAllTextAsync(folder["README.txt"]), StringComparison.Ordinal);
        // Its pictures are those of the chunks, no matter what else the containers have.
        var chunks = statement.Chunks.Select(chunk => folder[$"proof/{chunk.Object}"]).ToList();
        Assert.Null(await new PacketComparison(new()).FirstDifferenceAsync(video, chunks, codec, folder.Path, default));
        chunks.Reverse();
        Assert.Equal(0, await new PacketComparison(new()).FirstDifferenceAsync(video, chunks, codec, folder.Path, default));
        Assert.Empty(Directory.GetDirectories(Path.Combine(site.CacheFolder, "exports")));
    }

    [Fact]
    public async Task A_hole_is_told_and_what_is_not_what_was_signed_is_left_out()
    {
        await using var site = await Site.StartAsync();
        var footage = await Footage.CutAsync(new("mkv"));
        var gate = new Camera("gate", site.Signer).Video(footage.Take(1)).Lose().Video(footage.Take(2));
        var forged = gate.Objects[^1];
        gate.Objects[^1] = forged with { Content = [.. forged.Content[..^1], (byte)(forged.Content[^1] ^ 1)] };
        await site.StoreAsync(gate);
        var hole = Assert.Single((await site.GetAsync(Address("export/plan", gate))).GetProperty("holes").EnumerateArray());
        Assert.Equal(("lost", "droppedOldest"), (hole.GetProperty("kind").GetString(), hole.GetProperty("reason").GetString()));

        using var folder = new TempFolder();
        await TakeOutAsync(site, Address("export", gate) + "&originals=false", folder);
        var statement = Statement(folder);
        Assert.Equal(["lost droppedOldest", "bad altered"], statement.Holes.Select(each => $"{each.Kind} {each.Reason}"));
        Assert.Equal(2, statement.Chunks.Count);
        Assert.False(statement.Signed);
        // The record of the loss is there, the chunks are not.
        Assert.Equal(gate.Objects[1].Content, await File.ReadAllBytesAsync(folder[$"proof/{gate.Objects[1].Name}"]));
        Assert.False(File.Exists(folder[$"proof/{gate.Objects[0].Name}"]));
    }

    [Fact]
    public async Task What_cannot_be_done_is_refused_before_a_byte_is_sent()
    {
        await using var site = await Site.StartAsync(new() { Settings = { ["Crispy:Archive:ExportMaxBytes"] = "1048576" } });
        var (small, large) = (await Footage.CutAsync(new("mkv")), await Footage.CutAsync(new("mkv", Size: "640x360")));
        var gate = new Camera("gate", site.Signer).Video(small.Take(1)).NewEpoch(TimeSpan.FromSeconds(1)).Video(large.Take(1));
        var big = new Camera("big", site.Signer).Chunks(1);
        big.Objects[0] = new Camera("big", site.Signer).Video(small.Take(1)).Objects[0];
        await site.StoreAsync(gate, big);
        Assert.Contains("The picture changes at", (await site.ProblemAsync(HttpStatusCode.BadRequest, Address("export", gate)))
            .GetProperty("errors").GetProperty("to")[0].GetString(), StringComparison.Ordinal);
        Assert.Contains("320x180 to h264 640x360", (await site.GetAsync(Address("export/plan", gate))).GetProperty("problem").GetString(),
            StringComparison.Ordinal);
        await site.ProblemAsync(HttpStatusCode.BadRequest, Address("export", gate) + "&container=avi");
        await site.ProblemAsync(HttpStatusCode.BadRequest, Address("export", gate) + "&audio=loud");
        await site.ProblemAsync(HttpStatusCode.BadRequest, Address("export", gate) + "&originals=perhaps");
        await site.ProblemAsync(HttpStatusCode.BadRequest, Address("export", gate) + "&ticket=a%20b");
        await site.ProblemAsync(HttpStatusCode.NotFound, "/api/streams/gate/export?from=2026-11-19T00:00:00Z&to=2026-11-19T00:01:00Z");
        await site.ProblemAsync(HttpStatusCode.NotFound, "/api/streams/nobody/export?from=2026-11-19T00:00:00Z&to=2026-11-19T00:01:00Z");
        await site.ProblemAsync(HttpStatusCode.NotFound, "/api/streams/gate/export/progress?ticket=unknown");
    }

    [Theory]
    [InlineData("pcm", "pcm_alaw (G.711 A-law)", "-c:a", "pcm_alaw", "-ar", "8000")]
    public async Task Sound_that_MP4_cannot_hold_is_told_before(string audio, string named, params string[] extra)
    {
        await using var site = await Site.StartAsync();
        using var folder = new TempFolder();
        var clip = await TestVideo.CreateAsync(folder["clip.mkv"],
            new() { Seconds = 2, Fps = "25", Gop = 25, Audio = audio, Extra = extra });
        var gate = new Camera("gate", site.Signer).Video([await File.ReadAllBytesAsync(clip)]);
        await site.StoreAsync(gate);
        var plan = await site.GetAsync(Address("export/plan", gate));
        Assert.Equal((false, named, true),
            (plan.GetProperty("soundFitsMp4").GetBoolean(), plan.GetProperty("soundName").GetString(),
                plan.GetProperty("videoFitsMp4").GetBoolean()));
        Assert.Contains($"the sound is {named}, which an mp4 file cannot hold",
            (await site.ProblemAsync(HttpStatusCode.BadRequest, Address("export", gate))).GetProperty("errors")
                .GetProperty("audio")[0].GetString(), StringComparison.Ordinal);
        foreach (var (query, sound) in new[] { ("audio=aac", "aac"), ("audio=drop", "drop"), ("container=mkv", "copy") })
        {
            using var unpacked = new TempFolder();
            var name = await TakeOutAsync(site, $"{Address("export", gate)}&{query}", unpacked);
            Assert.Equal(sound, Statement(unpacked).Video.Sound);
            var codecs = (await Ffprobe.StreamsAsync(unpacked[Statement(unpacked).Video.Name])).Select(stream => stream.Codec)
                .Order(StringComparer.Ordinal);
            Assert.Equal(sound switch { "aac" => ["aac", "h264"], "copy" => ["h264", "pcm_alaw"], _ => (string[])["h264"] }, codecs);
        }
    }

    [Fact]
    public async Task One_more_than_are_made_at_once_is_refused_and_who_leaves_leaves_nothing_behind()
    {
        await using var site = await Site.StartAsync(new() { Settings = { ["Crispy:Archive:Exports"] = "1" } });
        var gate = new Camera("gate", site.Signer).Video(await Footage.CutAsync(new("mkv")));
        await site.StoreAsync(gate);
        await site.FailAsync("stall", new { method = "GET", pathContains = gate.Objects[^1].Name.Split('/')[^1] }, 100);
        using var leaving = new CancellationTokenSource();
        var export = site.Client.GetAsync(new Uri(Address("export", gate) + "&ticket=left", UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead, leaving.Token);
        var exports = Path.Combine(site.CacheFolder, "exports");
        await Until.TrueAsync(() => Directory.Exists(exports) && Directory.GetDirectories(exports).Length == 1);
        var problem = await site.ProblemAsync(HttpStatusCode.ServiceUnavailable, Address("export", gate));
        Assert.Contains("Another export is being made", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);

        await leaving.CancelAsync();
        await export.ContinueWith(_ => { }, TaskScheduler.Default);
        if (export.IsCompletedSuccessfully) (await export).Dispose();
        await Until.TrueAsync(() => Directory.GetDirectories(exports).Length == 0);
        await Until.TrueAsync(async () => (await site.GetAsync("/api/streams/gate/export/progress?ticket=left")).GetProperty("stage")
            .GetString() == "failed");
        await site.ClearFaultsAsync();
        using var folder = new TempFolder();
        await TakeOutAsync(site, Address("export", gate), folder);
    }

    [Fact]
    public async Task A_failure_halfway_ends_the_connection_and_what_came_is_no_ZIP()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Video(await Footage.CutAsync(new("mkv", Seconds: 20)));
        await site.StoreAsync(gate);
        await site.FailAsync("400", new { method = "GET", pathContains = gate.Objects[^1].Name.Split('/')[^1] }, 100);
        using var folder = new TempFolder();
        var file = folder["half.zip"];
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var answer = await site.Client.GetAsync(new Uri(Address("export", gate) + "&ticket=half", UriKind.Relative),
                HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await using var destination = File.Create(file);
            await answer.Content.CopyToAsync(destination);
        });
        Assert.True(new FileInfo(file).Length > 0);
        Assert.Throws<InvalidDataException>(() => ZipFile.OpenRead(file).Dispose());
        var status = await site.GetAsync("/api/streams/gate/export/progress?ticket=half");
        Assert.Equal("failed", status.GetProperty("stage").GetString());
        Assert.Contains("the bucket", status.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Path.Combine(site.CacheFolder, "exports")));
    }

    [Theory]
    [InlineData("mkv", 90, null, "mp4", "180x320")]
    [InlineData("ts", 270, null, "mp4", "180x320")]
    [InlineData("ts", 180, "4:3", "mp4", "320x180")]
    [InlineData("mp4", 90, null, "mkv", "180x320")]
    [InlineData("mkv", 0, "4:3", "mkv", "320x180")]
    public async Task A_video_that_is_turned_stays_so(string recorded, int rotation, string? sar, string container, string shown)
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer) { Rotation = rotation == 0 ? null : rotation,
            Sar = sar }.Video(await Footage.CutAsync(new(recorded)));
        await site.StoreAsync(gate);
        using var folder = new TempFolder();
        await TakeOutAsync(site, $"{Address("export", gate)}&container={container}", folder);
        var video = folder[Statement(folder).Video.Name];
        Assert.Equal(sar ?? "1:1", await ValueAsync(video, "stream=sample_aspect_ratio"));
        if (container == "mp4")
        {
            Assert.Equal(rotation, await RotationAsync(video));
            var still = folder["still.png"];
            await Command.RunAsync("ffmpeg", "-v", "error", "-i", video, "-frames:v", "1", still);
            var picture = Assert.Single(await Ffprobe.StreamsAsync(still));
            Assert.Equal(shown, $"{picture.Width}x{picture.Height}");
        }
        // ffmpeg before 6.1 does not read it there: Projection { ProjectionType 0, ProjectionPoseRoll }.
        else if (rotation != 0) Assert.Equal(rotation, Roll(await File.ReadAllBytesAsync(video)));
        var decoded = await Command.TryAsync("ffmpeg", ["-v", "error", "-i", video, "-f", "null", "-"]);
        Assert.Equal((0, ""), (decoded.ExitCode, decoded.Error));
    }

    private static int Roll(byte[] matroska)
    {
        var at = matroska.AsSpan().IndexOf(new byte[] { 0x76, 0x70, 0x8B, 0x76, 0x71, 0x81, 0, 0x76, 0x75, 0x84 });
        Assert.True(at > 0, "there is no projection");
        return ((int)-System.Buffers.Binary.BinaryPrimitives.ReadSingleBigEndian(matroska.AsSpan(at + 10)) + 360) % 360;
    }

    internal static async Task<int> RotationAsync(string file)
    {
        var text = await ValueAsync(file, "stream_side_data=rotation");
        return text.Length == 0 ? 0 : (int)(((-double.Parse(text, CultureInfo.InvariantCulture) % 360) + 360) % 360);
    }

    private static async Task<string> ValueAsync(string file, string entry) =>
        (await Command.RunAsync("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", entry, "-of",
            "default=noprint_wrappers=1:nokey=1", file)).Trim();

    private static string Address(string what, Camera camera) =>
        $"/api/streams/{camera.Stream}/{what}?from={Uri.EscapeDataString(Instants.Format(Camera.Start))}"
            + $"&to={Uri.EscapeDataString(Instants.Format(camera.At))}";

    private static ExportStatement Statement(TempFolder folder) =>
        ExportStatement.Read(File.ReadAllBytes(folder["proof/export.jws"])).Statement;

    private static async Task<string> TakeOutAsync(Site site, string address, TempFolder folder)
    {
        using var answer = await site.Client.GetAsync(new Uri(address, UriKind.Relative));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        Assert.Equal("application/zip", answer.Content.Headers.ContentType?.MediaType);
        using var zip = new ZipArchive(new MemoryStream(await answer.Content.ReadAsByteArrayAsync()));
        // Stored, not deflated.
        Assert.All(zip.Entries, entry => Assert.Equal(entry.Length, entry.CompressedLength));
        zip.ExtractToDirectory(folder.Path);
        return answer.Content.Headers.ContentDisposition!.FileName!.Trim('"');
    }
}
