using System.Numerics;
using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>The video object layer of MPEG-4 part 2 (ISO/IEC 14496-2, 6.2.3): its pictures, and what the headers of its planes
/// need.</summary>
/// <param name="Parameters">Size, shape and rate.</param>
/// <param name="Resolution">Ticks of a second.</param>
/// <param name="IncrementBits">Bits of <c>vop_time_increment</c>.</param>
/// <param name="IsLowDelay">Whether there are no B planes; null when that is not said.</param>
internal sealed record Mpeg4Video(SequenceParameters Parameters, int Resolution, int IncrementBits, bool? IsLowDelay)
{
    /// <summary>The start code of a video object plane: a picture.</summary>
    public const byte PlaneCode = 0xB6;

    /// <summary>The start code of a group of planes.</summary>
    public const byte GroupCode = 0xB3;

    private const uint ExtendedPixels = 15;
    private static readonly PixelAspect?[] Aspects = [null, new(1, 1), new(12, 11), new(10, 11), new(16, 11), new(40, 33)];

    /// <summary>Whether a start code is that of a video object layer.</summary>
    public static bool IsLayer(byte code) => (code & 0xF0) == 0x20;

    /// <summary>Finds the video object layer.</summary>
    public static SequenceParameters? FromObjectLayer(ReadOnlySpan<byte> bytes) => Find(bytes)?.Parameters;

    /// <summary>Finds the video object layer.</summary>
    public static Mpeg4Video? Find(ReadOnlySpan<byte> bytes)
    {
        var parts = new StartCodes(bytes);
        while (parts.Next())
        {
            if (IsLayer(parts.Code)) return Read(parts.Content);
        }

        return null;
    }

    /// <summary>Whether the first video object plane in these bytes is intra coded.</summary>
    public static bool StartsWithIntraPlane(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf((ReadOnlySpan<byte>)[0, 0, 1, PlaneCode]);
        return at >= 0 && at + 5 <= bytes.Length && bytes[at + 4] >> 6 == 0;
    }

    private static Mpeg4Video? Read(ReadOnlySpan<byte> layer)
    {
        var bits = new BitReader(layer, isEscaped: false);
        bits.Skip(9);
        var version = bits.Flag() ? bits.Bits(7) >> 3 : 1;
        var shape = bits.Bits(4);
        var aspect = shape == ExtendedPixels
            ? PixelAspect.Of((int)bits.Bits(8), (int)bits.Bits(8))
            : shape < Aspects.Length ? Aspects[shape] : null;
        bool? lowDelay = null;
        if (bits.Flag())
        {
            bits.Skip(2);
            lowDelay = bits.Flag();
            if (bits.Flag()) bits.Skip(79);
        }

        if (bits.Bits(2) != 0 || version == 0) return null;
        bits.Skip(1);
        var resolution = bits.Bits(16);
        bits.Skip(1);
        var incrementBits = Math.Max(1, 32 - BitOperations.LeadingZeroCount(Math.Max(resolution, 1) - 1));
        var increment = bits.Flag() ? bits.Bits(incrementBits) : 0;
        bits.Skip(1);
        var width = bits.Bits(13);
        bits.Skip(1);
        var height = bits.Bits(13);
        bits.Skip(1);
        var interlaced = bits.Flag();
        if (bits.Overrun) return null;
        if (SequenceParameters.Checked(width, height, grey: false,
            resolution == 0 ? 0 : (double)increment / resolution) is not { } parameters)
            return null;
        parameters = parameters with { BitDepth = 8, Chroma = "4:2:0", PixelAspect = aspect, IsInterlaced = interlaced ? null : false };
        return new(parameters, (int)Math.Max(resolution, 1), incrementBits, lowDelay);
    }
}
