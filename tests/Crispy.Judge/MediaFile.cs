namespace Crispy.Judge;

/// <summary>A packet of video or sound, as ffprobe sees it.</summary>
/// <param name="Stream">Index of its stream in the file.</param>
/// <param name="Pts">Presentation time in seconds; null where it has none.</param>
/// <param name="Dts">Decoding time in seconds; null where it has none.</param>
/// <param name="Duration">Seconds; 0 where unknown.</param>
/// <param name="IsKeyframe">Whether decoding can start here.</param>
/// <param name="IsHidden">Whether the container says that it is not to be shown (edit list).</param>
/// <param name="Hash">MD5 of its bytes.</param>
public sealed record MediaPacket(int Stream, double? Pts, double? Dts, double Duration, bool IsKeyframe, bool IsHidden, string Hash);

/// <summary>A decoded picture, in the order in which the decoder shows it.</summary>
/// <param name="Time">Presentation time in seconds; null where its packet had none.</param>
/// <param name="Md5">MD5 of its pixels.</param>
public sealed record Picture(double? Time, string Md5);

/// <summary>One file, as ffprobe and ffmpeg see it.</summary>
public sealed record MediaFile
{
    /// <summary>Its path, or address.</summary>
    public required string Path { get; init; }

    /// <summary>The demuxer's name.</summary>
    public string Format { get; init; } = "";

    /// <summary>The video codec as ffmpeg names it; empty where no video was found.</summary>
    public string Codec { get; init; } = "";

    /// <summary>The unit of the video's times, in seconds.</summary>
    public double Tick { get; init; } = 1e-6;

    /// <summary>Seconds from the beginning of the video to its end, as the container says; 0 where it does not.</summary>
    public double Length { get; init; }

    /// <summary>Pixels of a row.</summary>
    public int Width { get; init; }

    /// <summary>Rows.</summary>
    public int Height { get; init; }

    /// <summary>By how many degrees the picture is turned clockwise to be shown.</summary>
    public int Rotation { get; init; }

    /// <summary>Sample aspect ratio as <c>12:11</c>; <c>1:1</c> where unknown.</summary>
    public string Sar { get; init; } = "1:1";

    /// <summary>Pixel format as ffmpeg names it.</summary>
    public string PixelFormat { get; init; } = "";

    /// <summary>Packets of the first video track, in the file's order.</summary>
    public IReadOnlyList<MediaPacket> Video { get; init; } = [];

    /// <summary>Packets of all sound tracks, in the file's order.</summary>
    public IReadOnlyList<MediaPacket> Sound { get; init; } = [];

    /// <summary>The pictures that a decoder shows of it.</summary>
    public IReadOnlyList<Picture> Pictures { get; init; } = [];

    /// <summary>Hashes of what the video consists of in any container. For H.264 and HEVC that is NAL units without parameter sets,
    /// delimiters and filler. For MPEG-2 and MPEG-4 it is start code units from slices up, else packets.</summary>
    public IReadOnlyList<string> Units { get; init; } = [];

    /// <summary>What decoder and demuxer complained about; empty where about nothing.</summary>
    public string Complaints { get; init; } = "";
}
