namespace Crispy.Contracts.Tests;

public class NamesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 1, 234, TimeSpan.Zero);

    [Theory]
    [InlineData("gate", true)]
    [InlineData("gate-2", true)]
    [InlineData("0", true)]
    [InlineData("", false)]
    [InlineData("Gate", false)]
    [InlineData("-gate", false)]
    [InlineData("gate-", false)]
    [InlineData("ga--te", false)]
    [InlineData("gate\n", false)]
    [InlineData("../gate", false)]
    public void Stream_ids_are_safe_everywhere(string id, bool valid) => Assert.Equal(valid, StreamId.IsValid(id));

    [Fact]
    public void A_stream_id_has_at_most_63_characters()
    {
        Assert.True(StreamId.IsValid(new string('a', 63)));
        Assert.False(StreamId.IsValid(new string('a', 64)));
    }

    [Fact]
    public void A_chunk_id_reads_back()
    {
        var id = new ChunkId("gate", Epoch.Name(Noon), 42);
        Assert.Equal("gate/20261122T120001234Z/00000042", id.ToString());
        Assert.True(ChunkId.TryParse(id.ToString(), out var back));
        Assert.Equal(id, back);
    }

    [Theory]
    [InlineData(99_999_999, "99999999")]
    [InlineData(100_000_000, "100000000")]
    [InlineData(ChunkId.MaxSequence, "999999999999999")]
    public void A_number_that_outgrows_its_eight_digits_gets_more(long sequence, string digits)
    {
        var id = new ChunkId("gate", Epoch.Name(Noon), sequence);
        Assert.EndsWith($"/{digits}", id.ToString(), StringComparison.Ordinal);
        Assert.True(ChunkId.TryParse(id.ToString(), out var back) && back == id);
        var name = new ObjectName("gate", Noon, sequence, "mkv");
        Assert.True(ObjectName.TryParse(name.ToString(), out var named) && named == name);
        var loss = new LossObjectName("gate", Noon, sequence);
        Assert.True(LossObjectName.TryParse(loss.ToString(), out var lost) && lost == loss);
    }

    [Theory]
    [InlineData("gate/20261122T120001234Z/42")]
    [InlineData("gate/20261122T120001234Z/000000042")]
    [InlineData("gate/20261122T120001234Z/1000000000000000")]
    [InlineData("gate/20261122T120001234Z/-0000042")]
    [InlineData("gate/20261322T120001234Z/00000042")]
    [InlineData("../20261122T120001234Z/00000042")]
    [InlineData("gate/20261122T120001234Z/00000042/x")]
    [InlineData(null)]
    public void A_malformed_chunk_id_is_refused(string? text) => Assert.False(ChunkId.TryParse(text, out _));

    [Fact]
    public void An_object_name_reads_back()
    {
        var name = new ObjectName("gate-2", Noon, 7, "mkv");
        Assert.Equal("gate-2/2026/11/22/12/20261122T120001234Z-00000007.mkv", name.ToString());
        Assert.True(ObjectName.TryParse(name.ToString(), out var back));
        Assert.Equal(name, back);
    }

    [Theory]
    [InlineData("gate/2026/11/22/13/20261122T120001234Z-00000007.mkv")]
    [InlineData("gate/2026/11/22/12/20261122T120001234Z-00000007.exe")]
    [InlineData("gate/2026/11/22/12/20261122T120001234Z.mkv")]
    [InlineData("/2026/11/22/12/20261122T120001234Z-00000007.mkv")]
    public void Other_objects_are_not_chunks(string name) => Assert.False(ObjectName.TryParse(name, out _));

    [Fact]
    public void Times_of_another_zone_are_named_in_utc() =>
        Assert.Equal("20261122T120001234Z", Epoch.Name(Noon.ToOffset(TimeSpan.FromHours(5))));

    [Fact]
    public void A_loss_records_object_name_reads_back_and_is_no_chunks()
    {
        var name = new LossObjectName("gate", Noon, 42);
        Assert.Equal("gate/_loss/2026/11/22/12/20261122T120001234Z-00000042.json", name.ToString());
        Assert.True(LossObjectName.TryParse(name.ToString(), out var back));
        Assert.Equal(name, back);
        Assert.False(ObjectName.TryParse(name.ToString(), out _));
    }

    [Theory]
    [InlineData("gate/_loss/2026/11/22/13/20261122T120001234Z-00000042.json")]
    [InlineData("gate/2026/11/22/12/20261122T120001234Z-00000042.mkv")]
    [InlineData("gate/_loss/2026/11/22/12/20261122T120001234Z-42.json")]
    [InlineData("../_loss/2026/11/22/12/20261122T120001234Z-00000042.json")]
    [InlineData(null)]
    public void What_is_no_loss_records_name_is_refused(string? text) => Assert.False(LossObjectName.TryParse(text, out _));
}
