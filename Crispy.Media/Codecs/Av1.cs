using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>The sequence header of AV1 (AV1 bitstream specification, 5.5).</summary>
/// <param name="Profile"><c>seq_profile</c>.</param>
/// <param name="Level"><c>seq_level_idx</c> of the first operating point.</param>
/// <param name="Tier"><c>seq_tier</c> of the first operating point: 0 or 1.</param>
/// <param name="Depth">Bits of a sample: 8, 10 or 12.</param>
/// <param name="IsMonochrome">Whether there is no colour.</param>
/// <param name="HalvesWidth">Whether chroma has half the width.</param>
/// <param name="HalvesHeight">Whether chroma has half the height.</param>
/// <param name="ChromaPosition"><c>chroma_sample_position</c>.</param>
internal readonly record struct Av1(
    uint Profile, uint Level, uint Tier, int Depth, bool IsMonochrome, bool HalvesWidth, bool HalvesHeight, uint ChromaPosition)
{
    private const int RecordHead = 4;
    private const int SequenceHeader = 1;
    private const uint Unspecified = 2;
    private const uint Bt709 = 1;
    private const uint Srgb = 13;

    /// <summary>Whether the bytes are an <c>av1C</c> record (AV1 ISO media file format binding, 2.3.3): marker and version.</summary>
    public static bool IsRecord(ReadOnlySpan<byte> bytes) => bytes.Length >= RecordHead && bytes[0] == 0x81;

    /// <summary>Bits of a sample and the chroma format by a record; null where the bytes are none.</summary>
    public static (int? Depth, string? Chroma) SamplesOf(ReadOnlySpan<byte> record)
    {
        if (!IsRecord(record)) return default;
        var flags = record[2];
        var depth = (flags & 0x40) == 0 ? 8 : (flags & 0x20) == 0 ? 10 : 12;
        return (depth, (flags & 0x10) != 0 ? "4:0:0" : (flags & 0x0C) switch { 0x0C => "4:2:0", 0x08 => "4:2:2", 0 => "4:4:4", _ => null });
    }

    /// <summary>Finds the payload of the first sequence header, in a record or in a packet; empty without one.</summary>
    public static ReadOnlySpan<byte> FindHeader(ReadOnlySpan<byte> bytes)
    {
        if (IsRecord(bytes)) bytes = bytes[RecordHead..];
        while (bytes.Length >= 2)
        {
            Work.Count();
            var type = bytes[0] >> 3 & 15;
            var hasSize = (bytes[0] & 2) != 0;
            bytes = bytes[((bytes[0] & 4) != 0 ? 2 : 1)..];
            long size = bytes.Length;
            if (hasSize && !TryTakeSize(ref bytes, out size)) return [];
            var taken = (int)Math.Min(size, bytes.Length);
            if (type == SequenceHeader) return bytes[..taken];
            bytes = bytes[taken..];
        }

        return [];
    }

    /// <summary>Makes a record of a sequence header's payload; empty where it cannot be read.</summary>
    public static byte[] MakeRecord(ReadOnlySpan<byte> header)
    {
        if (Read(header) is not { } sequence || header.Length > ushort.MaxValue) return [];
        var (depth, chroma) = (sequence.Depth > 8 ? 0x40 : 0, sequence.IsMonochrome ? 0x10 : 0);
        var subsampling = (sequence.HalvesWidth ? 8 : 0) | (sequence.HalvesHeight ? 4 : 0) | (int)sequence.ChromaPosition;
        List<byte> record =
        [
            0x81, (byte)(sequence.Profile << 5 | sequence.Level),
            (byte)((int)sequence.Tier << 7 | depth | (sequence.Depth == 12 ? 0x20 : 0) | chroma | subsampling), 0, SequenceHeader << 3 | 2,
        ];
        var size = header.Length;
        for (; size > 127; size >>= 7) record.Add((byte)(size | 0x80));
        record.Add((byte)size);
        record.AddRange(header);
        return [.. record];
    }

    private static bool TryTakeSize(ref ReadOnlySpan<byte> bytes, out long size)
    {
        size = 0;
        for (var i = 0; i < 8 && i < bytes.Length; i++)
        {
            size |= (long)(bytes[i] & 127) << 7 * i;
            if (bytes[i] >= 128) continue;
            bytes = bytes[(i + 1)..];
            return true;
        }

        return false;
    }

    private static Av1? Read(ReadOnlySpan<byte> header)
    {
        var bits = new BitReader(header, isEscaped: false);
        var profile = bits.Bits(3);
        bits.Skip(1);
        var reduced = bits.Flag();
        var (level, tier) = reduced ? (bits.Bits(5), 0) : ReadOperatingPoints(ref bits);
        var sides = (int)bits.Bits(4) + 1 + (int)bits.Bits(4) + 1;
        bits.Skip(sides);
        if (!reduced && bits.Flag()) bits.Skip(7);
        bits.Skip(3);
        if (!reduced) SkipTools(ref bits);
        bits.Skip(3);
        var sequence = ReadColour(ref bits, profile) with { Level = level, Tier = tier };
        return bits.Overrun || profile > 2 ? null : sequence;
    }

    private static (uint Level, uint Tier) ReadOperatingPoints(ref BitReader bits)
    {
        var delayBits = 0;
        if (bits.Flag())
        {
            bits.Skip(64);
            if (bits.Flag()) bits.Ue();
            if (bits.Flag())
            {
                delayBits = (int)bits.Bits(5) + 1;
                bits.Skip(42);
            }
        }

        var hasDisplayDelay = bits.Flag();
        var first = (Level: 0u, Tier: 0u);
        var points = bits.Bits(5) + 1;
        for (var i = 0; i < points; i++)
        {
            bits.Skip(12);
            var level = bits.Bits(5);
            var tier = level > 7 ? bits.Bits(1) : 0;
            if (delayBits > 0 && bits.Flag()) bits.Skip(2 * delayBits + 1);
            if (hasDisplayDelay && bits.Flag()) bits.Skip(4);
            if (i == 0) first = (level, tier);
        }

        return first;
    }

    private static void SkipTools(ref BitReader bits)
    {
        bits.Skip(4);
        var hasOrder = bits.Flag();
        if (hasOrder) bits.Skip(2);
        var screenContent = bits.Flag() ? 2u : bits.Bits(1);
        if (screenContent > 0 && !bits.Flag()) bits.Skip(1);
        if (hasOrder) bits.Skip(3);
    }

    private static Av1 ReadColour(ref BitReader bits, uint profile)
    {
        var high = bits.Flag();
        var depth = high ? profile == 2 && bits.Flag() ? 12 : 10 : 8;
        var monochrome = profile != 1 && bits.Flag();
        var (primaries, transfer, matrix) = bits.Flag()
            ? (bits.Bits(8), bits.Bits(8), bits.Bits(8))
            : (Unspecified, Unspecified, Unspecified);
        if (monochrome)
        {
            bits.Skip(1);
            return new(profile, 0, 0, depth, true, true, true, 0);
        }

        if ((primaries, transfer, matrix) == (Bt709, Srgb, 0u)) return new(profile, 0, 0, depth, false, false, false, 0);
        bits.Skip(1);
        var halvesWidth = profile == 0 || profile == 2 && (depth < 12 || bits.Flag());
        var halvesHeight = profile == 0 || profile == 2 && depth == 12 && halvesWidth && bits.Flag();
        var position = halvesWidth && halvesHeight ? bits.Bits(2) : 0;
        return new(profile, 0, 0, depth, false, halvesWidth, halvesHeight, position);
    }
}
