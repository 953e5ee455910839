namespace Crispy.Console.Recorders;

/// <summary>What stream-handle found when it tried an address.</summary>
public sealed record ProbeReport
{
    /// <summary>Whether video came.</summary>
    public bool Ok { get; init; }

    /// <summary>Why not; null where it did.</summary>
    public string? Error { get; init; }

    /// <summary>What a person can do about it, in a sentence; null where nothing is known.</summary>
    public string? Advice { get; init; }

    /// <summary>The video; null where none came.</summary>
    public ProbedVideo? Video { get; init; }

    /// <summary>The audio; null where there is none.</summary>
    public ProbedAudio? Audio { get; init; }

    /// <summary>Seconds from asking to the first whole picture; null where none came.</summary>
    public double? FirstKeyframeSeconds { get; init; }

    /// <summary>A picture as a <c>data:</c> URL; null where none could be made.</summary>
    public string? Picture { get; init; }
}

/// <summary>Video as it came; what is not known is null.</summary>
public sealed record ProbedVideo(string? Codec, int? Width, int? Height, double? Fps, double? GopSeconds, string? PixelFormat);

/// <summary>Audio as it came.</summary>
public sealed record ProbedAudio(string? Codec, int? SampleRate, int? Channels);
