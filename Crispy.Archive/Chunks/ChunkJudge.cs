using System.Text.Json;
using Crispy.Archive.Retaining;
using Crispy.Archive.Listing;
using Crispy.Contracts;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Chunks;

/// <summary>Tells what an object is, and whether it can be believed, by its name and metadata alone.</summary>
internal sealed class ChunkJudge(ManifestVerifier verifier)
{
    /// <returns>Null where the object is neither a chunk nor a loss record by its name.</returns>
    public ArchivedChunk? Judge(GcsObject found)
    {
        var judged = ObjectName.TryParse(found.Name, out var name) ? Chunk(found, name)
            : LossObjectName.TryParse(found.Name, out var loss) ? Loss(found, loss) : null;
        return judged is null || !found.IsHeld() ? judged : judged with { Held = true, HoldNote = HoldMetadata.NoteOf(found) };
    }

    /// <summary>The statement that was signed for it: its manifest or its loss record; null where there is none that is JSON.</summary>
    public static JsonElement? Statement(GcsObject found)
    {
        var bytes = ChunkMetadata.ManifestBytes(found.Metadata) ?? LossMetadata.RecordBytes(found.Metadata);
        try
        {
            return bytes is null ? null : JsonElement.Parse(bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private ArchivedChunk Chunk(GcsObject found, ObjectName name)
    {
        var bytes = ChunkMetadata.ManifestBytes(found.Metadata);
        var manifest = ObjectReading.ManifestOrNull(bytes);
        var signature = Check(bytes, found, () => manifest is not null && IsOfThisObject(found, manifest, bytes!));
        if (manifest is null || manifest.Object != found.Name) return new()
        {
            Chunk = found.Told(ChunkMetadata.Chunk) ?? "", Stream = name.Stream, Epoch = "", Sequence = name.Sequence, Object = found.Name,
            From = name.FirstFrame, To = name.FirstFrame, Container = name.Extension, Size = (long?)found.Size,
            State = ArchiveState.Stored, Signature = signature,
        };
        return new()
        {
            Chunk = manifest.Chunk, Stream = manifest.Stream, Epoch = manifest.Epoch, Sequence = manifest.Sequence,
            Object = manifest.Object, From = manifest.From, To = manifest.To,
            Duration = manifest.Duration, Frames = manifest.Frames, Fps = manifest.Fps, Width = manifest.Width, Height = manifest.Height,
            Codec = manifest.Codec, Container = manifest.Container,
            Size = (long?)found.Size ?? manifest.Size, State = ArchiveState.Stored, Signature = signature,
            Clock = manifest.Clock, Flags = manifest.Flags,
            Rotation = manifest.Rotation, Sar = manifest.Sar,
        };
    }

    private ArchivedChunk Loss(GcsObject found, LossObjectName name)
    {
        var bytes = LossMetadata.RecordBytes(found.Metadata);
        var record = ObjectReading.RecordOrNull(bytes);
        var signature = Check(bytes, found,
            () => record is not null && record.Object == found.Name && (found.Size is null || (long)found.Size == bytes!.Length));
        var believed = record?.Object == found.Name ? record : null;
        return new()
        {
            Chunk = believed?.Chunk ?? found.Told(LossMetadata.Loss) ?? "", Stream = name.Stream, Epoch = believed?.Epoch ?? "",
            Sequence = name.Sequence, Object = found.Name,
            From = believed?.From ?? name.From, To = believed?.To ?? name.From, Frames = believed?.Frames, Size = believed?.Bytes,
            State = ArchiveState.Lost,
            Reason = believed?.Reason ?? "unreadable", Signature = signature,
        };
    }

    private SignatureState Check(byte[]? statement, GcsObject found, Func<bool> isOfThisObject)
    {
        var signature = found.Told(ChunkMetadata.Signature);
        if (statement is null) return signature is null ? SignatureState.Missing : SignatureState.Invalid;
        var state = verifier.Check(statement, signature);
        // A good signature over a statement of something else is no signature of this.
        return state == SignatureState.Verified && !isOfThisObject() ? SignatureState.Invalid : state;
    }

    private static bool IsOfThisObject(GcsObject found, ChunkManifest manifest, byte[] bytes) =>
        manifest.Object == found.Name
        && (found.Size is null || (long)found.Size == manifest.Size)
        && (found.Crc32c is null || found.Crc32c == manifest.Crc32c)
        && ChunkMetadata.For(manifest, bytes, "", null)
        .All(pair => pair.Key == ChunkMetadata.Signature || found.Told(pair.Key) is not { } told || told == pair.Value);
}
