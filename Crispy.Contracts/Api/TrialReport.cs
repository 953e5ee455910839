namespace Crispy.Contracts.Api;

/// <summary>What trying a source showed.</summary>
/// <param name="Ok">Whether it can be recorded: it opens, holds video, and a picture came.</param>
/// <param name="Error">Why not; null where it can be. Holds no secret.</param>
/// <param name="Kind"><c>live</c> or <c>finite</c>; null where it did not open.</param>
/// <param name="Video">Its video; null where it did not open.</param>
/// <param name="Audio">Its audio; null where it has none.</param>
/// <param name="FirstKeyframeSeconds">From opening it to its first keyframe; null where none came.</param>
/// <param name="Picture">Its first picture, 640 wide, as a data URL of a JPEG; null where none came.</param>
/// <param name="Advice">What a person can do about the error, in a sentence; null where there is none, or nothing is known.</param>
public sealed record TrialReport(bool Ok, string? Error, string? Kind, TrialVideo? Video, TrialAudio? Audio, double? FirstKeyframeSeconds,
    string? Picture, string? Advice = null);

/// <summary>A source's video.</summary>
/// <param name="Codec">As ffmpeg names it.</param>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Fps">Frames a second; null where that could not be told.</param>
/// <param name="GopSeconds">From the first keyframe to the second; null where no second one came in time.</param>
/// <param name="PixelFormat">As ffmpeg names it; null where it is not known.</param>
public sealed record TrialVideo(string Codec, int? Width, int? Height, double? Fps, double? GopSeconds, string? PixelFormat);

/// <summary>A source's audio.</summary>
/// <param name="Codec">As ffmpeg names it; null where it knows none.</param>
/// <param name="SampleRate">Hertz.</param>
/// <param name="Channels">Number of channels.</param>
public sealed record TrialAudio(string? Codec, int? SampleRate, int? Channels);

/// <summary>A source to be tried.</summary>
/// <param name="Url">Its address, with its secrets.</param>
/// <param name="RtspTransport"><c>tcp</c> (default) or <c>udp</c>.</param>
public sealed record TrialRequest(string Url, string? RtspTransport);
