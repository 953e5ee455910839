using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>Sequence headers of MPEG-1/2 video (ISO/IEC 13818-2, 6.2.2.1) and of MPEG-4 part 2 (ISO/IEC 14496-2, 6.2.3).</summary>
internal static class MpegVideo
{
    private static readonly double[] FrameSeconds = [0, 1.001 / 24, 1 / 24.0, 1 / 25.0, 1.001 / 30, 1 / 30.0, 1 / 50.0, 1.001 / 60, 1 / 60.0];

    /// <summary>Finds the MPEG-1/2 sequence header.</summary>
    public static SequenceParameters? FromSequence(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf((ReadOnlySpan<byte>)[0, 0, 1, 0xB3]);
        if (at < 0 || bytes.Length < at + 8) return null;
        var header = bytes[(at + 4)..];
        var rate = header[3] & 15;
        return SequenceParameters.Checked(
            header[0] << 4 | header[1] >> 4, (header[1] & 15) << 8 | header[2], grey: false, rate < FrameSeconds.Length ? FrameSeconds[rate] : 0);
    }

    /// <summary>Finds the MPEG-4 video object layer.</summary>
    public static SequenceParameters? FromObjectLayer(ReadOnlySpan<byte> bytes)
    {
        for (var at = bytes.IndexOf((ReadOnlySpan<byte>)[0, 0, 1]); at >= 0 && at + 5 <= bytes.Length; at = Next(bytes, at))
        {
            if ((bytes[at + 3] & 0xF0) == 0x20) return ReadObjectLayer(bytes[(at + 4)..]);
        }

        return null;
    }

    /// <summary>Whether the first MPEG-1/2 picture header in these bytes is of an intra picture.</summary>
    public static bool StartsWithIntraPicture(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf((ReadOnlySpan<byte>)[0, 0, 1, 0]);
        return at >= 0 && at + 6 <= bytes.Length && (bytes[at + 5] >> 3 & 7) == 1;
    }

    /// <summary>Whether the first MPEG-4 video object plane in these bytes is intra coded.</summary>
    public static bool StartsWithIntraPlane(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf((ReadOnlySpan<byte>)[0, 0, 1, 0xB6]);
        return at >= 0 && at + 5 <= bytes.Length && bytes[at + 4] >> 6 == 0;
    }

    private static int Next(ReadOnlySpan<byte> bytes, int at)
    {
        var next = bytes[(at + 3)..].IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
        return next < 0 ? -1 : at + 3 + next;
    }

    private static SequenceParameters? ReadObjectLayer(ReadOnlySpan<byte> layer)
    {
        var bits = new BitReader(layer);
        bits.Skip(9);
        var version = bits.Flag() ? bits.Bits(7) >> 3 : 1;
        if (bits.Bits(4) == 15) bits.Skip(16);
        if (bits.Flag())
        {
            bits.Skip(3);
            if (bits.Flag()) bits.Skip(79);
        }

        var shape = bits.Bits(2);
        if (shape != 0 || version == 0) return null;
        bits.Skip(1);
        var resolution = bits.Bits(16);
        bits.Skip(1);
        var incrementBits = Math.Max(1, 32 - System.Numerics.BitOperations.LeadingZeroCount(Math.Max(resolution, 1) - 1));
        var increment = bits.Flag() ? bits.Bits(incrementBits) : 0;
        bits.Skip(1);
        var width = bits.Bits(13);
        bits.Skip(1);
        var height = bits.Bits(13);
        return bits.Overrun ? null : SequenceParameters.Checked(width, height, grey: false, resolution == 0 ? 0 : (double)increment / resolution);
    }
}
