using System.Diagnostics;
using Crispy.Contracts;
using Crispy.Spool;
using Crispy.StreamHandle.Measuring;

namespace Crispy.StreamHandle.Spooling;

/// <summary>A segment with what is said of it for good: the manifest of its chunk, or the record of its loss.</summary>
internal sealed class SegmentStatement
{
    private SegmentStatement(ReadSegment read, byte[] bytes) => (Read, Bytes) = (read, bytes);

    /// <summary>The segment.</summary>
    public ReadSegment Read { get; }

    /// <summary>Exact bytes of the manifest or record.</summary>
    public byte[] Bytes { get; }

    /// <summary>The chunk's manifest; null where it is lost.</summary>
    public ChunkManifest? Manifest { get; private init; }

    /// <summary>Over the manifest; empty where it is lost: the spool signs that.</summary>
    public string Signature { get; private init; } = "";

    /// <summary>The record of its loss; null where it becomes a chunk.</summary>
    public LossRecord? Loss { get; private init; }

    /// <summary>A segment that becomes a chunk.</summary>
    public static SegmentStatement Chunk(ReadSegment read, ChunkManifest manifest, ManifestSigner signer)
    {
        var bytes = ManifestJson.Write(manifest);
        read.Capture?.SetTag("crispy.chunk", manifest.Chunk).SetTag("crispy.frames", read.Facts.Frames)
            .SetTag("crispy.bytes", read.Facts.Size);
        return new(read, bytes) { Manifest = manifest, Signature = signer.Sign(bytes) };
    }

    /// <summary>A segment that cannot be kept.</summary>
    public static SegmentStatement Lost(ReadSegment read, LossRecord loss) => new(read, LossJson.Write(loss)) { Loss = loss };

    /// <summary>The journal after it.</summary>
    public StreamJournal After(StreamJournal journal) =>
        (Loss is { } loss ? journal.After(loss, Bytes) : journal.After(Manifest!, Bytes)).WithSegment(Read.Segment.Index);

    /// <summary>What the spool gets.</summary>
    public SegmentToStore ToStore()
    {
        IDisposable? Span() => Telemetry.Source.StartActivity("chunk spool", ActivityKind.Internal, Read.Capture?.Context ?? default);
        return Loss is { } loss
            ? SegmentToStore.Lost(Read.Segment.Path, loss, Bytes, Span)
            : SegmentToStore.Chunk(Read.Segment.Path, Manifest!, Bytes, Signature, Span);
    }
}
