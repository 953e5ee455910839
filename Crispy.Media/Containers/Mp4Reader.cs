using Crispy.Media.Bytes;
using Crispy.Media.Codecs;

namespace Crispy.Media.Containers;

/// <summary>
/// MP4 (ISO/IEC 14496-12), plain or fragmented, read forwards. Of boxes that only hold boxes nothing but the end is kept while they are
/// read: their order says which track is meant.
/// </summary>
internal sealed partial class Mp4Reader(ByteSource source, bool headOnly) : ContainerReader(source, headOnly)
{
    private const int PictureBytes = 16 * 1024;

    // moov, trak, mdia, minf, stbl are the deepest.
    private const int MostDepth = 16;

    private readonly bool _headOnly = headOnly;
    private readonly List<Mp4Track> _tracks = [];
    private Mp4Track _track = new();
    private Mp4Track? _video;
    private uint _movieTimescale = 1;
    private long _movieEnd;
    private long _innermostEnd;
    private bool _movieSeen;
    private bool _movieDone;
    private readonly long[] _ends = new long[MostDepth];
    private int _depth;
    private long _mediaDataOffset;
    private byte[] _mediaData = [];

    /// <inheritdoc />
    public override string Name => "mp4";

    /// <inheritdoc />
    protected override bool AllTracksSeen => _movieDone;

    /// <summary>Whether the bytes begin with a box that MP4 files begin with.</summary>
    public static bool Recognises(ReadOnlySpan<byte> head)
    {
        if (head.Length < 8) return false;
        var type = head.Slice(4, 4);
        return type.SequenceEqual("ftyp"u8) || type.SequenceEqual("styp"u8) || type.SequenceEqual("moov"u8) || type.SequenceEqual("moof"u8)
            || type.SequenceEqual("mdat"u8) || type.SequenceEqual("free"u8) || type.SequenceEqual("skip"u8) || type.SequenceEqual("wide"u8);
    }

    /// <summary>Takes the file's first bytes, where only the rest is read.</summary>
    public void TakeFirstBytes(ReadOnlySpan<byte> head) => _mediaData = head.ToArray();

    /// <inheritdoc />
    public override void Read()
    {
        ReadBoxes();
        if (_headOnly) return;
        FinishMovie();
        if (_innermostEnd != long.MaxValue && Source.Position < _innermostEnd) Damage |= Damage.Truncated;
        if (!_movieSeen) Damage |= Damage.Truncated;
    }

    private void ReadBoxes()
    {
        while (true)
        {
            if (_movieSeen && Source.Position >= _movieEnd) FinishMovie();
            if (Enough) return;
            if (!Mp4Box.TryTake(Source, out var box, out var damage))
            {
                Damage |= damage;
                return;
            }

            if (!ReadBox(box)) return;
        }
    }

    private bool ReadBox(Mp4Box box)
    {
        Leave(box.Start);
        if (_depth > 0 && box.End > _ends[_depth - 1]) Damage |= Damage.Corrupt;
        if (IsContainer(box.Type)) return Enter(box);
        if (box.Type == Mp4Box.TypeOf("mdat"u8)) return ReadMediaData(box);
        if (!ReadLeaf(box)) return Stop(Damage.Truncated);
        if (box.End == long.MaxValue)
        {
            Source.SkipToEnd();
            return true;
        }

        if (Source.Position > box.End) return Stop(Damage.Corrupt);
        return Source.SkipTo(box.End) || Stop(Damage.Truncated);
    }

    private static bool IsContainer(uint type) =>
        type == Mp4Box.TypeOf("moov"u8) || type == Mp4Box.TypeOf("trak"u8) || type == Mp4Box.TypeOf("edts"u8)
        || type == Mp4Box.TypeOf("mdia"u8)
        || type == Mp4Box.TypeOf("minf"u8) || type == Mp4Box.TypeOf("stbl"u8) || type == Mp4Box.TypeOf("mvex"u8)
        || type == Mp4Box.TypeOf("moof"u8)
        || type == Mp4Box.TypeOf("traf"u8);

    private void Leave(long position)
    {
        while (_depth > 0 && _ends[_depth - 1] <= position) _depth--;
    }

    private bool Enter(Mp4Box box)
    {
        if (_depth == MostDepth) return Stop(Damage.Corrupt);
        _ends[_depth++] = box.End;
        _innermostEnd = Math.Max(_innermostEnd, box.End);
        if (box.Type == Mp4Box.TypeOf("moov"u8))
        {
            _movieSeen = true;
            _movieEnd = box.End;
        }
        else if (box.Type == Mp4Box.TypeOf("trak"u8))
        {
            _track = new();
            _tracks.Add(_track);
            if (_tracks.Count > 64) return Stop(Damage.Corrupt);
        }
        else if (box.Type == Mp4Box.TypeOf("moof"u8))
        {
            _fragmentOffset = box.Start;
        }

        return true;
    }

    // The first bytes of the first media data are kept: Motion JPEG says only in its pictures whether it has colour.
    private bool ReadMediaData(Mp4Box box)
    {
        if (!_movieSeen && DescriptionOffset < 0)
        {
            DescriptionOffset = box.End == long.MaxValue ? -1 : box.End;
            if (_headOnly) return false;
        }

        if (Parameters is null && _mediaData.Length == 0)
        {
            _mediaDataOffset = Source.Position;
            var head = Source.Peek(PictureBytes);
            _mediaData = head[..(int)Math.Clamp(box.End - Source.Position, 0, Math.Min(head.Length, PictureBytes))].ToArray();
            if (_video is not null) ReadPicture();
        }

        if (box.End == long.MaxValue)
        {
            Source.SkipToEnd();
            return true;
        }

        return Source.SkipTo(box.End) || Stop(Damage.Truncated);
    }

    private void ReadPicture()
    {
        if (VideoCodecName is null || (!VideoCodec.MayDescribeItselfInFrames(VideoCodecName) && VideoCodecName is not ("h264" or "hevc")))
            return;
        var at = (_video!.FirstSampleOffset < 0 ? _mediaDataOffset : _video.FirstSampleOffset) - _mediaDataOffset;
        if (at < 0 || at >= _mediaData.Length) return;
        if (VideoCodecName is "h264" or "hevc") TakeSequence(_mediaData.AsSpan((int)at));
        else TakeFrame(_mediaData.AsSpan((int)at));
    }

    private void FinishMovie()
    {
        if (_movieDone || !_movieSeen) return;
        _movieDone = true;
        if (_video is null) return;
        Timeline.TickDenominator = _video.Timescale;
        Timeline.Shift = _video.EditShift(_movieTimescale);
        _video.AddTo(Timeline);
        ReadPicture();
    }

    /// <inheritdoc />
    protected override bool IsPossible(VideoSummary video, long size) =>
        base.IsPossible(video, size)
        && (_video is null || ((video.Frames == 0 || Format is not null) && (WasCut || IsPossible(_video, size))));

    private bool IsPossible(Mp4Track track, long size) => track.IsPossible(_movieTimescale) && track.FitsInto(size);

    // What is listed and not there is then no contradiction.
    private bool WasCut => (Damage & Damage.Truncated) != 0;

    private bool Stop(Damage damage)
    {
        Damage |= damage;
        return false;
    }
}
