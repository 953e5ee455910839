using System.Security.Cryptography;
using System.Text.Json;
using Crispy.ChunkLogger.Verifying;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Tests;

[Trait("Needs", "nothing")]
public sealed class ChainTests : IDisposable
{
    private readonly ManifestSigner _signer = new(SigningKey.NewPrivatePem());
    private readonly ManifestChain _chain = new();

    public void Dispose() => _signer.Dispose();

    [Fact]
    public void Chunks_in_order_are_linked()
    {
        var chunks = Chain(3);
        Assert.Equal([ChainState.First, ChainState.Linked, ChainState.Linked], chunks.Select(Place));
    }

    [Fact]
    public void Chunks_in_any_order_are_never_called_broken()
    {
        var chunks = Chain(6);
        foreach (var at in (int[])[5, 0, 2, 1, 4, 3]) Assert.NotEqual(ChainState.Broken, Place(chunks[at]));
        Assert.Equal(ChainState.Linked, Place(chunks[5]));
    }

    [Fact]
    public void A_manifest_that_was_made_again_breaks_the_chain_whichever_comes_first()
    {
        var chunks = Chain(3);
        var again = Make(1, chunks[1].Manifest.Previous, frames: 51);
        Place(chunks[0]);
        Assert.Equal(ChainState.Linked, Place(again));
        Assert.Equal(ChainState.Broken, Place(chunks[2]));
        Assert.Equal(ChainState.Broken, Place(again));
    }

    [Fact]
    public void A_new_chain_in_a_new_epoch_is_no_break_even_out_of_order()
    {
        foreach (var chunk in Chain(5)) Place(chunk);
        var later = Chain(4, "20261123T000000000Z");
        foreach (var at in (int[])[2, 0, 1, 3]) Assert.NotEqual(ChainState.Broken, Place(later[at]));
        Assert.Equal(ChainState.First, Place(later[0]));
    }

    [Fact]
    public void A_loss_record_holds_its_chunks_place()
    {
        var chunks = Chain(3);
        var lost = chunks[1].Manifest;
        var record = new LossRecord
        {
            Chunk = lost.Chunk, Stream = lost.Stream, Epoch = lost.Epoch, Sequence = lost.Sequence,
            Object = new LossObjectName(lost.Stream, lost.From, lost.Sequence).ToString(),
            From = lost.From, To = lost.To, Reason = LossReason.DroppedOldest, Bytes = lost.Size, Declared = lost.To,
            Previous = lost.Previous,
            Manifest = new(Hash(chunks[1].ManifestBytes), lost.Object, lost.Crc32c),
        };
        Place(chunks[0]);
        Assert.Equal(ChainState.Linked, _chain.Place(record, LossJson.Write(record)));
        Assert.Equal(ChainState.Linked, Place(chunks[2]));
    }

    [Fact]
    public void Only_so_many_links_are_remembered()
    {
        var chain = new ManifestChain(capacity: 10);
        foreach (var chunk in Chain(50)) chain.Place(chunk.Manifest, chunk.ManifestBytes);
        Assert.Equal(10, chain.Count);
    }

    [Fact]
    public async Task The_entry_says_how_the_chunk_stands_in_its_chain_and_a_break_is_an_error()
    {
        await using var site = await Site.StartAsync();
        var media = await Footage.MatroskaAsync();
        var first = Chunk.Make(media, site.Signer);
        var second = Chunk.Make(media, site.Signer, 1, change: manifest => manifest with { Previous = Hash(first.ManifestBytes) });
        var third = Chunk.Make(media, site.Signer, 2, change: manifest => manifest with { Previous = Hash(first.ManifestBytes) });
        foreach (var chunk in (Chunk[])[first, second, third])
            (await site.EventarcAsync(await site.UploadAsync(chunk))).EnsureSuccessStatusCode();
        var entries = site.Entries();
        Assert.Equal(["first INFO", "linked INFO", "broken ERROR"], entries.Select(State));
        Assert.All(entries, entry => Assert.Equal("verified", entry.GetProperty("signature").GetString()));
        Assert.Contains("chunk 2", Assert.Single(entries[2].GetProperty("problems").EnumerateArray()).GetString(),
            StringComparison.Ordinal);
    }

    private ChainState Place(Chunk chunk) => _chain.Place(chunk.Manifest, chunk.ManifestBytes);

    private List<Chunk> Chain(int count, string? epoch = null)
    {
        var chunks = new List<Chunk>();
        for (var at = 0; at < count; at++) chunks.Add(Make(at, at == 0 ? null : Hash(chunks[^1].ManifestBytes), epoch: epoch));
        return chunks;
    }

    private Chunk Make(long sequence, string? previous, long frames = 50, string? epoch = null) =>
        Chunk.Make([1], _signer, sequence, change: manifest => manifest with
    {
        Previous = previous,
        Frames = frames,
        Epoch = epoch ?? manifest.Epoch,
        Chunk = new ChunkId(manifest.Stream, epoch ?? manifest.Epoch, sequence).ToString(),
    });

    private static string State(JsonElement entry) =>
        $"{entry.GetProperty("chain").GetString()} {entry.GetProperty("severity").GetString()}";

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
