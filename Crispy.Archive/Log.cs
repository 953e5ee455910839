using Microsoft.Extensions.Logging;

namespace Crispy.Archive;

/// <summary>What the archive says of itself; it runs within the console, whose ids are the 5000s: the archive's are 5500 and up.</summary>
internal static partial class Log
{
    [LoggerMessage(5500, LogLevel.Debug, "stream-handle does not tell what is in the spools, so answers are without it: {Reason}",
        EventName = "SpoolAway")]
    public static partial void SpoolAway(ILogger logger, string reason);

    [LoggerMessage(5501, LogLevel.Warning, "ffmpeg makes nothing of {ObjectName}: {Reason}", EventName = "ObjectUnplayable")]
    public static partial void ObjectUnplayable(ILogger logger, string objectName, string reason);

    [LoggerMessage(5502, LogLevel.Warning, "The archive cannot answer: {Reason}", EventName = "BucketAway")]
    public static partial void BucketAway(ILogger logger, string reason);

    [LoggerMessage(5504, LogLevel.Warning, "An export of {Stream} ended early: {Reason}", EventName = "ExportFailed")]
    public static partial void ExportFailed(ILogger logger, string stream, string reason);

    [LoggerMessage(5503, LogLevel.Debug, "Redis does not tell a chunk's history: {Reason}", EventName = "StatesAway")]
    public static partial void StatesAway(ILogger logger, string reason);

    [LoggerMessage(5506, LogLevel.Information,
        "The bucket's rules are not known, so that nothing is told of what they delete (storage.buckets.get is needed): {Reason}",
        EventName = "RulesUnknown")]
    public static partial void RulesUnknown(ILogger logger, string reason);

    [LoggerMessage(5505, LogLevel.Information, "{Stream}: {Count} objects from {From} to {To} are held now: {Held}",
        EventName = "HoldsChanged")]
    public static partial void HoldsChanged(ILogger logger, string stream, int count, string from, string to, bool held);
}
