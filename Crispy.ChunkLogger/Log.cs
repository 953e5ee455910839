namespace Crispy.ChunkLogger;

/// <summary>What chunk-logger says of itself, besides the entries of the chunks.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Information, "Logging the chunks of {Bucket}; URLs are signed for {Lifetime}", EventName = "Started")]
    public static partial void Started(ILogger logger, string bucket, TimeSpan lifetime);

    [LoggerMessage(3001, LogLevel.Debug, "Event {EventId} is not for us: {Reason}", EventName = "EventIgnored")]
    public static partial void EventIgnored(ILogger logger, string? eventId, string reason);

    [LoggerMessage(3002, LogLevel.Information, "Object {Bucket}/{ObjectName} is not a chunk", EventName = "NotAChunk")]
    public static partial void NotAChunk(ILogger logger, string bucket, string objectName);

    [LoggerMessage(3003, LogLevel.Error,
        "Event {EventId} is refused once and then acknowledged, because delivering it again would not make it readable: {Reason}",
        EventName = "EventMalformed")]
    public static partial void EventMalformed(ILogger logger, string? eventId, string reason);

    [LoggerMessage(3004, LogLevel.Debug, "Chunk {Bucket}/{ObjectName}#{Generation} is logged already", EventName = "AlreadyLogged")]
    public static partial void AlreadyLogged(ILogger logger, string bucket, string objectName, long generation);

    [LoggerMessage(3005, LogLevel.Warning, "Chunk {Bucket}/{ObjectName}#{Generation} is gone before it was logged",
        EventName = "ObjectGone")]
    public static partial void ObjectGone(ILogger logger, string bucket, string objectName, long generation);

    [LoggerMessage(3006, LogLevel.Warning,
        "Chunk {Bucket}/{ObjectName}#{Generation} could not be logged, its event will come again: {Reason}", EventName = "LoggingFailed")]
    public static partial void LoggingFailed(ILogger logger, string bucket, string objectName, long generation, string reason);

    [LoggerMessage(3007, LogLevel.Information, "{Count} entries of {File} are known from earlier", EventName = "EarlierEntriesRead")]
    public static partial void EarlierEntriesRead(ILogger logger, int count, string file);

    [LoggerMessage(3008, LogLevel.Error,
        "Chunk {Bucket}/{ObjectName}#{Generation} cannot be logged in full until a person repairs this. Its event comes again: {Reason}",
        EventName = "CallRefused")]
    public static partial void CallRefused(ILogger logger, string bucket, string objectName, long generation, string reason);

    [LoggerMessage(3009, LogLevel.Warning,
        "Events of the bucket {Bucket} arrive, but the only one to log is {Expected}: they are acknowledged; later ones are not mentioned",
        EventName = "OtherBucket")]
    public static partial void OtherBucket(ILogger logger, string bucket, string expected);

    [LoggerMessage(3010, LogLevel.Information, "Event {EventId} is malformed and came again: it is acknowledged",
        EventName = "MalformedAgain")]
    public static partial void MalformedAgain(ILogger logger, string? eventId);
}
