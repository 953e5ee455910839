using System.Buffers.Binary;
using System.Text;

namespace Crispy.Media.Containers;

/// <summary>A video track's sample entry: the codec as ffprobe names it, the container's width and height, and the codec's configuration
/// record (empty without one).</summary>
internal readonly ref struct Mp4VideoEntry
{
    public required string Codec { get; init; }
    public int Width { get; init; }
    public int Height { get; init; }
    public ReadOnlySpan<byte> Configuration { get; init; }
}

/// <summary>Sample entries (ISO/IEC 14496-12, section 12) and the elementary stream descriptor (ISO/IEC 14496-1, section 7.2.6).</summary>
internal static class Mp4SampleEntry
{
    private const int VideoHeader = 86;
    private const int AudioHeader = 36;

    /// <summary>Reads a video sample entry, its box header included.</summary>
    public static Mp4VideoEntry ReadVideo(ReadOnlySpan<byte> entry)
    {
        var type = Encoding.Latin1.GetString(entry.Slice(4, 4));
        if (entry.Length < VideoHeader) return new() { Codec = type.Trim() };
        var children = entry[VideoHeader..];
        var codec = VideoName(type, children, out var configuration);
        return new()
        {
            Codec = codec,
            Width = BinaryPrimitives.ReadUInt16BigEndian(entry[32..]),
            Height = BinaryPrimitives.ReadUInt16BigEndian(entry[34..]),
            Configuration = configuration,
        };
    }

    private static string VideoName(string type, ReadOnlySpan<byte> children, out ReadOnlySpan<byte> configuration)
    {
        configuration = [];
        switch (type)
        {
            case "avc1" or "avc2" or "avc3" or "avc4":
                configuration = Child(children, "avcC"u8);
                return "h264";
            case "hvc1" or "hev1" or "dvh1" or "dvhe":
                configuration = Child(children, "hvcC"u8);
                return "hevc";
            case "av01":
                configuration = Child(children, "av1C"u8);
                return "av1";
            case "mp4v":
                return VideoName(ObjectType(Child(children, "esds"u8), out configuration));
            case "vp08":
                return "vp8";
            case "vp09":
                configuration = Child(children, "vpcC"u8);
                return "vp9";
            case "jpeg" or "mjpa":
                return "mjpeg";
            default:
                return type.Trim().ToLowerInvariant();
        }
    }

    /// <summary>The audio codec's name of a sound sample entry, its box header included.</summary>
    public static string AudioName(ReadOnlySpan<byte> entry)
    {
        var type = Encoding.Latin1.GetString(entry.Slice(4, 4));
        return type switch
        {
            "mp4a" => AacOrOther(entry),
            "ac-3" => "ac3",
            "ec-3" => "eac3",
            "Opus" => "opus",
            "fLaC" => "flac",
            "alaw" => "pcm_alaw",
            "ulaw" => "pcm_mulaw",
            "sowt" => "pcm_s16le",
            "twos" => "pcm_s16be",
            _ => type.Trim().ToLowerInvariant(),
        };
    }

    private static string AacOrOther(ReadOnlySpan<byte> entry)
    {
        if (entry.Length < AudioHeader || ObjectType(Child(entry[AudioHeader..], "esds"u8), out _) is not { } type) return "aac";
        return type switch
        {
            0x69 or 0x6B => "mp3",
            0xA5 => "ac3",
            0xAD => "opus",
            _ => "aac",
        };
    }

    // Object type indications (ISO/IEC 14496-1, table 5); what is not listed is MPEG-4 part 2.
    private static string VideoName(int? objectType) => objectType switch
    {
        0x6C => "mjpeg",
        0x61 or 0x60 or 0x62 or 0x63 or 0x64 or 0x65 => "mpeg2video",
        0x6A => "mpeg1video",
        _ => "mpeg4",
    };

    // esds: version and flags (4), then ES_Descriptor (tag 3) around DecoderConfigDescriptor (tag 4) around DecoderSpecificInfo (tag 5).
    private static int? ObjectType(ReadOnlySpan<byte> descriptor, out ReadOnlySpan<byte> configuration)
    {
        configuration = [];
        if (descriptor.Length < 4 || !TryEnter(descriptor[4..], 3, out var stream) || stream.Length < 3) return null;
        var flags = stream[2];
        var header = 3 + ((flags & 0x80) != 0 ? 2 : 0) + ((flags & 0x20) != 0 ? 2 : 0);
        if ((flags & 0x40) != 0 || stream.Length < header || !TryEnter(stream[header..], 4, out var decoder) || decoder.Length < 13)
            return null;
        if (TryEnter(decoder[13..], 5, out var specific)) configuration = specific;
        return decoder[0];
    }

    private static bool TryEnter(ReadOnlySpan<byte> bytes, byte tag, out ReadOnlySpan<byte> content)
    {
        content = [];
        if (bytes.IsEmpty || bytes[0] != tag) return false;
        var length = 0;
        for (var i = 1; i < bytes.Length && i <= 4; i++)
        {
            length = length << 7 | bytes[i] & 0x7F;
            if ((bytes[i] & 0x80) != 0) continue;
            content = bytes.Slice(i + 1, Math.Min(length, bytes.Length - i - 1));
            return true;
        }

        return false;
    }

    private static ReadOnlySpan<byte> Child(ReadOnlySpan<byte> boxes, ReadOnlySpan<byte> type)
    {
        while (boxes.Length >= 8)
        {
            var size = (int)Math.Clamp(BinaryPrimitives.ReadUInt32BigEndian(boxes), 8, (uint)boxes.Length);
            if (boxes.Slice(4, 4).SequenceEqual(type)) return boxes[8..size];
            boxes = boxes[size..];
        }

        return [];
    }
}
