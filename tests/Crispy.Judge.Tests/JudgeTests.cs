using System.Globalization;
using System.Text.Json.Nodes;

namespace Crispy.Judge.Tests;

/// <summary>The judge finds nothing where all is right, and finds what was made wrong by hand.</summary>
public sealed class JudgeTests : IAsyncLifetime
{
    private const int Fps = 25;
    private readonly TempFolder _folder = TempFolder.InMemory();
    private Stored _stored = new([]);

    public async ValueTask InitializeAsync()
    {
        await Command.RunAsync("ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", $"testsrc2=size=96x64:rate={Fps}:duration=4",
            "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast",
            "-bf", "2", "-g", "25", "-keyint_min", "25", "-sc_threshold", "0", _folder["in.mp4"]);
        await Command.RunAsync("ffmpeg", "-v", "error", "-nostdin", "-y", "-i", _folder["in.mp4"], "-c", "copy", "-f", "segment",
            "-segment_time", "1", "-reset_timestamps", "1", _folder["%d.mkv"]);
        _stored = new([.. Enumerable.Range(0, 4).Select(index => new StoredChunk(_folder[$"{index}.mkv"], Manifest(index)))]);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static JsonObject Manifest(int index) => new()
    {
        ["epoch"] = "20260101T000000000Z",
        ["sequence"] = index,
        ["from"] = Instant(index),
        ["to"] = Instant(index + 1),
        ["duration"] = 1.0,
        ["frames"] = Fps,
        ["fps"] = Fps,
        ["width"] = 96,
        ["height"] = 64,
        ["container"] = "mkv",
        ["clock"] = new JsonObject { ["source"] = "file" },
        ["flags"] = new JsonArray(),
    };

    private static string Instant(double seconds) => new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(seconds)
        .ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    // As text, as recorders write it.
    private Task<Verdict> JudgeAsync(string source = "in.mp4") => new SourceJudge().JudgeAsync(_folder[source],
        _stored with { Chunks =
            [.. _stored.Chunks.Select(chunk => chunk with { Manifest = JsonNode.Parse(chunk.Manifest.ToJsonString())!.AsObject() })] });

    [Fact]
    public async Task Nothing_is_found_where_all_is_right()
    {
        var verdict = await JudgeAsync();
        Assert.True(verdict.Findings.Count == 0, verdict.ToString());
        Assert.Equal((100, 100, 0, 0), (verdict.SourcePictures, verdict.Right, verdict.Missing, verdict.Extra));
    }

    [Fact]
    public async Task A_chunk_that_is_missing_is_found_unless_a_loss_record_names_it()
    {
        _stored = _stored with { Chunks = [.. _stored.Chunks.Where((_, index) => index != 2)] };
        var verdict = await JudgeAsync();
        Assert.Equal((75, 25), (verdict.Right, verdict.Missing));
        Assert.Contains(verdict.Silent, finding => finding.Kind == "packets");
        Assert.Contains(verdict.Silent, finding => finding.Kind == "pictures");

        _stored.Chunks[2].Manifest["flags"] = new JsonArray("discontinuity");
        _stored = _stored with { Losses = [new JsonObject { ["from"] = Instant(2), ["to"] = Instant(3), ["frames"] = 25 }] };
        verdict = await JudgeAsync();
        Assert.True(verdict.Silent.Count == 0, verdict.ToString());
        Assert.NotEmpty(verdict.Told);
    }

    [Fact]
    public async Task A_chunk_that_is_there_twice_is_found()
    {
        _stored = _stored with { Chunks = [.. _stored.Chunks, new(_stored.Chunks[1].Path, Manifest(4))] };
        var verdict = await JudgeAsync();
        Assert.Equal(25, verdict.Extra);
        Assert.True(verdict.ExtraUnits >= 25, verdict.ToString());
        Assert.NotEmpty(verdict.Silent);
    }

    [Theory]
    [InlineData("from", 2.04, "times")]
    [InlineData("to", 3.04, "duration")]
    [InlineData("duration", 0.96, "duration")]
    [InlineData("frames", 26.0, "frames")]
    [InlineData("fps", 30.0, "fps")]
    [InlineData("width", 128.0, "shape")]
    public async Task A_manifest_that_is_wrong_is_found(string field, double value, string kind)
    {
        _stored.Chunks[2].Manifest[field] = field is "from" or "to" ? Instant(value) : field is "frames" or "width" ? (int)value : value;
        var verdict = await JudgeAsync();
        Assert.Contains(verdict.Silent, finding => finding.Kind == kind && finding.Chunk == 2);
    }

    [Fact]
    public async Task Pictures_without_their_keyframe_are_found_unless_a_flag_says_so()
    {
        await Command.RunAsync("ffmpeg", "-v", "error", "-nostdin", "-y", "-i", _folder["1.mkv"], "-c", "copy", "-copyinkf", "-bsf:v",
            "noise=drop=eq(n\\,0)", _folder["headless.mkv"]);
        _stored = _stored
            with { Chunks =
                [.. _stored.Chunks.Select((chunk, index) => index == 1 ? chunk with { Path = _folder["headless.mkv"] } : chunk)] };
        var verdict = await JudgeAsync();
        Assert.Contains(verdict.Silent, finding => finding is { Kind: "packets" });
        Assert.Contains(verdict.Silent, finding => finding is { Kind: "pictures", Chunk: 1 });

        _stored.Chunks[1].Manifest["flags"] = new JsonArray("damaged");
        verdict = await JudgeAsync();
        Assert.DoesNotContain(verdict.Silent, finding => finding is { Kind: "pictures", Chunk: 1 });
    }

    [Fact]
    public async Task A_hole_that_was_closed_is_found_and_one_that_is_told_is_not()
    {
        await Command.RunAsync("ffmpeg", "-v", "error", "-nostdin", "-y", "-i", _folder["in.mp4"], "-c", "copy", "-bsf:v",
            "setts=ts='TS+if(gte(N,50),20000,0)'", "-video_track_timescale", "12800", _folder["hole.mp4"]);
        var verdict = await JudgeAsync("hole.mp4");
        Assert.Contains(verdict.Silent, finding => finding.Kind == "times");
        Assert.Contains(verdict.Silent, finding => finding.Kind == "span");
    }
}
