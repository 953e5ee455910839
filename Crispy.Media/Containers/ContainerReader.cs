using Crispy.Media.Bytes;
using Crispy.Media.Codecs;

namespace Crispy.Media.Containers;

/// <summary>Reads one container forwards. What it finds stays valid however early the bytes end.</summary>
internal abstract class ContainerReader(ByteSource source, bool headOnly)
{
    private SequenceParameters? _parameters;

    /// <summary>The bytes.</summary>
    protected ByteSource Source { get; } = source;

    /// <summary><c>mkv</c>, <c>mp4</c> or <c>ts</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The video track's codec; null while none is known.</summary>
    public string? VideoCodecName { get; protected set; }

    /// <summary>The width that the container gives; 0 while unknown.</summary>
    protected int ContainerWidth { get; set; }

    /// <summary>The height that the container gives; 0 while unknown.</summary>
    protected int ContainerHeight { get; set; }

    /// <summary>Bits of a sample and the chroma format by a configuration that says no more than that.</summary>
    protected (int? Depth, string? Chroma) ContainerSamples { get; set; }

    /// <summary>The audio track's codec; null without audio.</summary>
    public string? AudioCodec { get; protected set; }

    /// <summary>The video frames' times.</summary>
    public VideoTimeline Timeline { get; } = new();

    /// <summary>What is wrong so far.</summary>
    public Damage Damage { get; protected set; }

    /// <summary>Where the description of the tracks begins when it is behind the frames; -1 when it is not.</summary>
    public long DescriptionOffset { get; protected set; } = -1;

    /// <summary>What the codec's own parameters say; null while none were seen.</summary>
    protected SequenceParameters? Parameters
    {
        get => _parameters;
        set
        {
            _parameters ??= value;
            if (_parameters is { FrameSeconds: > 0 } known) Timeline.NominalFrameSeconds = known.FrameSeconds;
        }
    }

    /// <summary>Whether a sequence header was found that no picture can have.</summary>
    protected bool HasImpossibleParameters { get; set; }

    /// <summary>Takes what the codec's configuration says.</summary>
    protected void TakeConfiguration(ReadOnlySpan<byte> configuration)
    {
        ContainerSamples = VideoCodec.SamplesOf(VideoCodecName!, configuration);
        Parameters = VideoCodec.FromConfiguration(VideoCodecName!, configuration);
        HasImpossibleParameters |= Parameters is null && VideoCodec.HasSequence(VideoCodecName!, configuration);
    }

    /// <summary>Takes what a frame says of itself.</summary>
    protected void TakeFrame(ReadOnlySpan<byte> frame)
    {
        Parameters = VideoCodec.FromFrame(VideoCodecName!, frame);
        HasImpossibleParameters |= Parameters is null && VideoCodec.HasFrameHeader(VideoCodecName!, frame);
    }

    /// <summary>Takes what the first picture says of itself, where that differs from the container's head:
    /// a camera has changed it while a recorder ran.</summary>
    protected void TakeSequence(ReadOnlySpan<byte> packet)
    {
        if (AccessUnit.FindSequence(VideoCodecName!, packet) is not { } inBand) return;
        _parameters = null;
        Parameters = inBand;
    }

    /// <summary>The video track as far as known; null while its codec or size is not.</summary>
    public VideoFormat? Format
    {
        get
        {
            var width = Parameters?.Width ?? ContainerWidth;
            var height = Parameters?.Height ?? ContainerHeight;
            return string.IsNullOrEmpty(VideoCodecName) || width <= 0 || height <= 0
                ? null
                : new VideoFormat(VideoCodecName, width, height, Parameters?.Channels ?? (ContainerSamples.Chroma == "4:0:0" ? 1 : 3))
                {
                    BitDepth = Parameters?.BitDepth ?? ContainerSamples.Depth,
                    Chroma = Parameters?.Chroma ?? ContainerSamples.Chroma,
                    PixelAspect = Parameters?.PixelAspect,
                    IsInterlaced = Parameters?.IsInterlaced,
                };
        }
    }

    /// <summary>What is wrong, once all is read.</summary>
    /// <param name="video">What the times add up to.</param>
    /// <param name="size">Bytes of the file.</param>
    public Damage Judge(VideoSummary video, long size)
    {
        if ((HasImpossibleParameters && Parameters is null) || !IsPossible(video, size)) Damage |= Damage.Corrupt;
        return Damage;
    }

    /// <summary>Whether what is said can be true of a file of <paramref name="size"/> bytes.</summary>
    protected virtual bool IsPossible(VideoSummary video, long size) =>
        video.IsPossible && video.Frames <= size
        && (Format is not { } format || VideoCodec.CanHave(format.Codec, format.Width, format.Height, format.BitDepth));

    /// <summary>Whether only the format is asked for and it is fully known.</summary>
    protected bool Enough => headOnly && HeadIsComplete;

    /// <summary>Whether no further byte could tell more about the format.</summary>
    public bool HeadIsComplete =>
        Format is not null && AllTracksSeen && (Parameters is not null || !VideoCodec.DescribesItselfInFrames(VideoCodecName!));

    /// <summary>Whether all tracks are declared by what was read.</summary>
    protected abstract bool AllTracksSeen { get; }

    /// <summary>Reads to the end, or until <see cref="Enough"/>.</summary>
    public abstract void Read();

    /// <summary>Chooses the reader by the first bytes; null when no container is recognised.</summary>
    public static ContainerReader? Open(ByteSource source, bool headOnly)
    {
        var head = source.Peek(TransportStreamReader.PacketSize * 2 + 1);
        if (MatroskaReader.Recognises(head)) return new MatroskaReader(source, headOnly);
        if (Mp4Reader.Recognises(head)) return new Mp4Reader(source, headOnly);
        return TransportStreamReader.Recognises(head) ? new TransportStreamReader(source, headOnly) : null;
    }
}
