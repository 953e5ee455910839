using Crispy.Media.Bytes;
using Crispy.Media.Codecs;

namespace Crispy.Media.Containers;

/// <summary>
/// Matroska (RFC 9559) on EBML (RFC 8794). Segment, Cluster and the like are entered rather than read as a unit. So unknown sizes (a file
/// that is still written, or whose writer was killed) need no case of their own.
/// </summary>
internal sealed class MatroskaReader(ByteSource source, bool headOnly) : ContainerReader(source, headOnly)
{
    private const long Unknown = -1;

    // Slices of one picture, whose equal times ffmpeg's writer keeps apart by a tick of 1 ms each.
    private const double MostBetweenSlices = 0.01;
    private const int PictureHead = 8192;

    // Nanoseconds of a tick: a block's time has 16 bits of them.
    private const ulong LeastScale = 1_000, MostScale = 1_000_000_000;

    private static class Id
    {
        public const uint Ebml = 0x1A45DFA3, Segment = 0x18538067, Info = 0x1549A966, TimestampScale = 0x2AD7B1;
        public const uint Tracks = 0x1654AE6B, TrackEntry = 0xAE;
        public const uint Cluster = 0x1F43B675, ClusterTimestamp = 0xE7, SimpleBlock = 0xA3;
        public const uint BlockGroup = 0xA0, Block = 0xA1, BlockDuration = 0x9B, ReferenceBlock = 0xFB;
    }

    private MatroskaTrack? _video;
    private long _clusterTimestamp;
    private long _declaredEnd;
    private long _segmentEnd = long.MaxValue;
    private long _parentEnd = long.MaxValue;
    private bool _tracksSeen;

    /// <inheritdoc />
    public override string Name => "mkv";

    /// <inheritdoc />
    protected override bool AllTracksSeen => _tracksSeen;

