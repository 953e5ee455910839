using System.Security.Cryptography;
using Crispy.Cli.Sources;
using Crispy.Contracts;

namespace Crispy.Cli.Checking;

/// <summary>What one item came to.</summary>
/// <param name="Stream">The stream it belongs to, by its statement or its name.</param>
/// <param name="Link">Its place in the chain; null where nothing readable was stated.</param>
/// <param name="Findings">What is wrong with it.</param>
/// <param name="Content">The SHA-256 that was signed, with the object it was signed for; null where nothing readable was stated.</param>
/// <param name="ActualSha256">What the content really is, where that is something else.</param>
/// <param name="Waits">Whether it waits in a spool for its upload.</param>
internal sealed record CheckedItem(
    string Stream, Link? Link, IReadOnlyList<Finding> Findings, (string Sha256, string Object)? Content = null, string? ActualSha256 = null,
        bool Waits = false);

/// <summary>Holds one item against its own signed statement.</summary>
internal sealed class ItemCheck(ManifestVerifier verifier, bool readsContent)
{
    /// <summary>Checks signature, name and content.</summary>
    public async Task<CheckedItem> CheckAsync(Item item, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var (statement, trouble) = Read(item);
        var stream = statement?.Stream ?? StreamOf(item);
        Finding Found(string kind, string message) => new(kind, stream, message)
        {
            Place = item.Place, Chunk = statement?.Chunk, FromSequence = statement?.Sequence, ToSequence = statement?.Sequence,
        };
        if (statement is null) return new(stream, null, [Found(FindingKind.Unreadable, $"{item.Place}: {trouble}")]);

        var state = verifier.Check(item.Statement!, item.Signature);
        if (state != SignatureState.Verified) findings.Add(Found(Kind(state), $"{item.Place}: {Reason(state)}"));
        if (item.Name is { } name && name != statement.Object)
            findings.Add(Found(FindingKind.Moved, $"{item.Place}: holds chunk {statement.Chunk}, whose place is {statement.Object}"));
        var actual = await ContentAsync(item, statement,
            difference => findings.Add(Found(FindingKind.Altered, $"{item.Place}: {difference}")), cancellation);
        return new(stream, statement.Link with { IsSigned = state == SignatureState.Verified, IsHeld = item.IsHeld }, findings,
            (statement.Sha256, statement.Object), actual);
    }

    /// <returns>What the content really is, where it was read and is not what was signed.</returns>
    private async Task<string?> ContentAsync(Item item, Stated stated, Action<string> differs, CancellationToken cancellation)
    {
        var difference = item.Size is { } size && size != stated.Size ? $"has {size} bytes, {stated.Size} were signed"
            : item.Crc32c is { } crc && stated.Crc32c is { } signed && crc != signed ? $"has the CRC32C {crc}, {signed} was signed"
            : null;
        string? actual = null;
        if (readsContent && item.CopyToAsync is { } copy)
        {
            await using var hashing = new HashingStream();
            await copy(hashing, cancellation);
            // What was lost on the way says nothing about the object.
            if (item.Size is { } told && hashing.Length != told)
                throw new SourceException($"{item.Place}: {hashing.Length} of its {told} bytes came");
            if (hashing.Sha256 != stated.Sha256) actual = hashing.Sha256;
            if (actual is not null) difference ??= hashing.Length != stated.Size
                ? $"has {hashing.Length} bytes, {stated.Size} were signed"
                : "its bytes are not those that were signed";
        }
        if (difference is not null) differs(difference);
        return actual;
    }

    private static (Stated? Statement, string? Trouble) Read(Item item)
    {
        if (item.Statement is not { } bytes) return (null, item.IsLoss ? "there is no loss record" : "there is no manifest");
        try
        {
            return (item.IsLoss
                ? OfLoss(LossJson.Read(bytes), bytes, item.Place)
                : OfChunk(ManifestJson.Read(bytes), bytes, item.Place), null);
        }
        catch (FormatException malformed)
        {
            return (null, malformed.Message);
        }
    }

    private static Stated OfChunk(ChunkManifest manifest, byte[] bytes, string place) =>
        new(manifest.Object, manifest.Size, manifest.Sha256, manifest.Crc32c,
        new(manifest.Stream, manifest.Chunk, manifest.Sequence, manifest.Epoch, Hash(bytes), manifest.Previous,
            manifest.From, manifest.To, place)
        {
            IsFinal = manifest.Flags.Contains(ChunkFlag.Final),
            Spool = manifest.Lease?.Spool,
            After = manifest.Lease?.After,
        });

    // A loss record's object holds the record itself.
    private static Stated OfLoss(LossRecord record, byte[] bytes, string place) => new(record.Object, bytes.Length, Hash(bytes), null,
        new(record.Stream, record.Chunk, record.Sequence, record.Epoch, record.Manifest?.Sha256 ?? Hash(bytes), record.Previous,
            record.From, record.To, place)
        {
            LossReason = record.Reason,
            IsOwnHash = record.Manifest is null,
        });

    private static string StreamOf(Item item) =>
        ObjectName.TryParse(item.Name, out var chunk) ? chunk.Stream : LossObjectName.TryParse(item.Name, out var loss)
        ? loss.Stream
        : item.Name?.Split('/')[0] ?? "";

    /// <summary>The finding that a bad signature is.</summary>
    public static string Kind(SignatureState state) => state switch
    {
        SignatureState.Missing => FindingKind.Unsigned,
        SignatureState.UnknownKey => FindingKind.UnknownKey,
        _ => FindingKind.Forged,
    };

    private static string Reason(SignatureState state) => state switch
    {
        SignatureState.Missing => "there is no signature",
        SignatureState.UnknownKey => "signed by a key that is not among the given ones",
        _ => "the signature was not made over this manifest",
    };

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private sealed record Stated(string Object, long Size, string Sha256, string? Crc32c, Link Link)
    {
        public string Stream => Link.Stream;

        public string Chunk => Link.Chunk;

        public long Sequence => Link.Sequence;
    }
}
