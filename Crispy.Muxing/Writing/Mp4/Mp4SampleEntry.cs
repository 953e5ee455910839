using System.Buffers.Binary;
using Crispy.Media.Bytes;
using Crispy.Media.Codecs;

namespace Crispy.Muxing.Writing.Mp4;

/// <summary>What describes a track's samples (ISO/IEC 14496-12, 8.5.2), made of the track and of its first packet.</summary>
internal static class Mp4SampleEntry
{
    private const string Container = "mp4";
    private const int AlacSpecific = 24;
    private const int OpusHead = 19;

    // Object types of ISO/IEC 14496-1, table 5.
    private static readonly Dictionary<string, int> VideoObjects = new()
    {
        ["mpeg4"] = 0x20, ["mpeg2video"] = 0x61, ["mpeg1video"] = 0x6A, ["mjpeg"] = 0x6C,
    };

    private static readonly string[] Video = ["h264", "hevc", "av1", "vp8", "vp9"];
    private static readonly string[] Audio = ["aac", "mp3", "ac3", "eac3", "opus", "flac", "alac"];

    /// <summary>Whether MP4 has a sample entry for the codec.</summary>
    public static bool HoldsVideo(string codec) => Video.Contains(codec) || VideoObjects.ContainsKey(codec);

    /// <summary>Whether MP4 has a sample entry for the codec.</summary>
    public static bool HoldsAudio(string codec) => Audio.Contains(codec);

    /// <summary>Finds what is missing before a file is made.</summary>
    /// <exception cref="UnsupportedTrackException">The codec or its configuration is not what an MP4 can hold.</exception>
    public static void Check(VideoTrack track)
    {
        if (!HoldsVideo(track.Codec)) throw new UnsupportedTrackException(isVideo: true, track.Codec, Container);
        var needed = track.Codec switch { "h264" => 7, "hevc" => 23, "av1" => 4, _ => 0 };
        if (track.Configuration.Length >= needed) return;
        throw new UnsupportedTrackException(isVideo: true, track.Codec, Container, "its headers are missing");
    }

    /// <summary>Finds what is missing before a file is made.</summary>
    /// <exception cref="UnsupportedTrackException">The codec or its configuration is not what an MP4 can hold.</exception>
    public static void Check(AudioTrack track)
    {
        if (!HoldsAudio(track.Codec)) throw new UnsupportedTrackException(isVideo: false, track.Codec, Container);
        var needed = track.Codec switch { "aac" => 2, "opus" => OpusHead, "flac" => 34, "alac" => AlacSpecific, _ => 0 };
        if (track.Configuration.Length >= needed) return;
        throw new UnsupportedTrackException(isVideo: false, track.Codec, Container, "its headers are missing");
    }

    /// <summary>Adds the entry of a video track.</summary>
    public static void Add(ByteBuilder bytes, VideoTrack track, ReadOnlySpan<byte> firstPacket)
    {
        var (width, height) = PictureSize.Of(track, Container);
        var entry = bytes.Box(TypeOf(track.Codec, firstPacket));
        VisualSampleEntry.Add(bytes, width, height);
        switch (track.Codec)
        {
            case "h264": bytes.Leaf("avcC"u8, track.Configuration); break;
            case "hevc": bytes.Leaf("hvcC"u8, track.Configuration); break;
            case "av1": bytes.Leaf("av1C"u8, track.Configuration); break;
            case "vp8" or "vp9": AddVp(bytes, track.Codec == "vp9" ? firstPacket : []); break;
            default: bytes.ElementaryStream(VideoObjects[track.Codec], streamType: 4, track.Configuration); break;
        }

        if (track.PixelWidth != track.PixelHeight)
        {
            var aspect = bytes.Box("pasp"u8);
            bytes.UInt32((uint)track.PixelWidth).UInt32((uint)track.PixelHeight).EndBox(aspect);
        }

        bytes.EndBox(entry);
    }

