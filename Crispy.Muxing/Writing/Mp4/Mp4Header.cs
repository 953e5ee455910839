using System.Buffers.Binary;

namespace Crispy.Muxing.Writing.Mp4;

/// <summary><c>ftyp</c> and <c>moov</c> of a fragmented file, with the places of what is known only at the end.</summary>
internal sealed class Mp4Header
{
    /// <summary>The <c>track_ID</c> of the video.</summary>
    public const uint VideoId = 1;

    /// <summary>The <c>track_ID</c> of the audio.</summary>
    public const uint AudioId = 2;

    private const uint One = 0x0001_0000;
    private const int Undetermined = 0x55C4;

    private readonly ByteBuilder _bytes = new();
    private readonly int _duration;
    private readonly int _fragmentsDuration;

    /// <summary>Writes the header.</summary>
    /// <param name="video">The video track.</param>
    /// <param name="audio">The audio track, if there is one.</param>
    /// <param name="firstPicture">The first bytes of the first packet of video.</param>
    /// <param name="firstSound">The first bytes of the first packet of audio; empty before there is one.</param>
    /// <param name="delay">By how much the video's composition times lie behind the times at which pictures are shown.</param>
    public Mp4Header(VideoTrack video, AudioTrack? audio, ReadOnlySpan<byte> firstPicture, ReadOnlySpan<byte> firstSound, long delay)
    {
        var scale = new Mp4Timescale(video.Tick);
        var type = _bytes.Box("ftyp"u8);
        _bytes.Bytes("iso6"u8).UInt32(0).Bytes("iso5"u8).Bytes("iso6"u8).Bytes("mp41"u8).EndBox(type);
        var movie = _bytes.Box("moov"u8);
        var header = _bytes.FullBox("mvhd"u8, version: 1);
        _bytes.Zeros(16).UInt32(scale.PerSecond);
        _duration = _bytes.Length;
        _bytes.UInt64(0).UInt32(One).UInt16(0x0100).Zeros(10);
        AddMatrix(0, 0, 0);
        _bytes.Zeros(24).UInt32(AudioId + 1).EndBox(header);
        AddVideo(video, scale, firstPicture, delay);
        if (audio is not null) AddAudio(audio, firstSound);
        var extends = _bytes.Box("mvex"u8);
        var extent = _bytes.FullBox("mehd"u8, version: 1);
        _fragmentsDuration = _bytes.Length;
        _bytes.UInt64(0).EndBox(extent);
        AddDefaults(VideoId);
        if (audio is not null) AddDefaults(AudioId);
        _bytes.EndBox(extends);
        _bytes.EndBox(movie);
    }

    /// <summary>The header.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Written;

