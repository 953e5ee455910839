using System.Text.Json.Nodes;

namespace Crispy.Judge.Tests.Reports;

/// <summary>Each report is a kind: what a file of this kind must become, in each container, on each release of ffmpeg that
/// <c>CRISPY_FFMPEGS</c> names.</summary>
public sealed class FileReportTests(FileReports reports) : IClassFixture<FileReports>
{
    private static readonly string[] Containers = ["mkv", "mp4", "ts"];

    public static TheoryData<string, string, string> All
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var ffmpeg in Recorder.Releases)
                foreach (var report in ReportSources.All.Keys)
                    foreach (var container in Containers) data.Add(report, container, ffmpeg ?? "");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Nothing_is_wrong_without_a_word(string report, string container, string ffmpeg)
    {
        var (verdict, stored) = await reports.JudgeAsync(report, container, ffmpeg);
        Assert.False(stored.Failed, stored.Error);
        Assert.True(verdict.Silent.Count == 0, verdict.ToString());
        Assert.Equal((0, 0), (verdict.MissingUnits, verdict.ExtraUnits));
        var manifests = stored.Chunks.Select(chunk => chunk.Manifest).ToList();
        Expect(report, verdict, manifests);
    }

    private static void Expect(string report, Verdict verdict, List<JsonObject> manifests)
    {
        string Because() => verdict.ToString();
        void Pictures(int right, int extra = 0) =>
            Assert.True((verdict.Right, verdict.Missing, verdict.Extra) == (right, 0, extra), Because());
        void Span(double seconds, double frame = 0.04) =>
            Assert.True(Math.Abs(verdict.Durations + verdict.ToldGaps - seconds) <= frame + 1e-6, Because());
        void Told(string name, JsonNode value) =>
            Assert.True(manifests.All(manifest => JsonNode.DeepEquals(manifest[name], value)), Because());
        double Discontinuities() =>
            manifests.Skip(1).Count(manifest => manifest["flags"]!.AsArray().Any(flag => (string?)flag == "discontinuity"));
        switch (report)
        {
            case "01-two-sample-descriptions":
                Pictures(400);
                Span(16);
                Assert.True(manifests.Select(manifest => (string)manifest["epoch"]!).Distinct().Count() == 2, Because());
                break;
            case "08-rotation":
                Pictures(225);
                Told("rotation", 90);
                break;
            case "08-anamorphic":
                Pictures(225);
                Told("sar", "12:11");
                break;
            case "09-bare-h264" or "09-avi":
                Pictures(270);
                Assert.True(verdict is { OutOfOrder: 0, LatePictures: 0 }, Because());
                Span(9);
                break;
            case "10-edit-list":
                Assert.True((verdict.Right, verdict.Missing) == (202, 0), Because());
                Span(8.12);
                Assert.True(manifests.Sum(manifest => (int?)manifest["hidden"]?["pictures"] ?? 0) == 60, Because());
                break;
            case "11-field-pictures":
                Pictures(225);
                Span(9);
                Assert.True(manifests.All(manifest => (long)manifest["frames"]! == 75 && Math.Abs((double)manifest["fps"]! - 25) < 0.01
                    && (double)manifest["duration"]! == 3), Because());
                break;
            case "12-intra-refresh":
                Assert.True(verdict.Right + verdict.Missing == 300, Because());
                Assert.True(manifests.Skip(1)
                    .All(manifest => (int?)manifest["recoveryPictures"] > 0
                        && manifest["flags"]!.AsArray().Any(flag => (string?)flag == "intraRefresh")), Because());
                break;
            case "17-wrap":
                Pictures(300);
                Span(12, frame: 1e-5);
                Assert.True(Discontinuities() == 0, Because());
                break;
            case "19-night-1" or "19-night-2" or "19-night-5":
                Span(60, frame: 1);
                Assert.True(Discontinuities() == 0, Because());
                break;
            case "21-open-gop":
                Assert.True(verdict.Right + verdict.Missing == 300 && verdict.Missing > 0, Because());
                Span(12, frame: 0.001);
                Assert.True(manifests.Sum(manifest => (int?)manifest["leadingPictures"] ?? 0) >= verdict.Missing, Because());
                break;
            case "22-time-lapse":
                Pictures(110);
                Span(80.04, frame: 8);
                Assert.True(verdict.WorstError < 0.0011, Because());
                break;
            case "26-pauses":
                Pictures(1700);
                Span(80);
                Assert.True(Discontinuities() == 0, Because());
                break;
            case "forward-5":
                Pictures(300);
                Span(17);
                break;
            case "forward-60":
                Pictures(300);
                Span(72);
                break;
            case "back-11" or "back-66" or "back-mkv" or "back-flv":
                Pictures(300);
                Span(12, frame: 0.08);
                Assert.True(Discontinuities() == 1, Because());
                Assert.True(manifests.Any(manifest => (string?)manifest["seam"]?["kind"] == "clockSetBack"), Because());
                break;
            case "size-changes" or "size-changes-later":
                Pictures(400);
                Span(report == "size-changes" ? 16 : 19.5);
                Assert.True(manifests.Select(manifest => ((int)manifest["width"]!, (int)manifest["height"]!)).Distinct()
                    .SequenceEqual([(160, 120), (128, 96)]), Because());
                break;
            case "sound-before-0":
                Pictures(225);
                Assert.True(verdict is { MissingSound: 0, WorstSoundError: < 0.002 }, Because());
                break;
            case "sound-to-encode":
                Pictures(60);
                Span(12);
                Assert.True(Discontinuities() == 0, Because());
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(report), report, "nothing is expected of it");
        }
    }
}
