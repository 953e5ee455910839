using Crispy.Muxing.Bitstreams;
using Crispy.Muxing.Nut;

namespace Crispy.Muxing.Cutting;

/// <summary>Makes pictures of the video's packets, in decoding order: several slices, and two fields, are one.</summary>
/// <param name="options">How to cut.</param>
/// <param name="bitstream">Reads the packets.</param>
/// <param name="times">The times of the source.</param>
/// <param name="steps">The rate that it declares.</param>
/// <param name="arrivals">When packets come.</param>
/// <param name="discarded">Called for a picture in front of a live source's first keyframe.</param>
internal sealed class PictureReader(
    CutOptions options, VideoBitstream bitstream, SourceTimes times, PictureSteps steps, Arrivals arrivals, Action discarded)
{
    private byte[] _scratch = [];
    private Picture? _latest;
    private long _counted;
    private bool _hasKeyframe;

    /// <summary>Takes the next packet.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="at">Where it begins.</param>
    /// <returns>The picture that begins with it, and what is known of its time; null where none does.</returns>
    public (Picture Picture, TimeKind Kind)? Take(NutPacket packet, long at)
    {
        var isNew = packet.NewExtradata is { } extradata && bitstream.TakeExtradata(extradata);
        var info = bitstream.Look(packet.Data, packet.IsKeyframe);
        if (isNew) info = info with { HasNewParameters = true };
        var data = bitstream.ToLengthPrefixed(packet.Data, ref _scratch);
        var arrivedAt = arrivals.Take();
        if (info.ContinuesPicture && _latest is not null)
        {
            _latest.Append(data);
            return null;
        }
        var (time, kind) = Time(packet);
        var picture = new Picture
        {
            IsKeyframe = packet.IsKeyframe,
            Info = info,
            Time = time,
            IsGuessed = times.IsGuessed,
            Byte = at,
            ArrivedAt = arrivedAt,
            Camera = packet.CameraTime,
            HasNewHeader = isNew,
            Configuration = packet.IsKeyframe ? bitstream.Configuration : null,
        };
        picture.Append(data);
        if (options.IsLive && !_hasKeyframe && !picture.IsKeyframe)
        {
            picture.Free();
            discarded();
            return null;
        }
        _hasKeyframe |= picture.IsKeyframe;
        _latest = picture;
        return (picture, kind);
    }

    // What ffmpeg counts differs from release to release.
    private (long Time, TimeKind Kind) Time(NutPacket packet)
    {
        if (options.Times == TimeBasis.Arrival) return (arrivals.Place(), TimeKind.Presentation);
        var (time, kind) = times.Video(packet);
        return kind == TimeKind.Counted && options.Times == TimeBasis.Declared
            ? (steps.Declared(_counted++), TimeKind.Decoding)
            : (time, kind);
    }
}
