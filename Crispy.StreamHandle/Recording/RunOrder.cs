using Crispy.Spool;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Recording;

/// <summary>What one ffmpeg is to read.</summary>
/// <param name="Stream">The stream as it is opened now.</param>
/// <param name="Facts">What its source holds; null where it was not looked at.</param>
/// <param name="Progress">How far its source was taken before; null for a live one.</param>
/// <param name="End">Hears what ffmpeg says of the source.</param>
/// <param name="IsPaced">Whether it is held to the speed at which it plays.</param>
/// <param name="GapReason">Why its first chunk does not follow on, where it does not.</param>
internal sealed record RunOrder(
    StreamOptions Stream, SourceFacts? Facts, SourceProgress? Progress, SourceEnd End, bool IsPaced, string? GapReason)
{
    /// <summary>Whether the source has an end.</summary>
    public bool IsFinite => Progress is not null;
}

/// <summary>How one ffmpeg's run ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Error">The last lines of its standard error.</param>
/// <param name="Segments">Segments that it closed.</param>
/// <param name="Span">From the first picture to the end of the last one, holes included; zero before the first segment closed.</param>
internal sealed record RunResult(int ExitCode, string Error, int Segments, TimeSpan Span)
{
    /// <summary>Whether a finite source was left before all of it became chunks. Its last segment then ends anywhere, and is read again,
    /// whole, at the next start.</summary>
    public bool IsInterrupted { get; init; }

    /// <summary>Why the run was ended although its live source was still open; null when it was not.</summary>
    public string? Stall { get; init; }

    /// <summary>Whether the run was ended because the spool is full.</summary>
    public bool IsOutOfRoom { get; init; }

    /// <summary>Whether someone ended ffmpeg by force.</summary>
    public bool WasKilled { get; init; }

    /// <summary>Whether its file grew while it was read: what came last is read again, whole, by the next run.</summary>
    public bool HasGrown { get; init; }
}
