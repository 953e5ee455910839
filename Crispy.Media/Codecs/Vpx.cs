using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>Key frames of VP8 (RFC 6386, 9.1) and VP9 (VP9 bitstream specification, 6.2), and what containers keep of VP9.</summary>
internal static class Vpx
{
    private const uint Srgb = 7;

    /// <summary>Whether the bytes are a key frame of VP8.</summary>
    public static bool IsVp8Key(ReadOnlySpan<byte> frame) => frame.Length >= 10 && (frame[0] & 1) == 0 && frame[3..6] is [0x9D, 0x01, 0x2A];

    /// <summary>Reads a key frame of VP8; null of other bytes.</summary>
    public static SequenceParameters? FromVp8(ReadOnlySpan<byte> frame)
    {
        if (!IsVp8Key(frame)) return null;
        return SequenceParameters.Checked((frame[7] & 0x3F) << 8 | frame[6], (frame[9] & 0x3F) << 8 | frame[8],
            grey: false) is { } parameters
            ? parameters with { BitDepth = 8, Chroma = "4:2:0", IsInterlaced = false }
            : null;
    }

    /// <summary>Reads a key frame of VP9; null of other bytes.</summary>
    public static SequenceParameters? FromVp9(ReadOnlySpan<byte> frame)
    {
        var bits = new BitReader(frame, isEscaped: false);
        if (bits.Bits(2) != 2) return null;
        var profile = bits.Bits(1) | bits.Bits(1) << 1;
        if (profile == 3) bits.Skip(1);
        if (bits.Bits(2) != 0) return null;
        bits.Skip(2);
        if (bits.Bits(24) != 0x498342) return null;
        var depth = profile < 2 ? 8 : bits.Flag() ? 12 : 10;
        var chroma = "4:4:4";
        var isSrgb = bits.Bits(3) == Srgb;
        if (!isSrgb) bits.Skip(1);
        if (!isSrgb) chroma = (profile & 1) == 0 ? "4:2:0" : bits.Bits(2) switch { 3 => "4:2:0", 2 => "4:2:2", 0 => "4:4:4", _ => null };
        if ((profile & 1) != 0) bits.Skip(1);
        var (width, height) = (bits.Bits(16) + 1L, bits.Bits(16) + 1L);
        return !bits.Overrun && SequenceParameters.Checked(width, height, grey: false) is { } parameters
            ? parameters with { BitDepth = depth, Chroma = chroma, IsInterlaced = false }
            : null;
    }

    /// <summary>Bits of a sample and the chroma format by a <c>vpcC</c> box (VP codec ISO media file format binding) or by WebM's list
    /// of features.</summary>
    public static (int? Depth, string? Chroma) SamplesOf(ReadOnlySpan<byte> configuration)
    {
        if (configuration.Length >= 8 && configuration[0] == 1 && configuration[1..4] is [0, 0, 0])
        {
            return (SequenceParameters.Depth(configuration[6] >> 4), ChromaName(configuration[6] >> 1 & 7));
        }

        var (depth, chroma) = ((int?)null, (string?)null);
        for (; configuration.Length >= 3 && configuration[1] == 1; configuration = configuration[3..])
        {
            if (configuration[0] == 3) depth = SequenceParameters.Depth(configuration[2]);
            if (configuration[0] == 4) chroma = ChromaName(configuration[2]);
        }

        return (depth, chroma);
    }

    private static string? ChromaName(int subsampling) => subsampling switch { 0 or 1 => "4:2:0", 2 => "4:2:2", 3 => "4:4:4", _ => null };
}
