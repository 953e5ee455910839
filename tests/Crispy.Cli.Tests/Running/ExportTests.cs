using System.Globalization;
using System.Text.Json.Nodes;

namespace Crispy.Cli.Tests.Running;

/// <summary>chunks, play and export, judged by ffprobe.</summary>
public sealed class ExportTests(RecordingSystem shared) : IDisposable
{
    private const string From = "2026-11-20T14:03:00Z";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Chunks_are_listed_with_their_times_and_signatures()
    {
        var system = await shared.StartedAsync();
        var result = await system.CrispyAsync("chunks", "gate", "--from", From, "--to", "+12s");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var lines = result.Output.Split('\n');
        Assert.Matches("^FROM +SECONDS +FRAMES +SIZE +STATE +SIGNATURE +CHUNK +NOTES *$", lines[0]);
        Assert.Matches(@"^2026-11-20 14:03:02\.000Z +2\.000 +50 +[\d.]+ kB +stored +verified +gate/\w+/00000001 +h264 320x180 mkv *$",
            lines[2]);
        Assert.Matches(@"^6 chunks \(6 stored\), 300 frames, [\d.]+ kB$", lines[7]);
        Assert.Equal(2,
            (await system.JsonAsync("chunks", "gate", "--from", From, "--to", "+12s", "--limit", "2"))["items"]!.AsArray().Count);
        Assert.Contains("there are more",
            (await system.CrispyAsync("chunks", "gate", "--from", From, "--to", "+12s", "--limit", "2")).Output, StringComparison.Ordinal);
        Assert.StartsWith("Nothing of gate",
            (await system.CrispyAsync("chunks", "gate", "--from", From, "--to", "+12s", "--state", "lost")).Output,
            StringComparison.Ordinal);
        var local = await system.CrispyAsync(new Dictionary<string, string> { ["TZ"] = "Asia/Kolkata" }, "chunks", "gate", "--local",
            "--from", "2026-11-20T19:33", "--to", "+2s");
        Assert.Contains("2026-11-20 19:33:00.000+05:30", local.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_player_is_given_a_playlist_that_plays()
    {
        var system = await shared.StartedAsync();
        var result = await system.CrispyAsync("play", "gate", "--from", From, "--to", "+12s", "--print");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(300, (await Ffprobe.PacketsAsync(result.Output.Trim())).Count);
        Assert.Equal(1, (await system.CrispyAsync("play", "gate", "--from", "2026-11-19", "--to", "+1h", "--print")).ExitCode);
    }

    [Fact]
    public async Task A_player_reads_what_needs_a_token_without_being_told_the_token()
    {
        const string token = "t0ken-of-the-player-test";
        var system = await shared.StartedAsync();
        await using var console = await system.ConsoleAsync(token);
        var player = Directory.CreateDirectory(_folder["bin"]).FullName + "/ffplay";
        var (arguments, packets, other) = (_folder["arguments"], _folder["packets"], _folder["other"]);
        await File.WriteAllTextAsync(player, $"""
            #!/bin/sh
            for address; do :; done
            echo "$@" > {arguments}
            ffprobe -v error -count_packets -select_streams v -show_entries stream=nb_read_packets -of csv=p=0 "$address" > {packets}
            curl -s -o /dev/null -w '%{"{"}http_code{"}"}' "$(echo "$address" | sed 's,/api/.*,/api/status,')" > {other}
            """);
        await Command.RunAsync("chmod", "+x", player);
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = $"{_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}",
            ["CRISPY_API"] = $"http://127.0.0.1:{console.Port}", ["CRISPY_API_TOKEN"] = token,
        };

        var result = await system.CrispyAsync(environment, "play", "gate", "--from", From, "--to", "+12s");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        // Once for the program, once for its stream.
        Assert.Equal(["300"], (await File.ReadAllLinesAsync(packets)).Where(line => line.Length > 0).Distinct());
        Assert.Equal("404", await File.ReadAllTextAsync(other));
        Assert.DoesNotContain(token, await File.ReadAllTextAsync(arguments), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gate", "out.mp4")]
    [InlineData("gate", "out.mkv")]
    [InlineData("gate", "out.ts")]
    [InlineData("yard", "out.mp4")]
    [InlineData("yard", "out.mov")]
    public async Task A_whole_range_is_joined_packet_for_packet(string stream, string name)
    {
        var system = await shared.StartedAsync();
        var report = await ExportAsync(system, stream, name, 0, "--from", From, "--to", "+12s");

        Assert.True((bool)report["whole"]!);
        Assert.Equal((300, 6, true), ((int)report["file"]!["frames"]!, (int)report["file"]!["chunks"]!, (bool)report["file"]!["sound"]!));
        var (source, joined) = (await Ffprobe.PacketsAsync(system.Clip), await Ffprobe.PacketsAsync(_folder[name]));
        // A transport stream holds parameter sets among the packets.
        if (!name.EndsWith(".ts", StringComparison.Ordinal))
            Assert.Equal(source.Select(packet => packet.DataHash), joined.Select(packet => packet.DataHash));
        Assert.Equal(await PicturesAsync(system.Clip), await PicturesAsync(_folder[name]));
        AssertTimes(source.Select(packet => packet.Pts!.Value), joined);
        Assert.True(joined.Zip(joined.Skip(1))
            .All(pair => pair.First.Dts is null || pair.Second.Dts is null || pair.First.Dts < pair.Second.Dts));
        var (heard, told) = (await Ffprobe.PacketsAsync(system.Clip, "a:0"), await Ffprobe.PacketsAsync(_folder[name], "a:0"));
        Assert.Equal(heard.Count, told.Count);
        // Sound stays where it was beside the picture.
        var (before, after) =
            (heard[0].Pts!.Value - source.Min(packet => packet.Pts!.Value), told[0].Pts!.Value - joined.Min(packet => packet.Pts!.Value));
        Assert.InRange(after - before, -0.003m, 0.003m);
        var decoded = await Command.TryAsync("ffmpeg", ["-v", "error", "-i", _folder[name], "-f", "null", "-"]);
        Assert.Equal((0, ""), (decoded.ExitCode, decoded.Error));
        Assert.Equal([_folder[name]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("alaw", "pcm_alaw (G.711 A-law)", "mp4")]
    [InlineData("mulaw", "pcm_mulaw (G.711 µ-law)", "mp4")]
    [InlineData("alaw", "pcm_alaw (G.711 A-law)", "ts")]
    public async Task Sound_that_the_container_cannot_hold_is_told_before_it_begins_and_can_be_encoded_or_left_out(string law, string named,
        string container)
    {
        var system = await shared.StartedAsync();
        var stream = $"{law}-{container}";
        await system.RecordAsync(stream, "mkv", "-c:a", $"pcm_{law}", "-ar", "8000");
        var output = _folder[$"x.{container}"];
        var refused = await system.CrispyAsync("export", stream, "--from", From, "--to", "+6s", "-o", output);
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Contains($"the sound is {named}, which .{container} cannot hold: --audio aac encodes it, --audio drop leaves it out",
            refused.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));

        var encoded = await ExportAsync(system, stream, Path.GetFileName(output), 0, "--from", From, "--to", "+6s", "--audio", "aac");
        Assert.True((bool)encoded["file"]!["sound"]!);
        Assert.Equal(["h264", "aac"], (await Ffprobe.StreamsAsync(output)).Select(each => each.Codec).Order(StringComparer.Ordinal)
            .Reverse());
        var (pictures, sounds) = (await Ffprobe.PacketsAsync(output), await Ffprobe.PacketsAsync(output, "a:0"));
        Assert.Equal(150, pictures.Count);
        // Beside its pictures, from their first to their last; an encoder's frame is 1024 samples of 1/8000 s.
        Assert.InRange(sounds.Max(packet => packet.Pts!.Value) - sounds.Min(packet => packet.Pts!.Value), 5.7m, 6.2m);
        Assert.InRange(sounds.Min(packet => packet.Pts!.Value) - pictures.Min(packet => packet.Pts!.Value), -0.2m, 0.2m);
        var decoded = await Command.TryAsync("ffmpeg", ["-v", "error", "-i", output, "-f", "null", "-"]);
        Assert.Equal((0, ""), (decoded.ExitCode, decoded.Error));

        await ExportAsync(system, stream, Path.GetFileName(output), 0, "--from", From, "--to", "+6s", "--audio", "drop", "--force");
        Assert.Equal("h264", Assert.Single(await Ffprobe.StreamsAsync(output)).Codec);
        await ExportAsync(system, stream, "x.mkv", 0, "--from", From, "--to", "+6s");
        Assert.Contains($"pcm_{law}", (await Ffprobe.StreamsAsync(_folder["x.mkv"])).Select(each => each.Codec));
    }

    [Fact]
    public async Task A_part_is_cut_at_the_keyframes_around_it()
    {
        var system = await shared.StartedAsync();
        var report = await ExportAsync(system, "gate", "part.mp4", 0, "--from", "2026-11-20T14:03:03Z", "--to", "2026-11-20T14:03:05Z");
        Assert.Equal(("2026-11-20T14:03:02.000000Z", "2026-11-20T14:03:06.000000Z", 100),
            ((string)report["file"]!["from"]!, (string)report["file"]!["to"]!, (int)report["file"]!["frames"]!));
        var packets = await Ffprobe.PacketsAsync(_folder["part.mp4"]);
        Assert.True(packets[0].IsKeyframe);
        Assert.Equal(100, packets.Count);
    }

    [Fact]
    public async Task A_range_with_a_hole_gives_no_file_unless_that_is_allowed_and_then_the_hole_stays_in_its_times()
    {
        var system = await shared.StartedAsync();
        var refused = await system.CrispyAsync("export", "hole", "--from", From, "--to", "+12s", "-o", _folder["hole.mp4"]);
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("2026-11-20 14:03:04.000Z to 2026-11-20 14:03:06.000Z (2.0 s, 1 chunk): missing, and never declared lost",
            refused.Error, StringComparison.Ordinal);
        Assert.Contains("--allow-gaps", refused.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));

        var report = await ExportAsync(system, "hole", "hole.mp4", 0, "--from", From, "--to", "+12s", "--allow-gaps");
        Assert.False((bool)report["whole"]!);
        var hole = Assert.Single(report["holes"]!.AsArray())!;
        Assert.Equal(("gap", "missing", 1, "2026-11-20T14:03:04.000000Z"),
            ((string)hole["kind"]!, (string)hole["reason"]!, (int)hole["chunks"]!, (string)hole["from"]!));
        Assert.Equal(250, (int)report["file"]!["frames"]!);
        var times = (await Ffprobe.PacketsAsync(system.Clip)).Select(packet => packet.Pts!.Value).ToList();
        var first = times.Min();
        AssertTimes(times.Where(time => time - first is < 3.999m or > 5.999m), await Ffprobe.PacketsAsync(_folder["hole.mp4"]));
    }

    [Fact]
    public async Task What_was_never_recorded_is_told()
    {
        var system = await shared.StartedAsync();
        var result = await system.CrispyAsync("export", "gate", "--from", "2026-11-20T14:02:50Z", "--to", "2026-11-20T14:03:20Z", "-o",
            _folder["wide.mkv"], "--allow-gaps");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("2026-11-20 14:02:50.000Z to 2026-11-20 14:03:00.000Z (10.0 s): not recorded", result.Error,
            StringComparison.Ordinal);
        Assert.Contains("2026-11-20 14:03:12.000Z to 2026-11-20 14:03:20.000Z (8.0 s): not recorded", result.Error,
            StringComparison.Ordinal);
        Assert.Matches(
            @"^\S+wide\.mkv: 6 chunks, 300 frames, [\d.]+ kB, 2026-11-20 14:03:00\.000Z to 2026-11-20 14:03:12\.000Z, "
                + @"every signature and hash good\n$", result.Output);
        var nothing =
            await system.CrispyAsync("export", "gate", "--from", "2026-11-19", "--to", "+1m", "-o", _folder["nothing.mkv"], "--allow-gaps");
        Assert.Equal(1, nothing.ExitCode);
        Assert.Contains("nothing of gate is stored", nothing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chunk_that_is_not_what_was_signed_is_not_joined()
    {
        var system = await shared.StartedAsync();
        var chunks = (await system.JsonAsync("chunks", "spoilt", "--from", From, "--to", "+12s"))["items"]!.AsArray();
        system.Damage((string)chunks[3]!["object"]!);
        var refused = await system.CrispyAsync("export", "spoilt", "--from", From, "--to", "+12s", "-o", _folder["spoilt.mkv"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("2026-11-20 14:03:06.000Z to 2026-11-20 14:03:08.000Z (2.0 s, 1 chunk): left out, not what was signed: altered",
            refused.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        // Another key than theirs: nothing of it can be believed.
        using var signer = new Contracts.ManifestSigner(Contracts.SigningKey.NewPrivatePem());
        await File.WriteAllTextAsync(_folder["other.pem"], signer.PublicPem);
        var foreign = await system.CrispyAsync("export", "gate", "--from", From, "--to", "+12s", "-o", _folder["foreign.mkv"],
            "--keys", _folder["other.pem"]);
        Assert.Equal(1, foreign.ExitCode);
        Assert.Contains("6 chunks): left out, not what was signed: unknownKey", foreign.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["foreign.mkv"]));
    }

    [Fact]
    public async Task A_file_that_is_there_stays_unless_replacing_it_is_asked_for()
    {
        var system = await shared.StartedAsync();
        await File.WriteAllTextAsync(_folder["there.mkv"], "precious");
        var refused = await system.CrispyAsync("export", "gate", "--from", From, "--to", "+2s", "-o", _folder["there.mkv"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Equal("precious", await File.ReadAllTextAsync(_folder["there.mkv"]));
        await ExportAsync(system, "gate", "there.mkv", 0, "--from", From, "--to", "+2s", "--force");
        Assert.Equal(50, (await Ffprobe.PacketsAsync(_folder["there.mkv"])).Count);
    }

    [Fact]
    public async Task The_archive_is_not_sought_at_stream_handle()
    {
        var system = await shared.StartedAsync();
        var result = await system.CrispyAsync("chunks", "gate", "--api", system.StreamHandle);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("the archive is served by the console", result.Error, StringComparison.Ordinal);
    }

    private async Task<JsonNode> ExportAsync(RecordingSystem system, string stream, string name, int exitCode, params string[] arguments)
    {
        var result = await system.CrispyAsync(["export", stream, "-o", _folder[name], "--json", .. arguments]);
        Assert.True(result.ExitCode == exitCode, $"{result.ExitCode}: {result.Error}{result.Output}");
        return JsonNode.Parse(result.Output)!;
    }

    // Times relative to the first frame, within a millisecond, which is all that Matroska tells.
    private static void AssertTimes(IEnumerable<decimal> expected, IReadOnlyList<FfprobePacket> packets)
    {
        var (wanted, found) = (expected.Order().ToList(), packets.Select(packet => packet.Pts!.Value).Order().ToList());
        Assert.Equal(wanted.Count, found.Count);
        foreach (var (want, have) in wanted.Zip(found))
            Assert.True(Math.Abs(have - found[0] - (want - wanted[0])) <= 0.0021m,
                string.Create(CultureInfo.InvariantCulture, $"{have - found[0]} instead of {want - wanted[0]}"));
    }

    private static async Task<IReadOnlyList<string>> PicturesAsync(string file) =>
        [.. (await Command.RunAsync("ffmpeg", "-v", "error", "-i", file, "-map", "0:v:0", "-fps_mode",
            "passthrough", "-f", "framemd5", "-"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#')
            .Select(line => line[(line.LastIndexOf(',') + 1)..].Trim())];
}
