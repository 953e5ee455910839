namespace Crispy.Judge.Tests.Reports;

/// <summary>Reports about cameras: what they send has true times, and the times of the chunks must be theirs.</summary>
[Collection("cameras")]
public sealed class CameraReportTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Releases => [.. Recorder.Releases.Select(folder => folder ?? "")];

    public void Dispose() => _folder.Dispose();

    // A bad link: nothing for a second, every four seconds.
    [Theory]
    [MemberData(nameof(Releases))]
    public async Task A_camera_that_pauses_has_its_pauses_in_its_times(string ffmpeg)
    {
        var file = await EncodeAsync("select='lt(mod(t,4),3)'", 25, 60);
        var (verdict, stored) = await RecordAsync(file, ffmpeg, seconds: 18);
        Assert.True(verdict.Silent.Count == 0, verdict.ToString());
        AssertOneEpoch(stored, verdict);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task A_camera_that_sends_fewer_pictures_at_night_keeps_its_times(string ffmpeg)
    {
        var file = await EncodeAsync("select='if(lt(t,4),1,not(mod(n,25)))'", 25, 60);
        var (verdict, stored) = await RecordAsync(file, ffmpeg, seconds: 18);
        Assert.True(verdict.Silent.Count == 0, verdict.ToString());
        AssertOneEpoch(stored, verdict);
    }

    // It declares 50 pictures a second and sends 25, then 2.
    [Theory]
    [MemberData(nameof(Releases))]
    public async Task A_declared_rate_is_not_believed(string ffmpeg)
    {
        var file = await EncodeAsync("select='if(lt(t,4),not(mod(n,2)),not(mod(n,25)))'", 50, 60);
        var (verdict, stored) = await RecordAsync(file, ffmpeg, seconds: 18, ("Container", "mp4"));
        Assert.True(verdict.Silent.Count == 0, verdict.ToString());
        AssertOneEpoch(stored, verdict);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task A_camera_that_sends_jpegs_at_a_rate_of_its_own_is_timed_by_arrival(string ffmpeg)
    {
        await using var camera = MjpegCamera.Start(await MjpegCamera.PicturesAsync(_folder, 600), TimeSpan.FromSeconds(0.1));
        await using var recorder = await Recorder.StartAsync([new Recorded(camera.Url)], ffmpeg.Length == 0 ? null : ffmpeg, window: 2);
        await recorder.UntilChunksAsync(5);
        var sent = camera.Sent;
        var chunks = (await recorder.StopAsync())[0].Chunks.Take(5).Select(chunk => chunk.Manifest).ToList();

        // Each lasts as long as its pictures took to be sent, with what the way here may add.
        var first = 0;
        foreach (var manifest in chunks)
        {
            var frames = (int)manifest["frames"]!;
            var expected = (sent[Math.Min(first + frames, sent.Count - 1)] - sent[first]).TotalSeconds;
            first += frames;
            var allowed = 0.1 + (double)manifest["clock"]!["uncertaintyMs"]! / 1000;
            Assert.True(Math.Abs((double)manifest["duration"]! - expected) <= allowed,
                $"{manifest.ToJsonString()}: sent within {expected} s");
            Assert.True(manifest["times"]?.GetValue<string>() == "arrival",
                $"{manifest.ToJsonString()}: does not say that its times are those of arrival");
        }
        Assert.InRange(chunks.Sum(manifest => (long)manifest["frames"]!) / chunks.Sum(manifest => (double)manifest["duration"]!), 9, 11);
        Assert.Single(chunks.Select(manifest => (string)manifest["epoch"]!).Distinct());
    }

    // A keyframe each 2 s, as cameras send it.
    private async Task<string> EncodeAsync(string select, int rate, int seconds)
    {
        await Command.RunAsync("ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
            $"testsrc2=size=160x120:rate={rate}:duration={seconds}", "-vf", select, "-fps_mode", "passthrough",
            "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-bf", "0", "-force_key_frames",
            "expr:gte(t,n_forced*2)", "-g", "1000", "-sc_threshold", "0", _folder["camera.mkv"]);
        return _folder["camera.mkv"];
    }

    // It sends the file from its beginning, each picture at its time.
    private static async Task<(Verdict Verdict, Stored Stored)> RecordAsync(string file, string ffmpeg, double seconds,
        params (string, string)[] options)
    {
        await using var camera = await RtspCamera.StartPipelineAsync(
            $"( filesrc location=\"{file}\" ! matroskademux ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )");
        await using var recorder =
            await Recorder.StartAsync([new Recorded(camera.Url, options)], ffmpeg.Length == 0 ? null : ffmpeg, window: 3);
        await Until.TrueAsync(() => Told(Stored.InSpool(recorder.Spool, recorder.Ids[0])) >= seconds, TimeSpan.FromMinutes(2),
            $"{seconds} s of chunks", () => recorder.Log);
        var stored = (await recorder.StopAsync())[0];
        var verdict = await new SourceJudge().JudgeAsync(file, stored, new() { IsPart = true });
        TestContext.Current.TestOutputHelper?.WriteLine(verdict.ToString());
        return (verdict, stored);
    }

    // What is told to have passed, however few seconds that is of those that did: some time passes anyway, so that this ends.
    private static double Told(Stored stored) => stored.Chunks.Count < 3 ? 0
        : Math.Max(stored.Chunks.Sum(chunk => (double)chunk.Manifest["duration"]!),
            (stored.Chunks[^1].Manifest["to"]!.GetValue<DateTimeOffset>()
                - stored.Chunks[0].Manifest["from"]!.GetValue<DateTimeOffset>()).TotalSeconds);

    private static void AssertOneEpoch(Stored stored, Verdict verdict) =>
        Assert.True(stored.Chunks.Select(chunk => (string)chunk.Manifest["epoch"]!).Distinct().Count() == 1, verdict.ToString());
}
