namespace Crispy.CloudEmulator;

/// <summary>Everything the emulator logs; ids from 4000, never reused.</summary>
internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Information, "Objects are in {Folder}, buckets: {Buckets}")]
    public static partial void Ready(ILogger logger, string folder, string buckets);

    [LoggerMessage(4002, LogLevel.Information, "{Count} events dropped: who was to get them is configured no longer")]
    public static partial void OrphansDropped(ILogger logger, int count);

    [LoggerMessage(4003, LogLevel.Debug, "{Endpoint} answered {Status} to the event of {Bucket}/{ObjectName}; it is sent again")]
    public static partial void PushRefused(ILogger logger, string bucket, string objectName, Uri endpoint, int status);

    [LoggerMessage(4004, LogLevel.Debug, "{Endpoint} did not take the event of {Bucket}/{ObjectName}; it is sent again: {Reason}")]
    public static partial void PushFailed(ILogger logger, string bucket, string objectName, Uri endpoint, string reason);

    [LoggerMessage(4005, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(ILogger logger, Exception error, string method, string path);

    [LoggerMessage(4006, LogLevel.Warning, "Signer file {File} is not there yet; signed URLs of its account are refused until it is")]
    public static partial void SignerMissing(ILogger logger, string file);

    [LoggerMessage(4007, LogLevel.Information, "Signed URLs of {Account} are accepted")]
    public static partial void SignerKnown(ILogger logger, string account);

    [LoggerMessage(4008, LogLevel.Warning, "Signer file {File} cannot be used: {Reason}")]
    public static partial void SignerUnusable(ILogger logger, string file, string reason);

    [LoggerMessage(4009, LogLevel.Information, "{Count} objects of {Bucket} deleted, as its lifecycle says")]
    public static partial void Expired(ILogger logger, string bucket, int count);
}
