using Crispy.Archive;

namespace Crispy.Console.Archiving;

/// <summary>Reasons of losses and gaps, as the archive tells them, in words for people.</summary>
internal static class ReasonWords
{
    /// <summary>The words; a reason that is not known as it is.</summary>
    public static string Of(string? reason) => reason switch
    {
        "droppedOldest" => "the spool was full: the oldest was given up",
        "droppedNewest" => "the spool was full: the newest was given up",
        "unusable" => "no video in the file",
        "incomplete" => "cut off by a crash",
        "discarded" => "discarded by a person",
        GapReason.Missing => "chunks are missing, and nobody declared them lost",
        GapReason.NotRecorded => "no connection to the camera, or not asked to record",
        GapReason.Pending => "may be on its way",
        GapReason.Expired => "older than it is kept: deleted as chosen",
        GapReason.NotYet => "before its first picture",
        _ => reason ?? "",
    };
}