    /// <summary>Adds the entry of an audio track.</summary>
    public static void Add(ByteBuilder bytes, AudioTrack track, ReadOnlySpan<byte> firstPacket)
    {
        var entry = bytes.Box(track.Codec switch
        {
            "ac3" => "ac-3"u8,
            "eac3" => "ec-3"u8,
            "opus" => "Opus"u8,
            "flac" => "fLaC"u8,
            "alac" => "alac"u8,
            _ => "mp4a"u8,
        });
        bytes.Zeros(6).UInt16(1).Zeros(8).UInt16(Math.Max(1, track.Channels)).UInt16(16).Zeros(4);
        bytes.UInt32(track.SampleRate <= ushort.MaxValue ? (uint)track.SampleRate << 16 : 0);
        AddConfiguration(bytes, track, firstPacket);
        bytes.EndBox(entry);
    }

    private static void AddConfiguration(ByteBuilder bytes, AudioTrack track, ReadOnlySpan<byte> firstPacket)
    {
        ReadOnlySpan<byte> configuration = track.Configuration;
        switch (track.Codec)
        {
            case "aac": bytes.ElementaryStream(0x40, streamType: 5, configuration); break;
            case "mp3": bytes.ElementaryStream(track.SampleRate >= 32_000 ? 0x6B : 0x69, streamType: 5, []); break;
            case "ac3": AddAc3(bytes, track, firstPacket); break;
            case "eac3": AddEac3(bytes, track, firstPacket); break;
            case "opus": AddOpus(bytes, configuration); break;
            case "flac": AddFlac(bytes, configuration); break;
            case "alac": AddAlac(bytes, configuration); break;
        }
    }

    // hvc1 says that all parameter sets are in the record; where packets bring their own it is hev1.
    private static ReadOnlySpan<byte> TypeOf(string codec, ReadOnlySpan<byte> firstPacket) => codec switch
    {
        "h264" => "avc1"u8,
        "hevc" => AccessUnit.FindSequence("hevc", firstPacket) is null ? "hvc1"u8 : "hev1"u8,
        "av1" => "av01"u8,
        "vp8" => "vp08"u8,
        "vp9" => "vp09"u8,
        _ => "mp4v"u8,
    };

    // VP codec configuration record, version 1: profile, level (0: unknown), bit depth and chroma, unspecified colours, no initialisation
    // data.
    private static void AddVp(ByteBuilder bytes, ReadOnlySpan<byte> keyframe)
    {
        var (profile, depth, chroma, fullRange) = ReadVp9(keyframe);
        var box = bytes.FullBox("vpcC"u8, version: 1);
        bytes.Byte(profile).Byte(0).Byte(depth << 4 | chroma << 1 | fullRange).Byte(2).Byte(2).Byte(2).UInt16(0).EndBox(box);
    }

    // The uncompressed header of a keyframe (VP9 bitstream specification, 6.2). It has no emulation prevention; its first bytes hold no
    // zeros either.
    private static (int Profile, int Depth, int Chroma, int FullRange) ReadVp9(ReadOnlySpan<byte> keyframe)
    {
        const int colocated = 1, half = 2, full = 3, rgb = 7;
        if (keyframe.Length < 8) return (0, 8, colocated, 0);
        var bits = new BitReader(keyframe[..8]);
        bits.Skip(2);
        var profile = (int)(bits.Bits(1) | bits.Bits(1) << 1);
        if (profile == 3) bits.Skip(1);
        if (bits.Flag() || bits.Flag()) return (profile, 8, colocated, 0);
        bits.Skip(2 + 24);
        var depth = profile < 2 ? 8 : bits.Flag() ? 12 : 10;
        if (bits.Bits(3) == rgb) return (profile, depth, full, 1);
        var range = (int)bits.Bits(1);
        if (profile is 0 or 2) return (profile, depth, colocated, range);
        return (profile, depth, bits.Flag() ? half : full, range);
    }

