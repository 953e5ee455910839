using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Crispy.Contracts;

namespace Crispy.Cli.Tests;

/// <summary>An object as upload-worker would have stored it.</summary>
internal sealed record Stored(string Name, byte[] Content, Dictionary<string, string> Metadata, string Chunk, long Sequence);

/// <summary>Records chunks of one stream as stream-handle does: numbers and hashes run through all epochs.</summary>
internal sealed class Recording(string stream, ManifestSigner signer)
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 17, 8, 44, 123, TimeSpan.Zero);

    private long _next;
    private ChunkLease? _lease;
    private string? _previous;
    private string? _epoch;

    /// <summary>When the next chunk begins.</summary>
    public DateTimeOffset At { get; private set; } = Start;

    public List<Stored> Objects { get; } = [];

    /// <summary>The last manifest's hash, as the journal holds it.</summary>
    public string? Previous => _previous;

    public long Next => _next;

    /// <summary>The source comes back after a while: a new epoch of the same chain.</summary>
    public Recording NewEpoch(TimeSpan after)
    {
        At += after;
        _epoch = null;
        return this;
    }

    /// <summary>The stream is leased from now on, after somebody else had it or for the first time.</summary>
    public Recording Leased(string spool, long token, Recording? after = null)
    {
        At = after is null ? At : after.At.AddSeconds(6);
        _epoch = null;
        _lease = new(spool, token, after is null ? null : new(after.Objects[^1].Chunk, after.Previous!));
        return this;
    }

    /// <summary>The spool is new: a chain of its own, in a new epoch.</summary>
    public Recording NewSpool(TimeSpan after)
    {
        (_next, _previous) = (0, null);
        return NewEpoch(after);
    }

    /// <summary>As a stream that has long been recorded: the next chunk has this number, and a chunk before it.</summary>
    public Recording From(long sequence)
    {
        (_next, _previous) = (sequence, new string('0', 64));
        return this;
    }

    /// <summary>Records chunks; the last one may be marked final.</summary>
    public Recording Chunks(int count, bool final = false)
    {
        for (var index = 0; index < count; index++) Add(final && index == count - 1);
        return this;
    }

    /// <summary>A segment without a single picture: its loss record holds its place.</summary>
    public Recording Unusable()
    {
        var id = NextId();
        var record = new LossRecord
        {
            Chunk = id.ToString(), Stream = stream, Epoch = id.Epoch, Sequence = id.Sequence,
            Object = new LossObjectName(stream, At, id.Sequence).ToString(),
            From = At, To = At.AddSeconds(3), Reason = LossReason.Unusable, Bytes = 10, Declared = At.AddSeconds(4), Previous = _previous,
        };
        var bytes = LossJson.Write(record);
        Store(record.Object, bytes, LossMetadata.For(record, bytes, signer.Sign(bytes), null), id, bytes);
        return this;
    }

    /// <summary>The last chunk had a manifest already, and had to go for want of room.</summary>
    public Recording DropLast()
    {
        var last = Objects[^1];
        var bytes = ChunkMetadata.ManifestBytes(last.Metadata)!;
        var manifest = ManifestJson.Read(bytes);
        var record = new LossRecord
        {
            Chunk = manifest.Chunk, Stream = stream, Epoch = manifest.Epoch, Sequence = manifest.Sequence,
            Object = new LossObjectName(stream, manifest.From, manifest.Sequence).ToString(),
            From = manifest.From, To = manifest.To, Reason = LossReason.DroppedOldest, Frames = manifest.Frames, Bytes = manifest.Size,
            Declared = manifest.To.AddMinutes(1),
            Manifest = new(Hash(bytes), manifest.Object, manifest.Crc32c), Previous = manifest.Previous,
        };
        var written = LossJson.Write(record);
        Objects[^1] =
            new(record.Object, written, LossMetadata.For(record, written, signer.Sign(written), null), manifest.Chunk, manifest.Sequence);
        return this;
    }

    public static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string Crc32c(byte[] content)
    {
        var crc = uint.MaxValue;
        foreach (var one in content) crc = BitOperations.Crc32C(crc, one);
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ~crc);
        return Convert.ToBase64String(bytes);
    }

    private void Add(bool final)
    {
        var id = NextId();
        var content = RandomNumberGenerator.GetBytes(1000 + (int)id.Sequence);
        var manifest = new ChunkManifest
        {
            Chunk = id.ToString(), Stream = stream, Epoch = id.Epoch, Sequence = id.Sequence,
            Object = new ObjectName(stream, At, id.Sequence, "mkv").ToString(),
            From = At, To = At.AddSeconds(3), Duration = TimeSpan.FromSeconds(3), Frames = 90, Keyframes = 3, Fps = 30, Width = 320,
            Height = 240, Channels = 3, Codec = "h264",
            Container = "mkv", Size = content.Length, Sha256 = Hash(content), Crc32c = Crc32c(content), Clock = new(ChunkClock.Arrival),
            Flags = final ? [ChunkFlag.Final] : [], Previous = _previous, Lease = _lease,
        };
        _lease = _lease is null ? null : _lease with { After = null };
        var bytes = ManifestJson.Write(manifest);
        Store(manifest.Object, content, ChunkMetadata.For(manifest, bytes, signer.Sign(bytes), null), id, bytes);
    }

    private ChunkId NextId() => new(stream, _epoch ??= Epoch.Name(At), _next);

    private void Store(string name, byte[] content, Dictionary<string, string> metadata, ChunkId id, byte[] statement)
    {
        Objects.Add(new(name, content, metadata, id.ToString(), id.Sequence));
        (_previous, _next, At) = (Hash(statement), _next + 1, At.AddSeconds(3));
    }
}
