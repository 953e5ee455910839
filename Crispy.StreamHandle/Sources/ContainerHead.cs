using System.Buffers.Binary;

namespace Crispy.StreamHandle.Sources;

/// <summary>Tells a container by its first bytes, where ffprobe cannot: a script, by which addresses are handed over, hides it.</summary>
internal static class ContainerHead
{
    /// <summary>How many bytes are looked at.</summary>
    public const int Length = 600;

    /// <summary>What is told of bare streams: the name of their codec is the container's.</summary>
    public const string Bare = "bare";

    private const int Packet = 188;

    /// <summary>ffmpeg's name of the container, or <see cref="Bare"/>; null for one that is not known here.</summary>
    /// <param name="head">The source's first bytes.</param>
    public static string? Name(ReadOnlySpan<byte> head)
    {
        if (IsTransportStream(head, 0, Packet) || IsTransportStream(head, 4, Packet + 4)) return "mpegts";
        if (head.Length < 12) return null;
        return BinaryPrimitives.ReadUInt32BigEndian(head) switch
        {
            0x1A45DFA3 => "matroska,webm",
            0x52494646 when head[8..].StartsWith("AVI "u8) => "avi",
            0x4F676753 => "ogg",
            0x3026B275 => "asf",
            0x000001BA => "mpeg",
            0x00000001 => Bare,
            _ when IsBox(head[4..8]) => "mov,mp4,m4a,3gp,3g2,mj2",
            _ when head.StartsWith("FLV"u8) => "flv",
            _ when head.StartsWith("#EXTM3U"u8) => "hls",
            _ when head.IndexOf("<MPD"u8) >= 0 => "dash",
            _ when head.StartsWith((byte[])[0, 0, 1]) || head.StartsWith((byte[])[0xFF, 0xD8, 0xFF]) => Bare,
            _ => null,
        };
    }

    private static bool IsTransportStream(ReadOnlySpan<byte> head, int at, int step)
    {
        if (head.Length < at + 2 * step) return false;
        for (; at < head.Length; at += step)
            if (head[at] != 0x47) return false;
        return true;
    }

    private static bool IsBox(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("ftyp"u8) || type.SequenceEqual("moov"u8) || type.SequenceEqual("mdat"u8)
        || type.SequenceEqual("styp"u8) || type.SequenceEqual("wide"u8) || type.SequenceEqual("free"u8) || type.SequenceEqual("skip"u8);
}