    /// <summary>Fills in the duration, in the video's timescale.</summary>
    public void Complete(ChunkFile file, long duration)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, duration);
        file.Patch(_duration, number);
        file.Patch(_fragmentsDuration, number);
    }

    private void AddVideo(VideoTrack track, Mp4Timescale scale, ReadOnlySpan<byte> firstPacket, long delay)
    {
        var (coded, height) = PictureSize.Of(track, "mp4");
        var width = (int)((long)coded * track.PixelWidth / track.PixelHeight);
        var box = BeginTrack(VideoId, isAudio: false);
        AddMatrix(track.Rotation, width, height);
        _bytes.UInt32((uint)width << 16).UInt32((uint)height << 16).EndBox(box.Header);
        if (delay > 0) AddEdit(delay);
        var media = BeginMedia(scale.PerSecond, "vide"u8, "Video\0"u8);
        _bytes.Leaf("vmhd"u8, [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        var (table, description) = BeginTable();
        Mp4SampleEntry.Add(_bytes, track, firstPacket);
        EndTrack(box.Track, media, table, description);
    }

    private void AddAudio(AudioTrack track, ReadOnlySpan<byte> firstPacket)
    {
        var box = BeginTrack(AudioId, isAudio: true);
        AddMatrix(0, 0, 0);
        _bytes.Zeros(8).EndBox(box.Header);
        var media = BeginMedia(new Mp4Timescale(track.Tick).PerSecond, "soun"u8, "Sound\0"u8);
        _bytes.Leaf("smhd"u8, [0, 0, 0, 0, 0, 0, 0, 0]);
        var (table, description) = BeginTable();
        Mp4SampleEntry.Add(_bytes, track, firstPacket);
        EndTrack(box.Track, media, table, description);
    }

    // One edit, as long as the fragments are (0), that takes the delay back.
    private void AddEdit(long delay)
    {
        var edits = _bytes.Box("edts"u8);
        var list = _bytes.FullBox("elst"u8, version: 1);
        _bytes.UInt32(1).UInt64(0).UInt64((ulong)delay).UInt32(One).EndBox(list);
        _bytes.EndBox(edits);
    }

    // Enabled and in the movie; the length is in the fragments.
    private (int Track, int Header) BeginTrack(uint id, bool isAudio)
    {
        var track = _bytes.Box("trak"u8);
        var header = _bytes.FullBox("tkhd"u8, version: 1, flags: 3);
        _bytes.Zeros(16).UInt32(id).Zeros(4).UInt64(0).Zeros(12).UInt16(isAudio ? 0x0100 : 0).Zeros(2);
        return (track, header);
    }

    private (int Media, int Information) BeginMedia(uint timescale, ReadOnlySpan<byte> handler, ReadOnlySpan<byte> name)
    {
        var media = _bytes.Box("mdia"u8);
        var header = _bytes.FullBox("mdhd"u8, version: 1);
        _bytes.Zeros(16).UInt32(timescale).UInt64(0).UInt16(Undetermined).UInt16(0).EndBox(header);
        var kind = _bytes.FullBox("hdlr"u8);
        _bytes.Zeros(4).Bytes(handler).Zeros(12).Bytes(name).EndBox(kind);
        return (media, _bytes.Box("minf"u8));
    }

    // The data is in the same file.
    private (int Table, int Description) BeginTable()
    {
        var information = _bytes.Box("dinf"u8);
        var references = _bytes.FullBox("dref"u8);
        _bytes.UInt32(1).Leaf("url "u8, [0, 0, 0, 1]);
        _bytes.EndBox(references);
        _bytes.EndBox(information);
        var table = _bytes.Box("stbl"u8);
        var description = _bytes.FullBox("stsd"u8);
        _bytes.UInt32(1);
        return (table, description);
    }

    private void EndTrack(int track, (int Media, int Information) media, int table, int description)
    {
        _bytes.EndBox(description);
        _bytes.Leaf("stts"u8, [0, 0, 0, 0, 0, 0, 0, 0]);
        _bytes.Leaf("stsc"u8, [0, 0, 0, 0, 0, 0, 0, 0]);
        _bytes.Leaf("stsz"u8, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        _bytes.Leaf("stco"u8, [0, 0, 0, 0, 0, 0, 0, 0]);
        _bytes.EndBox(table);
        _bytes.EndBox(media.Information);
        _bytes.EndBox(media.Media);
        _bytes.EndBox(track);
    }

    // Three columns a row: 16.16, 16.16, 2.30. The last row moves the turned picture back to the origin.
    private void AddMatrix(int clockwise, int width, int height)
    {
        var (cos, sin) = clockwise switch { 90 => (0, 1), 180 => (-1, 0), 270 => (0, -1), _ => (1, 0) };
        var (x, y) = clockwise switch { 90 => (height, 0), 180 => (width, height), 270 => (0, width), _ => (0, 0) };
        _bytes.UInt32((uint)cos * One).UInt32((uint)sin * One).UInt32(0).UInt32((uint)-sin * One).UInt32((uint)cos * One).UInt32(0);
        _bytes.UInt32((uint)x * One).UInt32((uint)y * One).UInt32(0x4000_0000);
    }

    private void AddDefaults(uint id)
    {
        var box = _bytes.FullBox("trex"u8);
        _bytes.UInt32(id).UInt32(1).Zeros(12).EndBox(box);
    }
}
