using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle;

/// <summary>The log messages of stream-handle: 1000 to 1999. An id is never used again for another message.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1000, EventName = "Started", Level = LogLevel.Information,
        Message = "Recording into spool '{Spool}' at {Path}, signed with key {Key}; streams: {Streams}; children end with this "
            + "process: {Bound}")]
    public static partial void Started(ILogger logger, int streams, string spool, string path, string key, bool bound);

    [LoggerMessage(EventId = 1001, EventName = "NoStreams", Level = LogLevel.Warning,
        Message = "No streams are configured (Crispy:Streams): nothing will be recorded")]
    public static partial void NoStreams(ILogger logger);

    [LoggerMessage(EventId = 1010, EventName = "SegmenterStarted", Level = LogLevel.Information,
        Message = "{Stream}: reading {Url} with ffmpeg {ProcessId}")]
    public static partial void SegmenterStarted(ILogger logger, string stream, SourceUrl url, int processId);

    [LoggerMessage(EventId = 1011, EventName = "FfmpegLine", Level = LogLevel.Debug, Message = "{Stream}: ffmpeg: {Line}")]
    public static partial void FfmpegLine(ILogger logger, string stream, string line);

    [LoggerMessage(EventId = 1012, EventName = "SourceAway", Level = LogLevel.Warning,
        Message = "{Stream}: the source is away ({Error}); next try in {Seconds:0.0} s")]
    public static partial void SourceAway(ILogger logger, string stream, string? error, double seconds);

    [LoggerMessage(EventId = 1013, EventName = "SourceEnded", Level = LogLevel.Information,
        Message = "{Stream}: the source is at its end after {Segments} segments")]
    public static partial void SourceEnded(ILogger logger, string stream, int segments);

    [LoggerMessage(EventId = 1018, EventName = "SourceReadBefore", Level = LogLevel.Information,
        Message = "{Stream}: the source was read to its end before, and is not to be read again (RereadCompleted false)")]
    public static partial void SourceReadBefore(ILogger logger, string stream);

    [LoggerMessage(EventId = 1019, EventName = "SourceGoesOn", Level = LogLevel.Information,
        Message = "{Stream}: the source is read again, and its first {Segments} segments are passed over")]
    public static partial void SourceGoesOn(ILogger logger, string stream, int segments);

    [LoggerMessage(EventId = 1014, EventName = "StreamFailed", Level = LogLevel.Error,
        Message = "{Stream}: failed, and another try cannot help: {Error}")]
    public static partial void StreamFailed(ILogger logger, string stream, string error);

    [LoggerMessage(EventId = 1015, EventName = "StreamFault", Level = LogLevel.Error,
        Message = "{Stream}: ended by a fault of stream-handle")]
    public static partial void StreamFault(ILogger logger, string stream, Exception fault);

    [LoggerMessage(EventId = 1016, EventName = "SegmenterKilled", Level = LogLevel.Warning,
        Message = "{Stream}: ffmpeg {ProcessId} did not close its segment in time and was killed")]
    public static partial void SegmenterKilled(ILogger logger, string stream, int processId);

    [LoggerMessage(EventId = 1017, EventName = "HeldBack", Level = LogLevel.Debug,
        Message = "{Stream}: reading pauses until the spool has room ({Bytes} bytes in it, {Pending} segments waiting)")]
    public static partial void HeldBack(ILogger logger, string stream, long bytes, int pending);

    [LoggerMessage(EventId = 1021, EventName = "ComplaintUnknown", Level = LogLevel.Warning,
        Message = "{Stream}: ffmpeg complains of what nothing here knows: {Line}")]
    public static partial void ComplaintUnknown(ILogger logger, string stream, string? line);

    [LoggerMessage(EventId = 1023, EventName = "SourceGrew", Level = LogLevel.Warning,
        Message = "{Stream}: the file grew from {Before} to {Now} bytes while it was read; it is read on in {Seconds:0.0} s")]
    public static partial void SourceGrew(ILogger logger, string stream, long before, long now, double seconds);

    [LoggerMessage(EventId = 1020, EventName = "ChunkReady", Level = LogLevel.Information,
        Message = "{Chunk} is ready: {Frames} frames, {Bytes} bytes, {Seconds:0.000} s, flags '{Flags}'")]
    public static partial void ChunkReady(ILogger logger, string chunk, long frames, long bytes, double seconds,
        IReadOnlyList<string> flags);

    [LoggerMessage(EventId = 1050, EventName = "ChunkLost", Level = LogLevel.Warning,
        Message = "{Chunk} is lost ({Reason}): {From:O} to {To:O}, {Bytes} bytes")]
    public static partial void ChunkLost(ILogger logger, string chunk, string reason, DateTimeOffset from, DateTimeOffset to, long bytes);

    [LoggerMessage(EventId = 1051, EventName = "SpoolRefused", Level = LogLevel.Error,
        Message = "{Stream}: the spool takes nothing more, segments wait: {Error}")]
    public static partial void SpoolRefused(ILogger logger, string stream, string error);

    [LoggerMessage(EventId = 1052, EventName = "SpoolTakesAgain", Level = LogLevel.Information,
        Message = "{Stream}: the spool takes segments again")]
    public static partial void SpoolTakesAgain(ILogger logger, string stream);

    [LoggerMessage(EventId = 1053, EventName = "SpoolFull", Level = LogLevel.Error,
        Message = "The spool is full: {Bytes} bytes of {MaxBytes}, {Free} bytes free on its volume")]
    public static partial void SpoolFull(ILogger logger, long bytes, long maxBytes, long free);

    [LoggerMessage(EventId = 1054, EventName = "SpoolHasRoom", Level = LogLevel.Information,
        Message = "The spool has room again: {Bytes} bytes of {MaxBytes}, {Free} bytes free on its volume")]
    public static partial void SpoolHasRoom(ILogger logger, long bytes, long maxBytes, long free);

    [LoggerMessage(EventId = 1058, EventName = "SpoolSized", Level = LogLevel.Information,
        Message = "Up to {MaxBytes} bytes may wait in the spool ({Origin}); {Free} bytes are free on its volume")]
    public static partial void SpoolSized(ILogger logger, long maxBytes, string origin, long free);

    [LoggerMessage(EventId = 1056, EventName = "VolumeTaken", Level = LogLevel.Error,
        Message = "The spool's volume is full by others' files: {Bytes} bytes are the spool's, {Others} are not, {Free} are free "
            + "of {MinFree} "
            + "that must stay. What waits is kept, what is newly recorded is lost")]
    public static partial void VolumeTaken(ILogger logger, long bytes, long others, long free, long minFree);

    [LoggerMessage(EventId = 1057, EventName = "VolumeGivenBack", Level = LogLevel.Information,
        Message = "The spool's volume has room again, others' files take less: {Bytes} bytes are the spool's, {Free} are free")]
    public static partial void VolumeGivenBack(ILogger logger, long bytes, long free);

    [LoggerMessage(EventId = 1055, EventName = "SpoolNotKept", Level = LogLevel.Warning,
        Message = "{Stream}: its spool could not be counted or cleared, which is tried again: {Error}")]
    public static partial void SpoolNotKept(ILogger logger, string stream, string error);

    [LoggerMessage(EventId = 1022, EventName = "SegmentsRecovered", Level = LogLevel.Warning,
        Message = "{Stream}: {Count} segments of the interrupted run {Run} are recovered")]
    public static partial void SegmentsRecovered(ILogger logger, string stream, int count, string run);

    [LoggerMessage(EventId = 1024, EventName = "SegmentLost", Level = LogLevel.Error,
        Message = "{Stream}: of {Path} ({Bytes} bytes), left by an interrupted run, nothing can be saved ({Damage})")]
    public static partial void SegmentLost(ILogger logger, string stream, string path, long bytes, string damage);

    [LoggerMessage(EventId = 1025, EventName = "SegmentCut", Level = LogLevel.Warning,
        Message = "{Stream}: {Path} ({Bytes} bytes) of an interrupted run is cut back to its last whole packet: {Frames} frames")]
    public static partial void SegmentCut(ILogger logger, string stream, string path, long bytes, long frames);

    [LoggerMessage(EventId = 1026, EventName = "ChunkTakenBack", Level = LogLevel.Warning,
        Message = "{Stream}: {Path} never got its manifest and is a segment again")]
    public static partial void ChunkTakenBack(ILogger logger, string stream, string path);

    [LoggerMessage(EventId = 1027, EventName = "FileQuarantined", Level = LogLevel.Error,
        Message = "{Stream}: {File} is not the stream's own and counts nowhere: {Reason}")]
    public static partial void FileQuarantined(ILogger log, string stream, string file, string reason);

    [LoggerMessage(EventId = 1030, EventName = "BrokerReady", Level = LogLevel.Information,
        Message = "Publishing the chunks of spool '{Spool}'")]
    public static partial void BrokerReady(ILogger logger, string spool);

    [LoggerMessage(EventId = 1031, EventName = "BrokerUnavailable", Level = LogLevel.Warning,
        Message = "RabbitMQ cannot be used, chunks wait in the spool: {Error}")]
    public static partial void BrokerUnavailable(ILogger logger, string error);

    [LoggerMessage(EventId = 1032, EventName = "PublishFailed", Level = LogLevel.Warning,
        Message = "{Chunk} was not confirmed and will be published again: {Error}")]
    public static partial void PublishFailed(ILogger logger, string chunk, string error);

    [LoggerMessage(EventId = 1033, EventName = "ManifestUnreadable", Level = LogLevel.Error,
        Message = "{Path} is no manifest and cannot be published: {Error}")]
    public static partial void ManifestUnreadable(ILogger logger, string path, string error);

    [LoggerMessage(EventId = 1036, EventName = "MessagesTaken", Level = LogLevel.Information,
        Message = "The queues are empty, and {Count} chunks or loss records still wait: they are published again")]
    public static partial void MessagesTaken(ILogger log, int count);

    [LoggerMessage(EventId = 1034, EventName = "ChunkReplayed", Level = LogLevel.Information, Message = "{Chunk} was dead and is replayed")]
    public static partial void ChunkReplayed(ILogger logger, string chunk);

    [LoggerMessage(EventId = 1060, EventName = "LeaseGot", Level = LogLevel.Information,
        Message = "{Stream}: leased with token {Token}; recorded before by {Holder}")]
    public static partial void LeaseGot(ILogger logger, string stream, long token, string holder);

    [LoggerMessage(EventId = 1061, EventName = "LeaseLost", Level = LogLevel.Warning,
        Message = "{Stream}: another replica has a greater token than {Token}: recording ends here")]
    public static partial void LeaseLost(ILogger logger, string stream, long token);

    [LoggerMessage(EventId = 1062, EventName = "LeaseGivenUp", Level = LogLevel.Information,
        Message = "{Stream}: its lease {Token} is given back for {Heir}")]
    public static partial void LeaseGivenUp(ILogger logger, string stream, long token, string heir);

    [LoggerMessage(EventId = 1063, EventName = "LeaseHandedOver", Level = LogLevel.Information,
        Message = "{Stream}: goes to {Heir}, since {Mine} streams are recorded here and {Theirs} there")]
    public static partial void LeaseHandedOver(ILogger logger, string stream, string heir, int mine, int theirs);

    [LoggerMessage(EventId = 1064, EventName = "LeasesAway", Level = LogLevel.Warning,
        Message = "Redis cannot be reached, so leases can be neither got nor renewed ({Error}); the {Held} streams held: {Policy}")]
    public static partial void LeasesAway(ILogger logger, string error, int held, Leasing.RedisAway policy);

    [LoggerMessage(EventId = 1065, EventName = "LeasesBack", Level = LogLevel.Information,
        Message = "Redis can be reached again; {Held} streams are held")]
    public static partial void LeasesBack(ILogger logger, int held);

    [LoggerMessage(EventId = 1070, EventName = "RecordUnreadable", Level = LogLevel.Error,
        Message = "{Path} cannot be read, and what the API decided there does not count: {Error}")]
    public static partial void RecordUnreadable(ILogger logger, string path, string error);

    [LoggerMessage(EventId = 1071, EventName = "DefinitionHidden", Level = LogLevel.Warning,
        Message = "{Stream} is configured, and was made by the API too: the configuration counts, and the API's definition stays "
            + "where it is")]
    public static partial void DefinitionHidden(ILogger logger, string stream);

    [LoggerMessage(EventId = 1072, EventName = "DefinitionUnusable", Level = LogLevel.Error,
        Message = "{Stream}: its definition of version {Version} breaks the rules of this release and is not recorded: {Mistakes}")]
    public static partial void DefinitionUnusable(ILogger logger, string stream, long version, string mistakes);

    [LoggerMessage(EventId = 1073, EventName = "StreamDecided", Level = LogLevel.Information,
        Message = "{Stream}: {Decision} by the API, version {Version}")]
    public static partial void StreamDecided(ILogger logger, string stream, string decision, long version);

    [LoggerMessage(EventId = 1074, EventName = "StreamDecidedElsewhere", Level = LogLevel.Information,
        Message = "{Stream}: version {Version} of another replica counts")]
    public static partial void StreamDecidedElsewhere(ILogger logger, string stream, long version);

    [LoggerMessage(EventId = 1075, EventName = "DefinitionsAway", Level = LogLevel.Warning,
        Message = "Definitions of streams cannot be shared through Redis, and are kept here until they can: {Error}")]
    public static partial void DefinitionsAway(ILogger logger, string error);

    [LoggerMessage(EventId = 1076, EventName = "LeftoverFound", Level = LogLevel.Information,
        Message = "{Stream} is no longer recorded, but its spool still holds something: it is published")]
    public static partial void LeftoverFound(ILogger logger, string stream);

    [LoggerMessage(EventId = 1077, EventName = "LeftoverGone", Level = LogLevel.Information,
        Message = "{Stream}: nothing is left of it in the spool")]
    public static partial void LeftoverGone(ILogger logger, string stream);

    [LoggerMessage(EventId = 1078, EventName = "ListenerTooSlow", Level = LogLevel.Warning,
        Message = "A listener of /api/events left {Count} events lying and is let go: it can ask again")]
    public static partial void ListenerTooSlow(ILogger logger, int count);

    [LoggerMessage(EventId = 1035, EventName = "ChunkDiscarded", Level = LogLevel.Warning, Message = "{Chunk} was dead and is discarded")]
    public static partial void ChunkDiscarded(ILogger logger, string chunk);

    [LoggerMessage(EventId = 1040, EventName = "StopIncomplete", Level = LogLevel.Warning,
        Message = "Stopped with unconfirmed chunks; they wait in the spool for the next start")]
    public static partial void StopIncomplete(ILogger logger);
}
