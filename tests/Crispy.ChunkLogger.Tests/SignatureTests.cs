using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Tests;

public sealed class SignatureTests
{
    [Theory]
    [InlineData("manifest")]
    [InlineData("signature")]
    [InlineData("duration")]
    [InlineData("manifest is no JSON")]
    public async Task Tampered_metadata_is_an_error(string what)
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        var entry = await LogAsync(site, chunk, metadata =>
        {
            switch (what)
            {
                case "manifest":
                    metadata[ChunkMetadata.Manifest] = Encode(Encoding.UTF8.GetString(chunk.ManifestBytes)
                        .Replace("\"frames\":50", "\"frames\":51", StringComparison.Ordinal));
                    break;
                case "manifest is no JSON":
                    metadata[ChunkMetadata.Manifest] = Encode("nothing");
                    break;
                case "signature":
                    metadata[ChunkMetadata.Signature] = chunk.Signature[..^4] + "AAAA";
                    break;
                default:
                    metadata[ChunkMetadata.Duration] = "9";
                    break;
            }
        });
        Assert.Equal(("invalid", "ERROR"), State(entry));
        Assert.NotEmpty(entry.GetProperty("problems").EnumerateArray());
    }

    [Fact]
    public async Task A_key_that_is_not_ours_is_an_error()
    {
        await using var site = await Site.StartAsync();
        using var foreigner = new ManifestSigner(SigningKey.NewPrivatePem());
        var entry = await LogAsync(site, Chunk.Make(await Footage.MatroskaAsync(), foreigner));
        Assert.Equal(("unknownKey", "ERROR"), State(entry));
        Assert.Equal("unknown", entry.GetProperty("chain").GetString());
    }

    [Fact]
    public async Task Any_of_several_public_keys_verifies()
    {
        using var older = new ManifestSigner(SigningKey.NewPrivatePem());
        using var newer = new ManifestSigner(SigningKey.NewPrivatePem());
        await using var site = await Site.StartAsync(new() { ["Crispy:Signing:PublicKeys"] = older.PublicPem + "\n" + newer.PublicPem });
        Assert.Equal(("verified", "INFO"), State(await LogAsync(site, Chunk.Make(await Footage.MatroskaAsync(), older, sequence: 1))));
        Assert.Equal(("verified", "INFO"), State(await LogAsync(site, Chunk.Make(await Footage.MatroskaAsync(), newer, sequence: 3))));
    }

    [Fact]
    public async Task A_chunk_without_signature_is_a_warning()
    {
        await using var site = await Site.StartAsync();
        var entry = await LogAsync(site, Chunk.Make(await Footage.MatroskaAsync(), site.Signer),
            metadata => metadata.Remove(ChunkMetadata.Signature));
        Assert.Equal(("missing", "WARNING"), State(entry));
        Assert.Equal(50, entry.GetProperty("frames").GetInt64());
    }

    [Fact]
    public async Task An_object_with_a_chunks_name_and_no_manifest_is_logged_with_what_its_media_says()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        var entry = await LogAsync(site, chunk, metadata => metadata.Clear());
        Assert.Equal(("missing", "WARNING"), State(entry));
        Assert.Equal(240, entry.GetProperty("resolution").GetProperty("height").GetInt32());
        Assert.StartsWith($"{Site.Bucket}/{chunk.Name}#", entry.GetProperty("logging.googleapis.com/insertId").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_true_signature_on_other_media_is_an_error()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        var stored = await site.UploadAsync(chunk.Name, await Footage.GreyAsync(), chunk.Metadata);
        await site.EventarcAsync(stored);
        Assert.Equal(("invalid", "ERROR"), State(Assert.Single(site.Entries())));
    }

    [Fact]
    public async Task An_event_that_lies_about_the_media_is_not_believed()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        var stored = await site.UploadAsync(chunk.Name, await Footage.GreyAsync(), chunk.Metadata);
        (stored.Size, stored.Crc32c) = ((ulong)chunk.Manifest.Size, chunk.Manifest.Crc32c);
        await site.EventarcAsync(stored);
        Assert.Equal(("invalid", "ERROR"), State(Assert.Single(site.Entries())));
    }

    [Fact]
    public async Task A_true_signature_under_another_name_is_an_error()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        await site.EventarcAsync(await site.UploadAsync("copies/of/it.mkv", chunk.Media, chunk.Metadata));
        Assert.Equal(("invalid", "ERROR"), State(Assert.Single(site.Entries())));
    }

    [Fact]
    public async Task A_signature_under_the_name_of_a_known_key_that_did_not_make_it_is_invalid()
    {
        await using var site = await Site.StartAsync();
        using var foreigner = new ManifestSigner(SigningKey.NewPrivatePem());
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), foreigner);
        var header = site.Signer.Sign(chunk.ManifestBytes).Split("..")[0];
        var entry = await LogAsync(site, chunk,
            metadata => metadata[ChunkMetadata.Signature] = $"{header}..{chunk.Signature.Split("..")[1]}");
        Assert.Equal(("invalid", "ERROR"), State(entry));
    }

    private static async Task<JsonElement> LogAsync(Site site, Chunk chunk, Action<Dictionary<string, string>>? tamper = null)
    {
        using var answer = await site.EventarcAsync(await site.UploadAsync(chunk, tamper));
        Assert.True(answer.IsSuccessStatusCode);
        return site.Entries()[^1];
    }

    private static (string?, string?) State(JsonElement entry) =>
        (entry.GetProperty("signature").GetString(), entry.GetProperty("severity").GetString());

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
