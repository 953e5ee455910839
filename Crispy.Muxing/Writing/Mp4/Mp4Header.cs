using System.Buffers.Binary;

namespace Crispy.Muxing.Writing.Mp4;

/// <summary><c>ftyp</c> and <c>moov</c> of a fragmented file, with the places of what is known only at the end.</summary>
internal sealed class Mp4Header : IDisposable
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
    private readonly Mp4Timescale _videoScale;
    private readonly Mp4Timescale _audioScale;
    private readonly uint _movieScale;
    private int _videoOrigin;
    private int _audioOrigin;

    /// <summary>Writes the header.</summary>
    /// <param name="video">The video track.</param>
    /// <param name="audio">The audio track, if there is one.</param>
    /// <param name="pictures">The video's first samples.</param>
    /// <param name="sounds">The audio's first samples, if there are any yet.</param>
    public Mp4Header(VideoTrack video, AudioTrack? audio, Mp4Samples pictures, Mp4Samples sounds)
    {
        _videoScale = new(video.Tick);
        _audioScale = audio is null ? _videoScale : new(audio.Tick);
        _movieScale = _videoScale.With(_audioScale);
        var type = _bytes.Box("ftyp"u8);
        _bytes.Bytes("iso6"u8).UInt32(0).Bytes("iso5"u8).Bytes("iso6"u8).Bytes("mp41"u8).EndBox(type);
        var movie = _bytes.Box("moov"u8);
        var header = _bytes.FullBox("mvhd"u8, version: 1);
        _bytes.Zeros(16).UInt32(_movieScale);
        _duration = _bytes.Length;
        _bytes.UInt64(0).UInt32(One).UInt16(0x0100).Zeros(10);
        AddMatrix(0, 0, 0);
        _bytes.Zeros(24).UInt32(AudioId + 1).EndBox(header);
        AddVideo(video, pictures);
        if (audio is not null) AddAudio(audio, sounds);
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

    /// <summary>Fills in where tracks begin that had no sample when the header was written.</summary>
    public void SetOrigins(ChunkFile file, long? video, long? audio)
    {
        SetOrigin(file, ref _videoOrigin, _videoScale, video);
        SetOrigin(file, ref _audioOrigin, _audioScale, audio);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => _bytes.Dispose();

    private void SetOrigin(ChunkFile file, ref int place, Mp4Timescale scale, long? origin)
    {
        if (place == 0 || origin is not { } time) return;
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, scale.In(_movieScale, time));
        file.Patch(place, number);
        place = 0;
    }

    /// <summary>Fills in the duration, in the video's timescale.</summary>
    public void Complete(ChunkFile file, long duration)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, _videoScale.In(_movieScale, duration));
        file.Patch(_duration, number);
        file.Patch(_fragmentsDuration, number);
    }

    private void AddVideo(VideoTrack track, Mp4Samples samples)
    {
        var (coded, height) = PictureSize.Of(track, "mp4");
        var width = (int)((long)coded * track.PixelWidth / track.PixelHeight);
        var box = BeginTrack(VideoId, isAudio: false);
        AddMatrix(track.Rotation, width, height);
        _bytes.UInt32((uint)width << 16).UInt32((uint)height << 16).EndBox(box.Header);
        _videoOrigin = AddEdits(_videoScale, samples);
        var media = BeginMedia(_videoScale.PerSecond, "vide"u8, "Video\0"u8);
        _bytes.Leaf("vmhd"u8, [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        var (table, description) = BeginTable();
        Mp4SampleEntry.Add(_bytes, track, samples.FirstPacket);
        EndTrack(box.Track, media, table, description);
    }

    private void AddAudio(AudioTrack track, Mp4Samples samples)
    {
        var box = BeginTrack(AudioId, isAudio: true);
        AddMatrix(0, 0, 0);
        _bytes.Zeros(8).EndBox(box.Header);
        _audioOrigin = AddEdits(_audioScale, samples);
        var media = BeginMedia(_audioScale.PerSecond, "soun"u8, "Sound\0"u8);
        _bytes.Leaf("smhd"u8, [0, 0, 0, 0, 0, 0, 0, 0]);
        var (table, description) = BeginTable();
        Mp4SampleEntry.Add(_bytes, track, samples.FirstPacket);
        EndTrack(box.Track, media, table, description);
    }

    // Nothing until the track begins, then all that the fragments have (0), less the delay. Returns the place of the beginning if it is
    // unknown.
    private int AddEdits(Mp4Timescale scale, Mp4Samples samples)
    {
        if (samples is { Origin: 0, Delay: 0 }) return 0;
        var edits = _bytes.Box("edts"u8);
        var list = _bytes.FullBox("elst"u8, version: 1);
        var isLater = samples.Origin != 0;
        _bytes.UInt32(isLater ? 2u : 1);
        var place = _bytes.Length;
        if (isLater) _bytes.UInt64((ulong)scale.In(_movieScale, samples.Origin ?? 0)).UInt64(ulong.MaxValue).UInt32(One);
        _bytes.UInt64(0).UInt64((ulong)samples.Delay).UInt32(One).EndBox(list);
        _bytes.EndBox(edits);
        return samples.Origin is null ? place : 0;
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
