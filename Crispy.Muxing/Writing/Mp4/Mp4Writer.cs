namespace Crispy.Muxing.Writing.Mp4;

/// <summary>
/// Fragmented MP4 (ISO/IEC 14496-12, -14, -15): the header, then a fragment for each group of pictures. The header is written with the
/// first fragment, since some sample entries are made of the first packet. Each fragment reaches the operating system when it ends.
/// </summary>
internal sealed class Mp4Writer : IChunkWriter
{
    private const int LargestFragment = 4 * 1024 * 1024;
    private static readonly TimeSpan LongestFragment = TimeSpan.FromSeconds(5);

    // Keyframes nearer to each other share a fragment.
    private static readonly TimeSpan ShortestFragment = TimeSpan.FromSeconds(0.5);

    private readonly VideoTrack _video;
    private readonly AudioTrack? _audio;
    private readonly Mp4Timescale _videoScale;
    private readonly Mp4Timescale _audioScale;
    private readonly Mp4Samples _pictures = new(Mp4Header.VideoId, isVideo: true);
    private readonly Mp4Samples _sounds = new(Mp4Header.AudioId, isVideo: false);
    private readonly ByteBuilder _bytes = new();
    private readonly ChunkFile _file;
    private Mp4Header? _header;
    private TimeSpan _begin;
    private uint _sequence;
    private bool _failed;

    /// <summary>Creates the file.</summary>
    /// <exception cref="UnsupportedTrackException">An MP4 cannot hold a track. No file was created.</exception>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public Mp4Writer(string path, VideoTrack video, AudioTrack? audio)
    {
        Mp4SampleEntry.Check(video);
        PictureSize.Of(video, "mp4");
        if (audio is not null) Mp4SampleEntry.Check(audio);
        (_video, _audio) = (video, audio);
        _videoScale = new(video.Tick);
        _audioScale = new(audio?.Tick ?? video.Tick);
        _pictures.Delay = ReorderDepth.Of(video) is > 0 and var depth ? _videoScale.Of(video.Tick.From(depth * UsualStep(video))) : 0;
        _file = new(path);
    }

    /// <inheritdoc />
    public void Write(ChunkPacket packet)
    {
        if (packet.Data.IsEmpty) return;
        var time = (packet.IsVideo ? _videoScale : _audioScale).Of(packet.Time);
        var place = (packet.IsVideo ? _video.Tick : _audio!.Tick).Span(packet.Time);
        if (_pictures.Count + _sounds.Count == 0) _begin = place;
        else if (EndsFragment(packet, time, place - _begin))
        {
            WriteFragment(packet.IsVideo, packet.IsVideo ? time : null, packet.IsVideo ? null : time, end: null);
            _begin = place;
        }

        if (packet.IsVideo) _pictures.Add(time, _videoScale.Of(packet.Duration), packet.IsKeyframe, Stored(packet.Data));
        else _sounds.Add(time, _audioScale.Of(packet.Duration), keyframe: true, packet.Data);
    }

    /// <inheritdoc />
    public void Complete(long end)
    {
        var last = _videoScale.Of(end);
        WriteFragment(pictures: true, null, null, end);
        _header?.Complete(_file, last);
        _file.Flush();
    }

    /// <summary>Closes the file. A fragment that is open is written if the disk takes it.</summary>
    public void Dispose()
    {
        try
        {
            if (!_failed) WriteFragment(pictures: true, null, null, end: null);
        }
        catch (IOException)
        {
            // Nobody completes this file any more: its readers see where it ends.
        }

        _file.Dispose();
        _pictures.Dispose();
        _sounds.Dispose();
        _bytes.Dispose();
        _header?.Dispose();
    }

    private static TimeSpan UsualStep(VideoTrack video) =>
        video.FrameNanoseconds > 0 ? Tick.Nanosecond.Span(video.FrameNanoseconds) : TimeSpan.FromSeconds(1.0 / 25);

    // Without a keyframe only where all pictures so far are shown earlier, so that decoding times need not be pushed on. Where pictures
    // are rare, sound goes ahead alone: how long the last picture lasts is not known yet.
    private bool EndsFragment(ChunkPacket packet, long time, TimeSpan since)
    {
        if (!packet.IsVideo) return since >= 2 * LongestFragment || _sounds.Length >= LargestFragment;
        var isFull = since >= LongestFragment || _pictures.Length + _sounds.Length >= LargestFragment;
        return packet.IsKeyframe ? since >= ShortestFragment || isFull : isFull && time > _pictures.Latest;
    }

    private void WriteFragment(bool pictures, long? nextPicture, long? nextSound, long? end)
    {
        pictures &= _pictures.Count > 0;
        if (!pictures && _sounds.Count == 0) return;
        _failed = true;
        _pictures.SetOrigin();
        _sounds.SetOrigin();
        _header?.SetOrigins(_file, _pictures.Origin, _sounds.Origin);
        if (_header is null)
        {
            _pictures.Delay = Math.Max(_pictures.Delay, _pictures.DelayNeeded());
            _header = new(_video, _audio, _pictures, _sounds);
            _file.Write(_header.Bytes);
        }

        _bytes.Clear();
        var fragment = _bytes.Box("moof"u8);
        var header = _bytes.FullBox("mfhd"u8);
        _bytes.UInt32(++_sequence).EndBox(header);
        if (pictures) _pictures.AddFragment(_bytes, nextPicture, end is { } last ? _videoScale.Of(last) : null);
        long? over = end is { } at && _audio is not null ? _audioScale.Of(_video.Tick.In(_audio.Tick, at)) : null;
        if (_sounds.Count > 0) _sounds.AddFragment(_bytes, nextSound, over);
        _bytes.EndBox(fragment);
        var data = _bytes.Length + 8;
        var length = pictures ? _pictures.Length : 0;
        if (pictures) _pictures.SetDataOffset(_bytes, data);
        if (_sounds.Count > 0) _sounds.SetDataOffset(_bytes, data + length);
        _bytes.UInt32((uint)(8 + length + _sounds.Length)).Bytes("mdat"u8);
        _file.Write(_bytes.Written);
        if (pictures) _pictures.MoveTo(_file);
        _sounds.MoveTo(_file);
        _file.Flush();
        _failed = false;
    }

    // AV1 goes without temporal delimiters, as its binding asks.
    private ReadOnlySpan<byte> Stored(ReadOnlySpan<byte> data) => _video.Codec == "av1" && data is [0x12, 0x00, ..] ? data[2..] : data;
}
