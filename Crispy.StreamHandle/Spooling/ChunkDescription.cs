using System.Globalization;
using System.Text.Json;
using Crispy.Contracts;
using Crispy.Muxing.Cutting;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Timing;

namespace Crispy.StreamHandle.Spooling;

/// <summary>Says in a manifest what a chunk is.</summary>
internal sealed class ChunkDescription(StreamOptions stream)
{
    /// <summary>Two times rounded to Matroska's milliseconds, and a frame's length that the file's reader must guess.</summary>
    private static readonly TimeSpan MostRounding = TimeSpan.FromMilliseconds(3);

    /// <summary>The manifest of a chunk.</summary>
    /// <param name="read">Its segment.</param>
    /// <param name="id">Its id.</param>
    /// <param name="placement">When it was filmed.</param>
    /// <param name="previous">SHA-256 of the link before it; null for the first.</param>
    /// <param name="lease">Under which lease it was recorded; null without leases.</param>
    public ChunkManifest Manifest(ReadSegment read, ChunkId id, Placement placement, string? previous, ChunkLease? lease)
    {
        var (facts, cut) = (read.Facts, read.Segment.Cut);
        var duration = Instants.RoundToMicrosecond(read.Length);
        var contradiction = Contradiction(read);
        var manifest = new ChunkManifest
        {
            Chunk = id.ToString(),
            Stream = id.Stream,
            Epoch = id.Epoch,
            Sequence = id.Sequence,
            Object = new ObjectName(id.Stream, placement.From, id.Sequence, read.Container).ToString(),
            From = placement.From,
            To = placement.To,
            Duration = duration,
            Frames = facts.Frames,
            Keyframes = facts.Keyframes,
            Fps = duration > TimeSpan.Zero ? RoundedRate(read.Shown / duration.TotalSeconds) : 0,
            Width = facts.Video!.Width,
            Height = facts.Video.Height,
            Channels = facts.Video.Channels,
            Codec = facts.Video.Codec,
            Container = read.Container,
            Size = facts.Size,
            Sha256 = facts.Sha256,
            Crc32c = facts.Crc32cBase64,
            Clock = placement.Clock,
            Flags = Flags(read, placement, contradiction is not null),
            BitDepth = facts.Video.BitDepth,
            Chroma = facts.Video.Chroma,
            UnknownEnd = cut is { EndIsKnown: true } ? null : true,
            Contradiction = contradiction,
            Previous = previous,
            Lease = lease,
            Traceparent = read.Capture?.Id,
        };
        return cut is null ? manifest : WithCut(manifest, cut);
    }

    // What only the cutter saw of the pictures and their times.
    private static ChunkManifest WithCut(ChunkManifest manifest, CutChunk cut) => manifest with
    {
        Variable = cut.IsVariable ? true : null,
        Rotation = cut.Rotation != 0 ? cut.Rotation : null,
        Sar = cut.PixelWidth != cut.PixelHeight ? $"{cut.PixelWidth}:{cut.PixelHeight}" : null,
        FieldOrder = cut.FieldOrder,
        LeadingPictures = cut.LeadingPictures > 0 ? cut.LeadingPictures : null,
        RecoveryPictures = cut.RecoveryPictures > 0 ? cut.RecoveryPictures : null,
        Hidden = cut.HiddenPictures > 0 ? new(cut.HiddenPictures, Instants.Seconds(cut.Hidden)) : null,
        Holes = cut.Holes.Count > 0 ? [.. cut.Holes.Select(Told)] : null,
        Times = cut.Times switch { TimeBasis.Declared => "declared", TimeBasis.Arrival => "arrival", _ => null },
        UntimedPictures = cut is { Times: TimeBasis.Source, UntimedPictures: > 0 } ? cut.UntimedPictures : null,
        LateSound = cut.LateSound > 0 ? cut.LateSound : null,
        Seam = cut.Seam is { } seam
            ? new(JsonNamingPolicy.CamelCase.ConvertName(seam.Kind.ToString()), Instants.Seconds(seam.By))
            : null,
    };

    private static IReadOnlyList<decimal> Told(Hole hole) => [Instants.Seconds(hole.At), Instants.Seconds(hole.Length)];

    private static double RoundedRate(double rate) => Math.Round(rate, rate < 1 ? 6 : 3);

    // The file is read as anybody else would read it: what it says must be what was written.
    private static string? Contradiction(ReadSegment read)
    {
        if (read.Segment.Cut is not { } cut) return null;
        var facts = read.Facts;
        if (facts.Frames != cut.Pictures)
            return string.Create(CultureInfo.InvariantCulture, $"{cut.Pictures} frames were written and {facts.Frames} are in the file");
        // Only Matroska says how long a picture lasts: of the others a reader must guess it of the last one.
        if (facts.Container != ChunkContainer.Matroska) return null;
        var length = cut.End - cut.Start + cut.Hidden;
        return (facts.Duration - length).Duration() > MostRounding
            ? string.Create(CultureInfo.InvariantCulture,
                $"{Instants.Seconds(length)} s were written and {Instants.Seconds(facts.Duration)} s are in the file")
            : null;
    }

    private List<string> Flags(ReadSegment read, Placement placement, bool isContradicted)
    {
        var flags = new List<string>();
        var cut = read.Segment.Cut;
        if (read.Length > stream.Window * 2) flags.Add(ChunkFlag.Oversize);
        if (!read.Facts.StartsWithKeyframe) flags.Add(ChunkFlag.NoLeadingKeyframe);
        if (cut is { IsOpen: true }) flags.Add(ChunkFlag.OpenGop);
        if (cut is { RecoveryPictures: > 0 }) flags.Add(ChunkFlag.IntraRefresh);
        // A camera's first picture has no time as a rule: it stands one distance before the second.
        if (cut is { Times: not TimeBasis.Source } or { UntimedPictures: > 1 }) flags.Add(ChunkFlag.UnknownTimes);
        if (read.Facts.IsDamaged || read.Segment.IsDamaged || isContradicted) flags.Add(ChunkFlag.Damaged);
        if (!placement.Follows) flags.Add(ChunkFlag.Discontinuity);
        if (read.Segment.IsLast) flags.Add(ChunkFlag.Final);
        return flags;
    }
}
