namespace Crispy.UploadWorker;

/// <summary>Everything this process logs. Ids are never reused.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information, "Consuming {Queue}, {Concurrency} uploads at a time", EventName = "Consuming")]
    public static partial void Consuming(this ILogger log, string queue, int concurrency);

    [LoggerMessage(2002, LogLevel.Warning, "Waiting for RabbitMQ: {Reason}", EventName = "WaitingForBroker")]
    public static partial void WaitingForBroker(this ILogger log, string reason);

    [LoggerMessage(2003, LogLevel.Information, "Stopping: {InFlight} uploads in flight", EventName = "Draining")]
    public static partial void Draining(this ILogger log, int inFlight);

    [LoggerMessage(2004, LogLevel.Warning, "{InFlight} uploads did not end within {Limit}: they return to the queue",
        EventName = "DrainTimedOut")]
    public static partial void DrainTimedOut(this ILogger log, int inFlight, TimeSpan limit);

    [LoggerMessage(2010, LogLevel.Information, "Stored {Chunk} as {Object}, generation {Generation}", EventName = "ChunkStored")]
    public static partial void ChunkStored(this ILogger log, string chunk, string @object, long generation);

    [LoggerMessage(2011, LogLevel.Information, "{Chunk} was stored already as {Object}, generation {Generation}",
        EventName = "ChunkStoredBefore")]
    public static partial void ChunkStoredBefore(this ILogger log, string chunk, string @object, long generation);

    [LoggerMessage(2012, LogLevel.Warning, "{Chunk} waits {Delay} for another try: {Reason}", EventName = "ChunkDelayed")]
    public static partial void ChunkDelayed(this ILogger log, string chunk, TimeSpan delay, string reason);

    [LoggerMessage(2013, LogLevel.Error, "{Chunk} is dead ({Reason}): {Error}", EventName = "ChunkDead")]
    public static partial void ChunkDead(this ILogger log, string chunk, string reason, string error);

    [LoggerMessage(2014, LogLevel.Error, "A message of {Size} bytes with id '{MessageId}' is no chunk's: {Reason}",
        EventName = "MessageInvalid")]
    public static partial void MessageInvalid(this ILogger log, int size, string messageId, string reason);

    [LoggerMessage(2015, LogLevel.Error, "Unexpected failure with {Chunk}", EventName = "Unexpected")]
    public static partial void Unexpected(this ILogger log, string chunk, Exception failure);

    [LoggerMessage(2016, LogLevel.Warning, "Message {MessageId} could be neither acknowledged nor moved on, and comes again: {Reason}",
        EventName = "MessageLeft")]
    public static partial void MessageLeft(this ILogger log, string messageId, string reason);

    [LoggerMessage(2023, LogLevel.Error, "{Chunk} stays where it is, since a folder of its stream is a symbolic link",
        EventName = "ChunkLeftInPlace")]
    public static partial void ChunkLeftInPlace(this ILogger log, string chunk);

    [LoggerMessage(2017, LogLevel.Warning, "{Chunk} was declared lost before it could be stored", EventName = "ChunkDeclaredLost")]
    public static partial void ChunkDeclaredLost(this ILogger log, string chunk);

    [LoggerMessage(2018, LogLevel.Warning, "Stored the loss record of {Chunk} as {Object}, generation {Generation}: {Reason}",
        EventName = "LossStored")]
    public static partial void LossStored(this ILogger log, string chunk, string @object, long generation, string reason);

    [LoggerMessage(2019, LogLevel.Information, "{Chunk} is not lost: the bucket holds {Object}, generation {Generation}",
        EventName = "LossRecalled")]
    public static partial void LossRecalled(this ILogger log, string chunk, string @object, long generation);

    [LoggerMessage(2022, LogLevel.Error, "Loss record {MessageId} is dead: {Reason}", EventName = "LossDead")]
    public static partial void LossDead(this ILogger log, string messageId, string reason);

    [LoggerMessage(2020, LogLevel.Error, "Uploads to bucket {Bucket} are refused and pause until this is repaired: {Reason}",
        EventName = "UploadsRefused")]
    public static partial void UploadsRefused(this ILogger log, string bucket, string reason);

    [LoggerMessage(2024, LogLevel.Error, "Bucket {Bucket} cannot be used, chunks wait in the spool: {Reason}", EventName = "BucketAway")]
    public static partial void BucketAway(this ILogger log, string bucket, string reason);

    [LoggerMessage(2025, LogLevel.Information, "Bucket {Bucket} can be used", EventName = "BucketWell")]
    public static partial void BucketWell(this ILogger log, string bucket);

    [LoggerMessage(2021, LogLevel.Information, "Uploads to bucket {Bucket} are accepted again", EventName = "UploadsAccepted")]
    public static partial void UploadsAccepted(this ILogger log, string bucket);
}
