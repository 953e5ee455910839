namespace Crispy.Judge.Tests.Reports;

/// <summary>All file sources of the reports, recorded in every container by every release, in one process a release.</summary>
public sealed class FileReports : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly Dictionary<string, string> _sources = [];
    private readonly Dictionary<(string Report, string Container, string Ffmpeg), Stored> _stored = [];
    private readonly List<Recorder> _recorders = [];

    public async ValueTask InitializeAsync()
    {
        var sources = new ReportSources(_folder.Path);
        foreach (var (name, make) in ReportSources.All) _sources[name] = await make(sources);
        foreach (var ffmpeg in Recorder.Releases)
        {
            var all = (from name in ReportSources.All.Keys from container in (string[])["mkv", "mp4", "ts"] select (name, container))
                .ToList();
            var (recorder, stored) = await Recorder.RecordAsync(
                [.. all.Select(each => new Recorded(_sources[each.name], ("Container", each.container)))], ffmpeg, window: 3);
            _recorders.Add(recorder);
            foreach (var (each, one) in all.Zip(stored)) _stored[(each.name, each.container, ffmpeg ?? "")] = one;
        }
    }

    public async Task<(Verdict Verdict, Stored Stored)> JudgeAsync(string report, string container, string ffmpeg)
    {
        var stored = _stored[(report, container, ffmpeg)];
        var verdict = await new SourceJudge()
            .JudgeAsync(_sources[report], stored, new() { Truth = new ReportSources(_folder.Path).Truth(report) });
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{report} {container} {(ffmpeg.Length == 0 ? "PATH" : ffmpeg)}: {verdict.Summary}");
        return (verdict, stored);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var recorder in _recorders) await recorder.DisposeAsync();
        _folder.Dispose();
    }
}
