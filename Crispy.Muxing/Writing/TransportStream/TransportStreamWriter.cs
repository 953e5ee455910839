using Crispy.Media.Containers;
namespace Crispy.Muxing.Writing.TransportStream;

/// <summary>
/// MPEG transport stream (ISO/IEC 13818-1). All times are <see cref="Offset"/> later than they are said, so that no decoding time is
/// negative. What it has no place for: rotation, how long the last picture lasts, clock references between pictures that are rare.
/// </summary>
internal sealed class TransportStreamWriter : IChunkWriter
{
    private static ReadOnlySpan<byte> NullPacket => [0x47, 0x1F, 0xFF, 0x10];

    /// <summary>What all times have in addition: 1.4 s in 90 kHz, which is ffmpeg's offset too.</summary>
    public const long Offset = 126_000;

    // Half of the offset is for decoding times before presentation times, half for the clock before decoding times.
    private const long Lead = Offset / 2;
    private const long TablesEvery = 45_000;
    private const long Wrap = 0x1_FFFF_FFFF;

    // What has less than eleven times 204 bytes, libavformat may take for something else: it looks for packets of up to 204.
    private const int LeastPackets = 12;

    // Of H.264 that does not say it. A picture too many delays decoding times and no more.
    private const int UnknownDepth = 4;

    private static readonly Tick Unit = new(1, 90_000);

    private readonly VideoTrack _video;
    private readonly Tick _audioTick;
    private readonly TsCodec _videoCodec;
    private readonly TsCodec _audioCodec;
    private readonly byte[] _adts;
    private readonly AccessUnits _units;
    private readonly DecodingTimes _decoding;
    private readonly TsTables _tables;
    private readonly ByteBuilder _bytes = new();
    private readonly ChunkFile _file;
    private readonly TsPackets _packets;
    private long _tablesAt = long.MinValue;

    /// <summary>Creates the file.</summary>
    /// <exception cref="UnsupportedTrackException">A transport stream cannot hold a track. No file was created.</exception>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public TransportStreamWriter(string path, VideoTrack video, AudioTrack? audio)
    {
        _video = video;
        _videoCodec = TsCodec.Of(video);
        _audioCodec = audio is null ? default : TsCodec.Of(audio);
        _adts = audio is null ? [] : TsCodec.AdtsOf(audio);
        _audioTick = audio?.Tick ?? Unit;
        _units = new(video);
        var step = Unit.From(video.FrameNanoseconds > 0 ? Tick.Nanosecond.Span(video.FrameNanoseconds) : TimeSpan.FromSeconds(1.0 / 25));
        _decoding = new(ReorderDepth.Of(video) ?? UnknownDepth, step, Lead);
        _tables = new(_videoCodec, audio is null ? null : _audioCodec);
        _file = new(path);
        _packets = new(_file);
    }

    /// <inheritdoc />
    public void Write(ChunkPacket packet)
    {
        if (packet.Data.IsEmpty) return;
        var time = (packet.IsVideo ? _video.Tick : _audioTick).In(Unit, packet.Time) + Offset;
        WriteTables(time, packet is { IsVideo: true, IsKeyframe: true });
        if (packet.IsVideo) WritePicture(packet, time);
        else WriteSound(packet, time);
    }

    /// <inheritdoc />
    public void Complete(long end)
    {
        Span<byte> last = stackalloc byte[TransportStreamReader.PacketSize];
        last.Fill(0xFF);
        NullPacket.CopyTo(last);
        do _file.Write(last);
        while (_file.Position < LeastPackets * TransportStreamReader.PacketSize);
        _file.Flush();
    }

    /// <summary>Whether a file was completed: a null packet ends it (ISO/IEC 13818-1, 2.4.3.3). Nothing else in a transport stream tells
    /// that its last picture is whole.</summary>
    public static bool IsComplete(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length < TransportStreamReader.PacketSize) return false;
        file.Seek(-TransportStreamReader.PacketSize, SeekOrigin.End);
        Span<byte> last = stackalloc byte[4];
        file.ReadExactly(last);
        return last.SequenceEqual(NullPacket);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _file.Dispose();
        _bytes.Dispose();
    }

    private void WriteTables(long time, bool keyframe)
    {
        if (!keyframe && _tablesAt != long.MinValue && time - _tablesAt < TablesEvery) return;
        if (keyframe) _file.Flush();
        _tables.Write(_packets);
        _tablesAt = time;
    }

    private void WritePicture(ChunkPacket packet, long time)
    {
        var decoding = _decoding.Next(time);
        _bytes.Clear();
        BeginStreamPacket(_videoCodec.StreamId, time, decoding);
        _units.Add(_bytes, packet.Data, packet.IsKeyframe);
        EndStreamPacket();
        _packets.Write(TsPackets.VideoPid, _bytes.Written, (decoding - Lead) & Wrap, packet.IsKeyframe);
    }

    private void WriteSound(ChunkPacket packet, long time)
    {
        _bytes.Clear();
        BeginStreamPacket(_audioCodec.StreamId, time, time);
        if (_adts.Length > 0) AddAdts(packet.Data.Length);
        _bytes.Bytes(packet.Data);
        EndStreamPacket();
        _packets.Write(TsPackets.AudioPid, _bytes.Written, clock: null, randomAccess: true);
    }

    // The frame's length has 13 bits, across three bytes; the buffer's fullness is unknown (all ones), one block.
    private void AddAdts(int length)
    {
        var whole = length + 7;
        _bytes.Bytes(_adts.AsSpan(0, 3)).Byte(_adts[3] | whole >> 11).Byte(whole >> 3).Byte((whole & 7) << 5 | 0x1F).Byte(0xFC);
    }

    private void BeginStreamPacket(byte id, long presentation, long decoding)
    {
        var both = decoding != presentation;
        _bytes.UInt32(0x100u | id).UInt16(0).Byte(0x84).Byte(both ? 0xC0 : 0x80).Byte(both ? 10 : 5);
        AddTime(both ? 0x31 : 0x21, presentation);
        if (both) AddTime(0x11, decoding);
    }

    // Pictures may be longer than the 16 bits of the length: it is then unbounded (0), which video alone may have.
    private void EndStreamPacket()
    {
        var length = _bytes.Length - 6;
        if (length <= ushort.MaxValue) System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(_bytes.From(4), (ushort)length);
    }

    // 3, 15 and 15 bits, each with a marker bit behind it.
    private void AddTime(int marker, long time) =>
        _bytes.Byte(marker | (int)(time >> 29) & 0x0E).UInt16((int)(time >> 14) & 0xFFFE | 1).UInt16((int)(time << 1) & 0xFFFE | 1);
}
