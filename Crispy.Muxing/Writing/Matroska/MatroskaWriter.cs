using System.Buffers.Binary;

namespace Crispy.Muxing.Writing.Matroska;

/// <summary>
/// Matroska (RFC 9559) in ticks of a millisecond. The segment and the open cluster have unknown sizes until they end. So a file whose
/// writer was killed is valid as far as it goes. Each cluster reaches the operating system when the next one begins.
/// </summary>
internal sealed class MatroskaWriter : IChunkWriter
{
    // As RFC 9559, 25.1 recommends. Keyframes nearer to each other than the shortest cluster share one.
    private const long LongestCluster = 5_000;
    private const long ShortestCluster = 500;
    private const long LargestCluster = 5_000_000;

    // A duration this near to the track's own is told by the track.
    private const long SameDuration = 500_000;

    private static readonly Tick Millisecond = new(1, 1000);

    private readonly VideoTrack _video;
    private readonly Tick _audioTick;
    private readonly long _audioDelay;
    private readonly MatroskaHeader _header;
    private readonly ChunkFile _file;
    private readonly ByteBuilder _bytes = new();
    private readonly List<(long Time, long Place)> _cues = [];
    private long _cluster = -1;
    private long _clusterTime;
    private long _lastPicture;

    /// <summary>Creates the file.</summary>
    /// <exception cref="UnsupportedTrackException">Matroska cannot hold a track. No file was created.</exception>
    /// <exception cref="IOException">The file cannot be created or written.</exception>
    public MatroskaWriter(string path, VideoTrack video, AudioTrack? audio)
    {
        _video = video;
        _audioTick = audio?.Tick ?? Millisecond;
        _audioDelay = audio is null ? 0 : Tick.Nanosecond.In(Millisecond, MatroskaHeader.DelayOf(audio));
        _header = new(video, audio);
        _file = new(path);
        _file.Write(_header.Bytes);
    }

    /// <inheritdoc />
    public void Write(ChunkPacket packet)
    {
        if (packet.Data.IsEmpty) return;
        var time = packet.IsVideo ? _video.Tick.In(Millisecond, packet.Time) : _audioTick.In(Millisecond, packet.Time) + _audioDelay;
        if (NeedsCluster(packet, time)) BeginCluster(time, packet is { IsVideo: true, IsKeyframe: true });
        var data = packet.IsVideo ? Stored(packet.Data) : packet.Data;
        if (packet.IsVideo && SaysDuration(packet)) AddGroup(packet, time, data);
        else AddSimple(packet, time, data);
        if (packet.IsVideo) _lastPicture = time;
    }

    /// <inheritdoc />
    public void Complete(long end)
    {
        EndCluster();
        long? cues = _cues.Count > 0 ? _file.Position : null;
        if (cues is not null) AddCues();
        _header.Complete(_file, (double)end * _video.Tick.Numerator * 1000 / _video.Tick.Denominator, cues);
        _file.Flush();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _file.Dispose();
        _bytes.Dispose();
        _header.Dispose();
    }

    private bool NeedsCluster(ChunkPacket packet, long time)
    {
        if (_cluster < 0) return true;
        var since = time - _clusterTime;
        if (since is >= LongestCluster or < short.MinValue || _file.Position - _cluster > LargestCluster) return true;
        return packet is { IsVideo: true, IsKeyframe: true } && since >= ShortestCluster;
    }

    private void BeginCluster(long time, bool keyframe)
    {
        EndCluster();
        _cluster = _file.Position;
        _clusterTime = time;
        if (keyframe) _cues.Add((time, _cluster - _header.SegmentStart));
        _bytes.Clear();
        _bytes.Id(Id.Cluster).UInt64(ulong.MaxValue >> 7).Number(Id.Timestamp, (ulong)time);
        _file.Write(_bytes.Written);
    }

    private void EndCluster()
    {
        if (_cluster < 0) return;
        Span<byte> size = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(size, EbmlElements.EightByteSize(_file.Position - _cluster - 12));
        _file.Patch(_cluster + 4, size);
        _file.Flush();
    }

    private bool SaysDuration(ChunkPacket packet) =>
        packet.Duration > 0 && Math.Abs(_video.Tick.In(Tick.Nanosecond, packet.Duration) - _video.FrameNanoseconds) >= SameDuration;

    private void AddSimple(ChunkPacket packet, long time, ReadOnlySpan<byte> data)
    {
        _bytes.Clear();
        AddBlock(Id.SimpleBlock, packet.IsVideo, time, !packet.IsVideo || packet.IsKeyframe ? 0x80 : 0, data.Length);
        _file.Write(_bytes.Written);
        _file.Write(data);
    }

    private void AddGroup(ChunkPacket packet, long time, ReadOnlySpan<byte> data)
    {
        _bytes.Clear();
        var group = _bytes.Begin(Id.BlockGroup);
        AddBlock(Id.Block, isVideo: true, time, flags: 0, data.Length);
        var split = _bytes.Length;
        _bytes.Number(Id.BlockDuration, (ulong)(_video.Tick.In(Millisecond, packet.Time + packet.Duration) - time));
        if (!packet.IsKeyframe) _bytes.Id(Id.ReferenceBlock).Byte(0x84).UInt32((uint)(int)(_lastPicture - time));
        BinaryPrimitives.WriteUInt32BigEndian(_bytes.From(group - 4), 0x1000_0000 | (uint)(_bytes.Length - group + data.Length));
        _file.Write(_bytes.Written[..split]);
        _file.Write(data);
        _file.Write(_bytes.Written[split..]);
    }

    private void AddBlock(uint id, bool isVideo, long time, int flags, int length) =>
        _bytes.Id(id).UInt32(0x1000_0000 | (uint)(4 + length))
            .Byte(0x80 | (isVideo ? MatroskaHeader.VideoNumber : MatroskaHeader.AudioNumber))
            .UInt16((short)(time - _clusterTime)).Byte(flags);

    // ProRes goes without its frame's header, AV1 without temporal delimiters, as their mappings ask.
    private ReadOnlySpan<byte> Stored(ReadOnlySpan<byte> data) => _video.Codec switch
    {
        "prores" when data.Length > 8 && data[4..8].SequenceEqual("icpf"u8) => data[8..],
        "av1" when data is [0x12, 0x00, ..] => data[2..],
        _ => data,
    };

    private void AddCues()
    {
        _bytes.Clear();
        var cues = _bytes.Begin(Id.Cues);
        foreach (var (time, place) in _cues)
        {
            var point = _bytes.Begin(Id.CuePoint);
            _bytes.Number(Id.CueTime, (ulong)time);
            var positions = _bytes.Begin(Id.CueTrackPositions);
            _bytes.Number(Id.CueTrack, MatroskaHeader.VideoNumber);
            _bytes.Number(Id.CueClusterPosition, (ulong)place);
            _bytes.End(positions);
            _bytes.End(point);
        }

        _bytes.End(cues);
        _file.Write(_bytes.Written);
    }
}
