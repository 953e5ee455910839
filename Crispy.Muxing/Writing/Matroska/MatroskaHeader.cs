using System.Buffers.Binary;

namespace Crispy.Muxing.Writing.Matroska;

/// <summary>What stands before the first cluster, with the places of what is known only at the end.</summary>
internal sealed class MatroskaHeader : IDisposable
{
    /// <summary>The number of the video track.</summary>
    public const int VideoNumber = 1;

    /// <summary>The number of the audio track.</summary>
    public const int AudioNumber = 2;

    /// <summary>RFC 7845 asks a decoder of Opus to begin 80 ms before what is played.</summary>
    private const ulong OpusPreRoll = 80_000_000;
    private const int OpusRate = 48_000;

    private const int SeekEntries = 3;
    private const int DurationSize = 11;
    private const int SeekHeadSize = 8 + SeekEntries * 24;

    private readonly ByteBuilder _bytes = new();
    private readonly int _segment;
    private readonly int _seekHead;
    private readonly int _info;
    private readonly int _tracks;
    private int _duration;

    /// <summary>Writes the header of a chunk.</summary>
    /// <exception cref="UnsupportedTrackException">Matroska cannot hold a track.</exception>
    public MatroskaHeader(VideoTrack video, AudioTrack? audio)
    {
        AddEbml();
        _bytes.Id(Id.Segment).UInt64(ulong.MaxValue >> 7);
        _segment = _bytes.Length;
        _seekHead = _bytes.Length;
        AddVoid(SeekHeadSize);
        _info = _bytes.Length;
        AddInfo();
        _tracks = _bytes.Length;
        var tracks = _bytes.Begin(Id.Tracks);
        AddVideo(video);
        if (audio is not null) AddAudio(audio);
        _bytes.End(tracks);
    }

    /// <summary>The header.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Written;

    /// <summary>Where the segment's content begins: places within it count from here.</summary>
    public int SegmentStart => _segment;

    /// <summary>How long before its samples a packet of Opus is stamped, in nanoseconds (CodecDelay); 0 for other codecs.</summary>
    public static long DelayOf(AudioTrack audio) => audio is { Codec: "opus", Configuration.Length: >= 12 }
        ? (BinaryPrimitives.ReadUInt16LittleEndian(audio.Configuration.AsSpan(10)) * 1_000_000_000L + OpusRate / 2) / OpusRate
        : 0;

    /// <summary>Fills in what is known at the end.</summary>
    /// <param name="file">The file that begins with this header.</param>
    /// <param name="milliseconds">The chunk's duration.</param>
    /// <param name="cues">Where the cues are in the file; null without any.</param>
    public void Complete(ChunkFile file, double milliseconds, long? cues)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(number, EbmlElements.EightByteSize(file.Position - _segment));
        file.Patch(_segment - 8, number);
        _bytes.Clear();
        _bytes.Float(Id.Duration, milliseconds);
        file.Patch(_duration, _bytes.Written);
        if (cues is not { } place) return;
        _bytes.Clear();
        var head = _bytes.Begin(Id.SeekHead);
        AddSeek(Id.Info, _info - _segment);
        AddSeek(Id.Tracks, _tracks - _segment);
        AddSeek(Id.Cues, place - _segment);
        _bytes.End(head);
        file.Patch(_seekHead, _bytes.Written);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => _bytes.Dispose();

    private void AddSeek(uint id, long place)
    {
        var seek = _bytes.Begin(Id.Seek);
        _bytes.Id(Id.SeekId).Byte(0x84).UInt32(id);
        _bytes.LongNumber(Id.SeekPosition, (ulong)place);
        _bytes.End(seek);
    }

    private void AddVoid(int size) => _bytes.Id(Id.Void).Byte(0x80 | size - 2).Zeros(size - 2);

    private void AddEbml()
    {
        var ebml = _bytes.Begin(Id.Ebml);
        _bytes.Number(Id.EbmlVersion, 1);
        _bytes.Number(Id.EbmlReadVersion, 1);
        _bytes.Number(Id.EbmlMaxIdLength, 4);
        _bytes.Number(Id.EbmlMaxSizeLength, 8);
        _bytes.Text(Id.DocType, "matroska");
        _bytes.Number(Id.DocTypeVersion, 4);
        _bytes.Number(Id.DocTypeReadVersion, 2);
        _bytes.End(ebml);
    }

