using Crispy.Media.Codecs;

namespace Crispy.Muxing.Writing;

/// <summary>How many pictures at most are decoded before one that is shown earlier than they.</summary>
internal static class ReorderDepth
{
    /// <summary>As the codec or its first sequence parameter set says; null where they do not.</summary>
    public static int? Of(VideoTrack track) => track.Codec switch
    {
        "h264" => OfH264(track.Configuration),
        "hevc" => OfHevc(track.Configuration),
        "mpeg1video" or "mpeg2video" or "mpeg4" => 1,
        _ => 0,
    };

    private static int? OfH264(ReadOnlySpan<byte> configuration)
    {
        var record = new H264Record(configuration);
        while (record.TryTake(out var unit))
        {
            if (!unit.IsEmpty && H264.TypeOf(unit) == H264.SpsType) return H264Sps.Read(unit)?.ReorderDepth;
        }

        return null;
    }

    private static int? OfHevc(ReadOnlySpan<byte> configuration)
    {
        var record = new HevcRecord(configuration);
        while (record.TryTake(out var unit))
        {
            if (!unit.IsEmpty && Hevc.TypeOf(unit) == Hevc.SpsType) return HevcSps.Read(unit)?.ReorderDepth;
        }

        return null;
    }
}
