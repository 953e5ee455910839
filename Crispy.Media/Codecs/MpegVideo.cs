using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>Sequence and picture headers of MPEG-1/2 video (ISO/IEC 13818-2, 6.2.2 and 6.2.3).</summary>
internal static class MpegVideo
{
    /// <summary>The start code of a picture header.</summary>
    public const byte PictureCode = 0;

    /// <summary>The last start code of a slice; the first is 1.</summary>
    public const byte LastSliceCode = 0xAF;

    /// <summary>The start code of a sequence header.</summary>
    public const byte SequenceCode = 0xB3;

    /// <summary>The start code of an extension, which the first four bits behind it name.</summary>
    public const byte ExtensionCode = 0xB5;

    /// <summary>The start code of a group of pictures.</summary>
    public const byte GroupCode = 0xB8;

    private const int SequenceExtension = 1;
    private static readonly double[] FrameSeconds =
        [0, 1.001 / 24, 1 / 24.0, 1 / 25.0, 1.001 / 30, 1 / 30.0, 1 / 50.0, 1.001 / 60, 1 / 60.0];

    /// <summary>Finds the sequence header and its extension.</summary>
    public static SequenceParameters? FromSequence(ReadOnlySpan<byte> bytes)
    {
        var parts = new StartCodes(bytes);
        while (parts.Next())
        {
            if (parts.Code == SequenceCode) return ReadSequence(parts.Content, FindExtension(parts));
        }

        return null;
    }

    /// <summary>Whether the extension of the sequence header says that there are no B pictures (<c>low_delay</c>).</summary>
    public static bool IsLowDelay(ReadOnlySpan<byte> bytes)
    {
        var extension = FindExtension(new(bytes));
        return extension.Length >= 6 && (extension[5] & 0x80) != 0;
    }

    /// <summary>Whether the first picture header in these bytes is of an intra picture.</summary>
    public static bool StartsWithIntraPicture(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf((ReadOnlySpan<byte>)[0, 0, 1, 0]);
        return at >= 0 && at + 6 <= bytes.Length && (bytes[at + 5] >> 3 & 7) == 1;
    }

    private static ReadOnlySpan<byte> FindExtension(StartCodes parts)
    {
        while (parts.Next() && parts.Code is not (PictureCode or GroupCode))
        {
            if (parts.Code == ExtensionCode && !parts.Content.IsEmpty && parts.Content[0] >> 4 == SequenceExtension) return parts.Content;
        }

        return [];
    }

    private static SequenceParameters? ReadSequence(ReadOnlySpan<byte> header, ReadOnlySpan<byte> extension)
    {
        if (header.Length < 4) return null;
        var (width, height, rate) = (header[0] << 4 | header[1] >> 4, (header[1] & 15) << 8 | header[2], header[3] & 15);
        var frameSeconds = rate < FrameSeconds.Length ? FrameSeconds[rate] : 0;
        var aspect = header[3] >> 4;
        if (extension.Length < 6)
        {
            // MPEG-1: always whole frames; aspect ratios other than 1 are decimal fractions, which each program reads differently.
            return SequenceParameters.Checked(width, height, grey: false, frameSeconds) is not { } mpeg1 ? null
                : mpeg1 with { BitDepth = 8, Chroma = "4:2:0", PixelAspect = aspect == 1 ? new(1, 1) : null, IsInterlaced = false };
        }

        var bits = new BitReader(extension, isEscaped: false);
        bits.Skip(12);
        var progressive = bits.Flag();
        var chroma = bits.Bits(2);
        width |= (int)bits.Bits(2) << 12;
        height |= (int)bits.Bits(2) << 12;
        bits.Skip(12 + 1 + 8 + 1);
        frameSeconds = frameSeconds / (bits.Bits(2) + 1) * (bits.Bits(5) + 1);
        return SequenceParameters.Checked(width, height, grey: false, frameSeconds) is not { } parameters ? null : parameters with
        {
            BitDepth = 8,
            Chroma = chroma == 0 ? null : SequenceParameters.ChromaName(chroma),
            PixelAspect = AspectOf(aspect, width, height),
            IsInterlaced = progressive ? false : null,
        };
    }

    // Table 6-3: but for 1, the aspect of the picture is said and not that of a pixel.
    private static PixelAspect? AspectOf(int code, int width, int height) => code switch
    {
        1 => new(1, 1),
        2 => PixelAspect.Of(4 * height, 3 * width),
        3 => PixelAspect.Of(16 * height, 9 * width),
        4 => PixelAspect.Of(221 * height, 100 * width),
        _ => null,
    };
}
