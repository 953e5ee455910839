using System.Runtime.CompilerServices;
using Crispy.Cli.Checking;
using Crispy.Cli.Reporting;
using Crispy.Cli.Sources;
using Crispy.Contracts;

namespace Crispy.Cli.Tests;

/// <summary>verify while a recorder goes on: what is on its way is no finding, what is gone is one.</summary>
public sealed class LiveVerifyTests : IDisposable
{
    private readonly DownloadedFolder _folder = new();
    private readonly TempFolder _spool = new();

    public void Dispose()
    {
        _folder.Dispose();
        _spool.Dispose();
    }

    [Theory]
    [InlineData(1, "1 chunk on its way")]
    [InlineData(3, "3 chunks on their way")]
    [InlineData(0, "none on its way")]
    public async Task Chunks_that_wait_are_counted_apart_and_the_open_end_is_none(int waiting, string told)
    {
        var gate = new Recording("gate", _folder.Signer).Chunks(6);
        _folder.Write(gate.Objects.Take(6 - waiting));
        SpooledChunks.Write(_spool.Path, "gate", gate.Objects.Skip(6 - waiting), gate.Next, gate.Previous);
        using var held = Hold();
        var live = await Cli.RunAsync("verify", _folder.Path, _spool.Path, "--keys", _folder.Keys);
        Assert.Equal((0, $"streams=1 chunks=6 losses=0 findings=0: all is well; recording still: {told}"),
            (live.ExitCode, live.Output.TrimEnd().Split('\n')[^1]));
        var (exitCode, findings, report) = await Cli.VerifyAsync(_folder.Path, _spool.Path, "--keys", _folder.Keys);
        Assert.Equal((0, true, waiting),
            (exitCode, report.GetProperty("recording").GetBoolean(), report.GetProperty("streams")[0].GetProperty("onTheirWay")
            .GetInt32()));
        Assert.Empty(findings);
    }

    [Fact]
    public async Task Without_a_recorder_nothing_is_said_of_one()
    {
        var gate = new Recording("gate", _folder.Signer).Chunks(3, final: true);
        _folder.Write(gate.Objects);
        File.WriteAllText(Path.Combine(_folder.Path, ".lock"), "");
        var (exitCode, _, report) = await Cli.VerifyAsync(_folder.Path, "--keys", _folder.Keys);
        Assert.Equal((0, false), (exitCode, report.TryGetProperty("recording", out _)));
    }

    [Fact]
    public async Task A_chunk_between_its_number_and_its_place_is_waited_for()
    {
        var gate = new Recording("gate", _folder.Signer).Chunks(6);
        var report = await VerifyAsync(gate, end: 5, [gate.Objects[..5], gate.Objects[..5], gate.Objects]);
        Assert.True(report is { Ok: true, Recording: true }, Text(report));
        Assert.Equal(6, report.Streams[0].Chunks);
    }

    [Fact]
    public async Task Chunks_that_arrive_out_of_their_order_are_waited_for_and_later_ones_are_not()
    {
        var gate = new Recording("gate", _folder.Signer).Chunks(9);
        // 4 is stored before 3; then 7 before 5 and 6, which never come while this is looked at.
        var first = gate.Objects[..3].Append(gate.Objects[4]).ToList();
        var second = gate.Objects[..5].Append(gate.Objects[7]).ToList();
        var report = await VerifyAsync(gate, end: 2, [first, second, second]);
        Assert.True(report.Ok, Text(report));
        Assert.Equal(5, report.Streams[0].Chunks);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    [InlineData(5)]
    public async Task A_chunk_that_does_not_come_is_missing_also_at_the_tail_of_what_stands_still(int gone)
    {
        var gate = new Recording("gate", _folder.Signer).Chunks(6);
        var there = gate.Objects.Where(stored => stored.Sequence != gone).ToList();
        var report = await VerifyAsync(gate, end: 5, [there]);
        var finding = Assert.Single(report.Streams.SelectMany(stream => stream.Findings), finding => finding.Kind != "openEnd");
        Assert.Equal(("missing", gone, gone), (finding.Kind, finding.FromSequence, finding.ToSequence));
        Assert.Equal(1, report.ExitCode);
    }

    [Fact]
    public async Task A_stream_that_has_begun_since_is_no_finding()
    {
        var gate = new Recording("gate", _folder.Signer).Chunks(3, final: true);
        var yard = new Recording("yard", _folder.Signer).Chunks(2);
        var report = await VerifyAsync([.. gate.Objects, .. yard.Objects], asked =>
            asked == 0 ? [End("gate", gate, 2)] : [End("gate", gate, 2), End("yard", yard, 1)]);
        Assert.True(report.Ok, Text(report));
        Assert.Equal(["gate", "yard"], report.Streams.Select(stream => stream.Stream));
    }

    [Fact]
    public async Task A_changed_byte_is_found_at_once()
    {
        var gate = new Recording("gate", _folder.Signer).Chunks(3);
        gate.Objects[1] = gate.Objects[1] with { Content = [.. gate.Objects[1].Content.Select((one, index) =>
            index == 500 ? (byte)~one : one)] };
        var report = await VerifyAsync(gate, end: 2, [gate.Objects]);
        Assert.Equal("altered", Assert.Single(report.Streams.SelectMany(stream => stream.Findings)).Kind);
    }

    private FileStream Hold() => new(Path.Combine(_folder.Path, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private Task<VerifyReport> VerifyAsync(Recording recording, int end, IReadOnlyList<IReadOnlyList<Stored>> looks) =>
        VerifyAsync(looks, _ => [End("gate", recording, end)]);

    private Task<VerifyReport> VerifyAsync(IReadOnlyList<Stored> there, Func<int, IReadOnlyList<KnownEnd>> ends) =>
        VerifyAsync([there], ends);

    private async Task<VerifyReport> VerifyAsync(IReadOnlyList<IReadOnlyList<Stored>> looks, Func<int, IReadOnlyList<KnownEnd>> ends)
    {
        using var verifier = new ManifestVerifier(_folder.Signer.PublicPem);
        using var source = new Looked(looks, ends);
        var options = new VerificationOptions { Sources = [source], IsRecording = true, Patience = TimeSpan.FromSeconds(2) };
        return await new Verification(options, verifier, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);
    }

    private static KnownEnd End(string stream, Recording recording, int index) =>
        new(stream, recording.Objects[index].Sequence, Recording.Hash(ChunkMetadata.ManifestBytes(recording.Objects[index].Metadata)!),
            "the journal");

    private static string Text(VerifyReport report)
    {
        using var text = new StringWriter();
        TextReport.Write(report, text);
        return text.ToString();
    }

    /// <summary>A place that holds something else at each look; after the last one it stays as it is.</summary>
    private sealed class Looked(IReadOnlyList<IReadOnlyList<Stored>> looks, Func<int, IReadOnlyList<KnownEnd>> ends) : Source
    {
        private int _looks;
        private int _asked;

        public override async IAsyncEnumerable<Item> ItemsAsync([EnumeratorCancellation] CancellationToken cancellation)
        {
            await Task.CompletedTask;
            foreach (var stored in looks[Math.Min(_looks++, looks.Count - 1)])
                yield return Item.OfObject(stored.Name, stored.Name, stored.Metadata)! with { CopyToAsync = async (destination, token) =>
                    await destination.WriteAsync(stored.Content, token) };
        }

        public override IEnumerable<KnownEnd> KnownEnds() => ends(_asked++);
    }
}
