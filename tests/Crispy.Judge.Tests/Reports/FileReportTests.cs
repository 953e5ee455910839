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
        new ReportExpectation(verdict, manifests).Check(report);
    }
}
