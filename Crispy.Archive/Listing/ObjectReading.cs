using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Crispy.Contracts;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Listing;

/// <summary>Reads what is remembered of an object out of its name and metadata; nothing is downloaded.</summary>
internal sealed class ObjectReading
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<VideoShape, VideoShape> _shapes = [];

    /// <returns>Null where the object is neither a chunk nor a loss record by its name.</returns>
    public Recorded? Read(GcsObject found)
    {
        if (ObjectName.TryParse(found.Name, out var name)) return Chunk(found, name);
        return LossObjectName.TryParse(found.Name, out var loss) ? Loss(found, loss) : null;
    }

    private Recorded Chunk(GcsObject found, ObjectName name)
    {
        var bytes = ChunkMetadata.ManifestBytes(found.Metadata);
        var manifest = ManifestOrNull(bytes);
        // Where the manifest is of another object, only the name is believed.
        if (manifest is null || manifest.Object != found.Name)
            return Unreadable(found, ArchiveState.Stored, name.FirstFrame, name.Sequence, new(name.Extension, "", 0, 0));
        return new()
        {
            State = ArchiveState.Stored,
            From = manifest.From,
            To = manifest.To > manifest.From ? manifest.To : manifest.From,
            Sequence = manifest.Sequence,
            Epoch = Shared(manifest.Epoch),
            Spool = Shared(manifest.Lease?.Spool),
            Duration = manifest.Duration,
            Clock = Shared(manifest.Clock.Source),
            Shape = Shared(
                new VideoShape(manifest.Container, manifest.Codec, manifest.Width, manifest.Height, manifest.Rotation ?? 0, manifest.Sar)),
            Size = (long?)found.Size ?? manifest.Size,
            Generation = found.Generation ?? 0,
            Arrived = found.TimeCreatedDateTimeOffset,
            Hash = HashStart(bytes!),
            Previous = HashStart(manifest.Previous),
            ClockStep = manifest.Seam is { Kind: ChunkSeam.ClockSetBack or ChunkSeam.ClockSetForward } step ? (float)step.Seconds : 0,
            NoLeadingKeyframe = manifest.Flags.Contains(ChunkFlag.NoLeadingKeyframe),
            Held = found.IsHeld(),
        };
    }

    private Recorded Loss(GcsObject found, LossObjectName name)
    {
        var bytes = LossMetadata.RecordBytes(found.Metadata);
        var record = RecordOrNull(bytes);
        if (record is null || record.Object != found.Name)
            return Unreadable(found, ArchiveState.Lost, name.From, name.Sequence, null) with { Reason = "unreadable" };
        return new()
        {
            State = ArchiveState.Lost,
            From = record.From,
            To = record.To,
            Sequence = record.Sequence,
            Epoch = Shared(record.Epoch),
            Reason = Shared(record.Reason),
            Size = (long?)found.Size ?? 0,
            Generation = found.Generation ?? 0,
            Held = found.IsHeld(),
            Hash = record.Manifest is { } manifest ? HashStart(manifest.Sha256) : HashStart(bytes!),
            Previous = HashStart(record.Previous),
        };
    }

    private static Recorded Unreadable(GcsObject found, ArchiveState state, DateTimeOffset from, long sequence, VideoShape? shape) => new()
    {
        State = state, From = from, To = from, Sequence = sequence, Epoch = "", Shape = shape, Size = (long?)found.Size ?? 0,
        Generation = found.Generation ?? 0,
        Arrived = found.TimeCreatedDateTimeOffset, Held = found.IsHeld(),
    };

    public static ChunkManifest? ManifestOrNull(byte[]? bytes)
    {
        try
        {
            return bytes is null ? null : ManifestJson.Read(bytes);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public static LossRecord? RecordOrNull(byte[]? bytes)
    {
        try
        {
            return bytes is null ? null : LossJson.Read(bytes);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static ulong HashStart(byte[] statement) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(statement));

    private static ulong HashStart(string? hash) =>
        hash is { Length: >= 16 }
        && ulong.TryParse(hash.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var start) ? start : 0;

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    private string? Shared(string? text)
    {
        if (text is null) return null;
        return _texts.TryGetValue(text, out var known) ? known : _texts[text] = text;
    }

    private VideoShape Shared(VideoShape shape) => _shapes.TryGetValue(shape, out var known) ? known : _shapes[shape] = shape;
}
