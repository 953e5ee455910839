using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Recording;

/// <summary>What an open source yields, one after another.</summary>
internal abstract record Found
{
    private Found()
    {
    }

    /// <summary>The spool is in order after all that happened before.</summary>
    /// <param name="Captured">Chunks that it holds, and declarations.</param>
    /// <param name="Losses">Declarations that were begun before, and are ready now.</param>
    public sealed record Recovered(Captured Captured, IReadOnlyList<Spool.SpooledLoss> Losses) : Found;

    /// <summary>Whether the source has an end is known.</summary>
    /// <param name="IsFinite">Whether it has.</param>
    public sealed record Kind(bool IsFinite) : Found;

    /// <summary>The first picture came.</summary>
    public sealed record Picture : Found;

    /// <summary>Segments became chunks, or are lost.</summary>
    /// <param name="Batch">What became of them, and why what comes next may not follow on.</param>
    public sealed record Chunks(SpooledBatch Batch) : Found;

    /// <summary>Closed segments wait to become chunks.</summary>
    /// <param name="Count">How many.</param>
    public sealed record Pending(int Count) : Found;

    /// <summary>Reading stands still until the spool has room, or goes on.</summary>
    /// <param name="IsHeld">Whether it stands still.</param>
    public sealed record Held(bool IsHeld) : Found;

    /// <summary>A picture that nothing could show was discarded.</summary>
    public sealed record Discarded : Found;

    /// <summary>Data of the source was missing or corrupt.</summary>
    public sealed record Damage : Found;

    /// <summary>ffmpeg said what nothing here knows.</summary>
    /// <param name="Line">Its line, without secrets.</param>
    public sealed record Complaint(string? Line) : Found;

    /// <summary>The disk takes no segments: they wait.</summary>
    /// <param name="Error">What it says.</param>
    public sealed record Refused(string Error) : Found;

    /// <summary>The disk takes segments again.</summary>
    public sealed record Accepted : Found;

    /// <summary>The connection is over, and all of its segments are chunks; nothing comes after it.</summary>
    /// <param name="Ending">How it ended.</param>
    public sealed record End(Ending Ending) : Found;

    /// <summary>ffmpeg's run is over; what that means for the source is still to be judged.</summary>
    /// <param name="Result">How it ended.</param>
    public sealed record RunOver(RunResult Result) : Found;
}
