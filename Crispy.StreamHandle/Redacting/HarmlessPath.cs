using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Crispy.StreamHandle.Redacting;

/// <summary>Which paths of addresses may be shown: those that are made of well-known names of streams alone. Cameras and servers put
/// credentials into any part of an address, under any name. So what is not known to be harmless is taken for a secret.</summary>
internal static partial class HarmlessPath
{
    // Names that makers of cameras and of streaming servers give to everybody's streams, with an optional number of up to three digits.
    private static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet([
        "axis-cgi", "axis-media", "cam", "camera", "ch", "channel", "channels", "clip", "faststream", "h264", "h265", "hevc", "high", "hls",
        "image", "img", "index", "live", "low", "main", "master", "media", "mjpeg", "mjpg", "mpeg4", "onvif",
        "playlist", "preview", "profile",
        "realmonitor",
        "stream", "streaming", "streams", "sub", "test", "track", "unicast", "video", "videomain", "videosub",
    ], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a path holds nothing but well-known names of streams.</summary>
    /// <param name="path">As it stands in the address; empty is harmless.</param>
    public static bool Is(ReadOnlySpan<char> path)
    {
        foreach (var segment in path.Split('/'))
            if (!IsSegment(path[segment].ToString())) return false;
        return true;
    }

    /// <summary>Whether one segment of a path is a well-known name: <c>Streaming</c>, <c>101</c>,
    /// <c>stream2</c>, <c>live.sdp</c>.</summary>
    /// <param name="segment">The segment, without slashes.</param>
    public static bool IsSegment(string segment)
    {
        if (segment.Length == 0) return true;
        if (Pattern().Match(segment) is not { Success: true } match) return false;
        var name = match.Groups["name"].Value;
        return name.Length == 0 ? match.Groups["number"].Length > 0 : Names.Contains(name)
            || Names.Contains(name + match.Groups["number"].Value);
    }

    [GeneratedRegex(@"\A(?<name>[A-Za-z][A-Za-z0-9-]*?)?(?:[_-]?(?<number>[0-9]{1,3}))?"
        + @"(?:\.(?:amp|avi|cgi|flv|m3u8|mjpe?g|mkv|mp4|mpd|sdp|ts|webm))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