    // ETSI TS 102 366, F.4: sample rate, bsid, bsmod, acmod, lfeon, bit rate of the first frame.
    private static void AddAc3(ByteBuilder bytes, AudioTrack track, ReadOnlySpan<byte> frame)
    {
        uint rate = RateCode(track.SampleRate), id = 8, mode = 0, layout = track.Channels == 1 ? 1u : 2, low = 0, bitRate = 0;
        if (frame.Length >= 8)
        {
            var bits = new BitReader(frame[4..Math.Min(frame.Length, 16)]);
            rate = bits.Bits(2);
            bitRate = bits.Bits(6) >> 1;
            id = bits.Bits(5);
            mode = bits.Bits(3);
            layout = bits.Bits(3);
            if ((layout & 1) != 0 && layout != 1) bits.Skip(2);
            if ((layout & 4) != 0) bits.Skip(2);
            if (layout == 2) bits.Skip(2);
            low = bits.Bits(1);
        }

        var value = rate << 22 | id << 17 | mode << 14 | layout << 11 | low << 10 | bitRate << 5;
        bytes.Leaf("dac3"u8, [(byte)(value >> 16), (byte)(value >> 8), (byte)value]);
    }

    // ETSI TS 102 366, F.6, for one independent substream; dependent ones are counted.
    private static void AddEac3(ByteBuilder bytes, AudioTrack track, ReadOnlySpan<byte> packet)
    {
        uint rate = RateCode(track.SampleRate), id = 16, layout = track.Channels == 1 ? 1u : 2, low = 0, kilobits = 0, dependent = 0;
        for (var first = true; packet.Length >= 6 && packet is [0x0B, 0x77, ..]; first = false)
        {
            var bits = new BitReader(packet[2..6]);
            var type = bits.Bits(2);
            bits.Skip(3);
            var size = (int)(bits.Bits(11) + 1) * 2;
            var code = bits.Bits(2);
            var blocks = code == 3 ? 6 : BlocksOf(bits.Bits(2));
            if (code == 3) bits.Skip(2);
            kilobits += (uint)((long)size * 8 * track.SampleRate / (blocks * 256) / 1000);
            if (!first && type == 1) dependent++;
            if (first) (rate, layout, low, id) = (code, bits.Bits(3), bits.Bits(1), bits.Bits(5));
            packet = packet[Math.Min(size, packet.Length)..];
        }

        var box = bytes.Box("dec3"u8);
        bytes.UInt16((int)(Math.Min(kilobits, 0x1FFF) << 3)).UInt16(
            (int)(rate << 14 | id << 9 | layout << 1 | low)).Byte((int)(dependent << 1));
        if (dependent > 0) bytes.Byte(0);
        bytes.EndBox(box);
    }

    private static int BlocksOf(uint code) => code == 3 ? 6 : (int)code + 1;

    private static uint RateCode(int rate) => rate switch { 48_000 => 0, 44_100 => 1, 32_000 => 2, _ => 0 };

    // Opus in ISO media, 4.3.2: what OpusHead says, most significant byte first.
    private static void AddOpus(ByteBuilder bytes, ReadOnlySpan<byte> head)
    {
        var box = bytes.Box("dOps"u8);
        bytes.Byte(0).Byte(head[9]).UInt16(BinaryPrimitives.ReadUInt16LittleEndian(head[10..]))
            .UInt32(BinaryPrimitives.ReadUInt32LittleEndian(head[12..]))
            .UInt16(BinaryPrimitives.ReadInt16LittleEndian(head[16..])).Byte(head[18]);
        if (head[18] != 0) bytes.Bytes(head[OpusHead..]);
        bytes.EndBox(box);
    }

    private static void AddFlac(ByteBuilder bytes, ReadOnlySpan<byte> configuration)
    {
        var box = bytes.FullBox("dfLa"u8);
        if (configuration.StartsWith("fLaC"u8)) bytes.Bytes(configuration[4..]);
        else bytes.Byte(0x80).Byte(0).UInt16(configuration.Length).Bytes(configuration);
        bytes.EndBox(box);
    }

    private static void AddAlac(ByteBuilder bytes, ReadOnlySpan<byte> configuration)
    {
        if (configuration.Length >= 8 && configuration[4..8].SequenceEqual("alac"u8))
        {
            bytes.Bytes(configuration);
            return;
        }

        var box = bytes.FullBox("alac"u8);
        bytes.Bytes(configuration).EndBox(box);
    }
}
