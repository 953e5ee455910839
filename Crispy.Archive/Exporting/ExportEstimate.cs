using Crispy.Exporting;

namespace Crispy.Archive;

/// <summary>What an export of a range would hold.</summary>
public sealed record ExportEstimate
{
    /// <summary>The stream.</summary>
    public required string Stream { get; init; }

    /// <summary>Begin of the range, UTC.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>End of the range, UTC; what lies in the future is cut off.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>How much video that is: whole chunks, so it may be more than the range; in JSON seconds.</summary>
    public required TimeSpan Length { get; init; }

    /// <summary>How many chunks.</summary>
    public required long Chunks { get; init; }

    /// <summary>Their bytes: the video's size, nearly; with the originals the file has twice as much.</summary>
    public required long Bytes { get; init; }

    /// <summary>What of the range it does not hold.</summary>
    public required IReadOnlyList<ExportHole> Holes { get; init; }

    /// <summary>The video codec as ffmpeg names it; null where nothing is stored.</summary>
    public string? Codec { get; init; }

    /// <summary>The sound's codec as ffmpeg names it; null without sound.</summary>
    public string? Sound { get; init; }

    /// <summary>What people call the sound's codec.</summary>
    public string? SoundName { get; init; }

    /// <summary>Whether an MP4 holds the video.</summary>
    public bool VideoFitsMp4 { get; init; } = true;

    /// <summary>Whether an MP4 holds the sound; else it is encoded (<c>audio=aac</c>), left out (<c>audio=drop</c>),
    /// or the container is <c>mkv</c>.</summary>
    public bool SoundFitsMp4 { get; init; } = true;

    /// <summary>Why it cannot be exported; null where it can.</summary>
    public string? Problem { get; init; }
}

/// <summary>How far an export is.</summary>
public enum ExportStage
{
    /// <summary>It looks up what to export.</summary>
    Beginning,

    /// <summary>Chunks are fetched, checked and sent.</summary>
    Fetching,

    /// <summary>They are joined.</summary>
    Joining,

    /// <summary>The video and the rest of the proof are sent.</summary>
    Sending,

    /// <summary>All was sent.</summary>
    Done,

    /// <summary>It ended early: what was sent is not a whole file.</summary>
    Failed,
}

/// <summary>How far an export is.</summary>
/// <param name="Stage">What is done now.</param>
/// <param name="Done">How much of it, of <paramref name="Total"/>.</param>
/// <param name="Total">How much it is, in bytes.</param>
/// <param name="Error">Why it failed; null otherwise.</param>
public sealed record ExportStatus(ExportStage Stage, long Done, long Total, string? Error);