    private void AddInfo()
    {
        var info = _bytes.Begin(Id.Info);
        _bytes.Number(Id.TimestampScale, 1_000_000);
        _bytes.Text(Id.MuxingApp, "Crispy");
        _bytes.Text(Id.WritingApp, "Crispy");

        // A file that was never completed has no duration.
        _duration = _bytes.Length;
        AddVoid(DurationSize);
        _bytes.End(info);
    }

    private void AddVideo(VideoTrack track)
    {
        var codec = MatroskaCodec.Of(track);
        var (width, height) = PictureSize.Of(track, "mkv");
        var entry = BeginTrack(VideoNumber, type: 1, codec);
        if (track.FrameNanoseconds > 0) _bytes.Number(Id.DefaultDuration, (ulong)track.FrameNanoseconds);
        var video = _bytes.Begin(Id.Video);
        _bytes.Number(Id.PixelWidth, (ulong)width);
        _bytes.Number(Id.PixelHeight, (ulong)height);
        if (track.PixelWidth != track.PixelHeight) AddDisplaySize(track, width, height);
        if (track.Rotation != 0) AddRotation(track.Rotation);
        _bytes.End(video);
        _bytes.End(entry);
    }

    // In pixels where that is exact, else as an aspect ratio (DisplayUnit 3).
    private void AddDisplaySize(VideoTrack track, int width, int height)
    {
        var scaled = (long)width * track.PixelWidth;
        var isExact = scaled % track.PixelHeight == 0;
        var (wide, high) = isExact ? (scaled / track.PixelHeight, height) : (scaled, (long)height * track.PixelHeight);
        var divisor = isExact ? 1 : (long)System.Numerics.BigInteger.GreatestCommonDivisor(wide, high);
        _bytes.Number(Id.DisplayWidth, (ulong)(wide / divisor));
        _bytes.Number(Id.DisplayHeight, (ulong)(high / divisor));
        if (!isExact) _bytes.Number(Id.DisplayUnit, 3);
    }

    // A roll turns counter-clockwise, from -180 to 180. ffmpeg before 6.1 does not read it.
    private void AddRotation(int clockwise)
    {
        var projection = _bytes.Begin(Id.Projection);
        _bytes.Number(Id.ProjectionType, 0);
        _bytes.Float(Id.ProjectionPoseRoll, clockwise > 180 ? 360 - clockwise : -clockwise);
        _bytes.End(projection);
    }

    private void AddAudio(AudioTrack track)
    {
        var entry = BeginTrack(AudioNumber, type: 2, MatroskaCodec.Of(track));
        if (track.Codec == "opus")
        {
            _bytes.Number(Id.CodecDelay, (ulong)DelayOf(track));
            _bytes.Number(Id.SeekPreRoll, OpusPreRoll);
        }

        var audio = _bytes.Begin(Id.Audio);
        _bytes.Float(Id.SamplingFrequency, track.SampleRate);
        _bytes.Number(Id.Channels, (ulong)Math.Max(1, track.Channels));
        if (MatroskaCodec.BitDepth(track.Codec) is > 0 and var depth) _bytes.Number(Id.BitDepth, (ulong)depth);
        _bytes.End(audio);
        _bytes.End(entry);
    }

    private int BeginTrack(int number, int type, MatroskaCodec codec)
    {
        var entry = _bytes.Begin(Id.TrackEntry);
        _bytes.Number(Id.TrackNumber, (ulong)number);
        _bytes.Number(Id.TrackUid, (ulong)number);
        _bytes.Number(Id.TrackType, (ulong)type);
        _bytes.Number(Id.FlagLacing, 0);
        _bytes.Text(Id.Language, "und");
        _bytes.Text(Id.CodecId, codec.Id);
        if (codec.Private.Length > 0) _bytes.Binary(Id.CodecPrivate, codec.Private);
        return entry;
    }
}