    /// <summary>Whether the bytes begin with an EBML header.</summary>
    public static bool Recognises(ReadOnlySpan<byte> head) => head.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]);

    /// <inheritdoc />
    public override void Read()
    {
        Timeline.TickNumerator = 1_000_000;
        Timeline.TickDenominator = 1_000_000_000;
        while (!Enough && TryTakeHeader(out var id, out var size))
        {
            CheckNesting(id, size);
            if (!ReadElement(id, size)) return;
        }

        if (Source.Position < _declaredEnd) Damage |= Damage.Truncated;
    }

    /// <inheritdoc />
    protected override bool IsPossible(VideoSummary video, long size) =>
        base.IsPossible(video, size) && (video.Frames == 0 || Parameters is not null || Format is not null);

    // An element ends where the one around it does, or before. What has no size ends where the next of its kind begins.
    private void CheckNesting(uint id, long size)
    {
        var begin = Source.Position;
        var end = size == Unknown ? begin : begin + size;
        if ((begin < _segmentEnd && end > _segmentEnd) || (begin < _parentEnd && end > _parentEnd)) Damage |= Damage.Corrupt;
        if (id == Id.Segment) _segmentEnd = size == Unknown ? long.MaxValue : end;
        if (id is Id.Segment or Id.Info or Id.Tracks or Id.Cluster) _parentEnd = size == Unknown ? long.MaxValue : end;
    }

    private bool ReadElement(uint id, long size)
    {
        switch (id)
        {
            case Id.Segment or Id.Info or Id.Tracks or Id.Cluster:
                _tracksSeen |= id == Id.Cluster;
                if (size != Unknown) _declaredEnd = Math.Max(_declaredEnd, Source.Position + size);
                return true;
            case Id.TimestampScale:
                if (!TryTakeNumber(size, out var scale)) return false;
                if (scale is < LeastScale or > MostScale) Damage |= Damage.Corrupt;
                Timeline.TickNumerator = (long)Math.Clamp(scale, 1, MostScale);
                return true;
            case Id.ClusterTimestamp:
                if (!TryTakeNumber(size, out var timestamp)) return false;
                _clusterTimestamp = (long)Math.Min(timestamp, long.MaxValue / 2);
                return true;
            case Id.TrackEntry:
                return ReadTrack(size);
            case Id.SimpleBlock:
                return ReadBlock(size, blockDuration: null, simple: true, keyframe: false);
            case Id.BlockGroup:
                return ReadBlockGroup(size);
            default:
                return Skip(size);
        }
    }

    private bool ReadTrack(long size)
    {
        var track = new MatroskaTrack();
        if (size == Unknown || !track.Read(Source, Source.Position + size)) return Stop(Damage.Truncated);
        if (track.IsAudio) AudioCodec ??= MatroskaCodecs.AudioName(track);
        if (!track.IsVideo || _video is not null) return true;
        _video = track;
        VideoCodecName = MatroskaCodecs.VideoName(track);
        (ContainerWidth, ContainerHeight) = track.DisplayedPixels;
        TakeConfiguration(track.CodecPrivate);
        Timeline.ExactFrameNanoseconds = track.DefaultDuration;
        return true;
    }

    private bool ReadBlockGroup(long size)
    {
        if (size == Unknown) return Stop(Damage.Corrupt);
        var end = Source.Position + size;
        BlockHeader? block = null;
        long? duration = null;
        var keyframe = true;
        while (Source.Position < end)
        {
            if (!TryTakeHeader(out var id, out var inner) || inner == Unknown) return Stop(Damage.Truncated);
            switch (id)
            {
                case Id.Block:
                    if (!TryReadBlockHeader(inner, out var header)) return Stop(Damage.Truncated);
                    block = header;
                    break;
                case Id.BlockDuration:
                    if (!TryTakeNumber(inner, out var ticks)) return false;
                    duration = (long)Math.Min(ticks, long.MaxValue / 2);
                    break;
                default:
                    keyframe &= id != Id.ReferenceBlock;
                    if (!Skip(inner)) return false;
                    break;
            }
        }

        if (Source.Position > end) Damage |= Damage.Corrupt;
        if (block is { } found) Add(found, duration, keyframe);
        return true;
    }

    private bool ReadBlock(long size, long? blockDuration, bool simple, bool keyframe)
    {
        if (!TryReadBlockHeader(size, out var header)) return Stop(Damage.Truncated);
        Add(header, blockDuration, simple ? (header.Flags & 0x80) != 0 : keyframe);
        return true;
    }

    private readonly record struct BlockHeader(ulong Track, long Timestamp, byte Flags, int Frames, bool Continues);

    // Track number (1 to 8 bytes), timestamp relative to the cluster (2), flags (1), with lacing the number of frames - 1 (1).
    private bool TryReadBlockHeader(long size, out BlockHeader header)
    {
        header = default;
        var start = Source.Position;
        if (size is Unknown or < 4 || !Ebml.TryTakeVint(Source, out var track, out _) || !Source.TryTake(3, out var rest)) return false;
        var timestamp = _clusterTimestamp + (short)(rest[0] << 8 | rest[1]);
        var flags = rest[2];
        var frames = 1;
        var isVideo = _video is not null && track == _video.Number;
        if ((flags & 0x06) != 0 && Source.Position < start + size && Source.TryTake(1, out var laced)) frames = laced[0] + 1;
        else if (isVideo && Parameters is null && VideoCodec.MayDescribeItselfInFrames(VideoCodecName!))
            ReadPicture(start + size - Source.Position);
        if (frames > 1 && frames > start + size - Source.Position) Damage |= Damage.Corrupt;
        var continues = isVideo && frames == 1 && ReadFrameHead(start + size - Source.Position, timestamp);
        header = new(track, timestamp, flags, frames, continues);
        return Source.SkipTo(start + size);
    }

    private bool ReadFrameHead(long size, long timestamp)
    {
        if (VideoCodecName is not ("h264" or "hevc") || Enough) return false;
        var first = Timeline.Frames == 0;
        var near = Timeline.Follows(timestamp) < MostBetweenSlices;
        if (!first && !near) return false;
        var wanted = (int)Math.Clamp(size, 0, PictureHead);
        var head = Source.Peek(wanted);
        head = head[..Math.Min(wanted, head.Length)];
        if (first) TakeSequence(head);
        return near && AccessUnit.ContinuesPicture(VideoCodecName, head);
    }

    private void ReadPicture(long size)
    {
        var picture = Source.Peek((int)Math.Clamp(size, 0, ushort.MaxValue));
        TakeFrame(picture[..(int)Math.Clamp(size, 0, picture.Length)]);
    }

    private void Add(BlockHeader block, long? duration, bool keyframe)
    {
        if (_video is null || block.Track != _video.Number || block.Continues) return;
        var frame = duration ?? _video.DefaultDuration / Timeline.TickNumerator;
        Timeline.AddRun(block.Timestamp, frame / block.Frames * (duration is null ? block.Frames : 1), block.Frames,
            keyframe ? block.Frames : 0, keyframe);
    }

    private bool TryTakeHeader(out uint id, out long size)
    {
        size = 0;
        var result = Ebml.TryTakeId(Source, out id);
        if (result == EbmlResult.End) return false;
        if (result == EbmlResult.Ok && Ebml.TryTakeVint(Source, out var length, out var unknown))
        {
            size = unknown ? Unknown : (long)length;
            return true;
        }

        return Stop(result == EbmlResult.Corrupt ? Damage.Corrupt : Damage.Truncated);
    }

    private bool TryTakeNumber(long size, out ulong value)
    {
        value = 0;
        if (size is Unknown or > 8) return Stop(Damage.Corrupt);
        return Source.TryTakeNumber((int)size, out value) || Stop(Damage.Truncated);
    }

    private bool Skip(long size)
    {
        if (size == Unknown) return Stop(Damage.Corrupt);
        return Source.Skip(size) || Stop(Damage.Truncated);
    }

    private bool Stop(Damage damage)
    {
        Damage |= damage;
        return false;
    }
}
