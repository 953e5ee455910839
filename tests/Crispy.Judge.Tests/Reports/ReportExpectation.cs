using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Crispy.Judge.Tests.Reports;

/// <summary>What the chunks of a report's file must be, beside that nothing is wrong without a word.</summary>
/// <param name="verdict">What the judge says of them.</param>
/// <param name="manifests">Their manifests, in their order.</param>
internal sealed class ReportExpectation(Verdict verdict, IReadOnlyList<JsonObject> manifests)
{
    private static readonly Dictionary<string, Action<ReportExpectation>> All = new()
    {
        ["01-two-sample-descriptions"] = each =>
        {
            each.Pictures(400);
            each.Span(16);
            each.Epochs(2);
        },
        ["08-rotation"] = each =>
        {
            each.Pictures(225);
            each.Told("rotation", 90);
        },
        ["08-anamorphic"] = each =>
        {
            each.Pictures(225);
            each.Told("sar", "12:11");
        },
        ["09-bare-h264"] = each => each.WithoutTimes(),
        ["09-avi"] = each => each.WithoutTimes(),
        ["10-edit-list"] = each => each.EditList(),
        ["11-field-pictures"] = each => each.Fields(),
        ["12-intra-refresh"] = each => each.IntraRefresh(),
        ["17-wrap"] = each =>
        {
            each.Pictures(300);
            each.Span(12, frame: 1e-5);
            each.Discontinuities(0);
        },
        ["19-night-1"] = each => each.Night(),
        ["19-night-2"] = each => each.Night(),
        ["19-night-5"] = each => each.Night(),
        ["21-open-gop"] = each => each.OpenGop(),
        ["22-time-lapse"] = each => each.TimeLapse(),
        ["26-pauses"] = each =>
        {
            each.Pictures(1700);
            each.Span(80);
            each.Discontinuities(0);
        },
        ["forward-5"] = each =>
        {
            each.Pictures(300);
            each.Span(17);
        },
        ["forward-60"] = each =>
        {
            each.Pictures(300);
            each.Span(72);
        },
        ["back-11"] = each => each.StepBack(),
        ["back-66"] = each => each.StepBack(),
        ["back-mkv"] = each => each.StepBack(),
        ["back-flv"] = each => each.StepBack(),
        ["size-changes"] = each => each.SizeChanges(16),
        ["size-changes-later"] = each => each.SizeChanges(19.5),
        ["sound-before-0"] = each => each.SoundBefore0(),
        ["sound-to-encode"] = each =>
        {
            each.Pictures(60);
            each.Span(12);
            each.Discontinuities(0);
        },
    };

    /// <summary>Asserts what is expected of a report.</summary>
    public void Check(string report)
    {
        if (!All.TryGetValue(report, out var expect))
            throw new ArgumentOutOfRangeException(nameof(report), report, "nothing is expected of it");
        expect(this);
    }

    private void WithoutTimes()
    {
        Pictures(270);
        True(verdict is { OutOfOrder: 0, LatePictures: 0 });
        Span(9);
    }

    private void EditList()
    {
        True((verdict.Right, verdict.Missing) == (202, 0));
        Span(8.12);
        True(manifests.Sum(manifest => (int?)manifest["hidden"]?["pictures"] ?? 0) == 60);
    }

    private void Fields()
    {
        Pictures(225);
        Span(9);
        True(manifests.All(manifest => (long)manifest["frames"]! == 75 && Math.Abs((double)manifest["fps"]! - 25) < 0.01
            && (double)manifest["duration"]! == 3));
    }

    private void IntraRefresh()
    {
        True(verdict.Right + verdict.Missing == 300);
        True(manifests.Skip(1).All(manifest => (int?)manifest["recoveryPictures"] > 0 && HasFlag(manifest, "intraRefresh")));
    }

    private void Night()
    {
        Span(60, frame: 1);
        Discontinuities(0);
    }

    private void OpenGop()
    {
        True(verdict.Right + verdict.Missing == 300 && verdict.Missing > 0);
        Span(12, frame: 0.001);
        True(manifests.Sum(manifest => (int?)manifest["leadingPictures"] ?? 0) >= verdict.Missing);
    }

    private void TimeLapse()
    {
        Pictures(110);
        Span(80.04, frame: 8);
        True(verdict.WorstError < 0.0011);
    }

    private void StepBack()
    {
        Pictures(300);
        Span(12, frame: 0.08);
        Discontinuities(1);
        True(manifests.Any(manifest => (string?)manifest["seam"]?["kind"] == "clockSetBack"));
    }

    private void SizeChanges(double seconds)
    {
        Pictures(400);
        Span(seconds);
        True(manifests.Select(manifest => ((int)manifest["width"]!, (int)manifest["height"]!)).Distinct()
            .SequenceEqual([(160, 120), (128, 96)]));
    }

    private void SoundBefore0()
    {
        Pictures(225);
        True(verdict is { MissingSound: 0, WorstSoundError: < 0.002 });
    }

    private void Pictures(int right) => True((verdict.Right, verdict.Missing, verdict.Extra) == (right, 0, 0));

    private void Span(double seconds, double frame = 0.04) =>
        True(Math.Abs(verdict.Durations + verdict.ToldGaps - seconds) <= frame + 1e-6);

    private void Told(string name, JsonNode value) => True(manifests.All(manifest => JsonNode.DeepEquals(manifest[name], value)));

    private void Epochs(int count) => True(manifests.Select(manifest => (string)manifest["epoch"]!).Distinct().Count() == count);

    private void Discontinuities(int count) =>
        True(manifests.Skip(1).Count(manifest => HasFlag(manifest, "discontinuity")) == count);

    private static bool HasFlag(JsonObject manifest, string name) =>
        manifest["flags"]!.AsArray().Any(flag => (string?)flag == name);

    private void True(bool condition, [CallerArgumentExpression(nameof(condition))] string? what = null) =>
        Assert.True(condition, $"{what}\n{verdict}");
}
