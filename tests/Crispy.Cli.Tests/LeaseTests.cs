namespace Crispy.Cli.Tests;

/// <summary>Two recorders that share a stream: each has a chain of its own, and names where the other's ended.</summary>
public sealed class LeaseTests : IDisposable
{
    private readonly DownloadedFolder _folder = new();
    private readonly Recording _north;
    private readonly Recording _south;

    public LeaseTests() => (_north, _south) = (new("gate", _folder.Signer), new("gate", _folder.Signer));

    public void Dispose() => _folder.Dispose();

    // North is killed, south takes over, north has it again, by hand-over.
    private void Record()
    {
        _north.Leased("north", 1).Chunks(4);
        _south.Leased("south", 2, after: _north).Chunks(3, final: true);
        _north.Leased("north", 3, after: _south).Chunks(5, final: true);
    }

    private async Task<(int ExitCode, List<(string Kind, string Message, string? Place)> Findings)> VerifyAsync(params Stored[] without)
    {
        _folder.Write(_north.Objects.Except(without), _south.Objects.Except(without));
        var (exitCode, findings, _) = await Cli.VerifyAsync(_folder.Path, "--keys", _folder.Keys);
        return (exitCode, findings);
    }

    [Fact]
    public async Task Chains_that_take_turns_are_whole_though_one_was_cut_by_a_crash_and_named_by_the_other()
    {
        Record();
        var (exitCode, findings) = await VerifyAsync();
        Assert.Empty(findings);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task A_recorder_that_died_for_good_leaves_an_end_that_the_next_one_vouches_for()
    {
        _north.Leased("north", 1).Chunks(4);
        _south.Leased("south", 2, after: _north).Chunks(3, final: true);
        Assert.Empty((await VerifyAsync()).Findings);
    }

    [Fact]
    public async Task Without_anyone_to_vouch_for_it_an_end_stays_open()
    {
        _north.Leased("north", 1).Chunks(4);
        _south.Leased("south", 2).NewEpoch(TimeSpan.FromMinutes(1)).Chunks(3, final: true);
        Assert.Equal("openEnd", Assert.Single((await VerifyAsync()).Findings).Kind);
    }

    [Fact]
    public async Task The_tail_that_the_next_recorder_names_and_that_is_gone_is_missing()
    {
        _north.Leased("north", 1).Chunks(4);
        _south.Leased("south", 2, after: _north).Chunks(3, final: true);
        var (exitCode, findings) = await VerifyAsync(_north.Objects[^1]);
        Assert.Equal(1, exitCode);
        Assert.Contains(findings,
            finding => finding.Kind == "missing" && finding.Message.Contains(_north.Objects[^1].Chunk, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_missing_is_missing_from_its_own_recorders_chain()
    {
        Record();
        var (_, findings) = await VerifyAsync(_north.Objects[4]);
        var finding = Assert.Single(findings);
        Assert.Equal("missing", finding.Kind);
        Assert.Contains("chunk 4 is missing", finding.Message, StringComparison.Ordinal);
    }
}
