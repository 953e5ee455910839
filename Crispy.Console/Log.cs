using System.Net;

namespace Crispy.Console;

/// <summary>The log messages of the console: 5000 to 5099 (its archive: 5100 to 5199).
/// An id is never used again for another message.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 5000, EventName = "SignInRefused", Level = LogLevel.Warning,
        Message = "Signing in from {Address} was refused: not the token")]
    public static partial void SignInRefused(ILogger logger, IPAddress? address);

    [LoggerMessage(EventId = 5001, EventName = "StreamHandleFound", Level = LogLevel.Information,
        Message = "stream-handle at {Address} is there; streams: {Streams}")]
    public static partial void StreamHandleFound(ILogger logger, Uri address, int streams);

    [LoggerMessage(EventId = 5002, EventName = "StreamHandleAway", Level = LogLevel.Warning,
        Message = "stream-handle at {Address} is away: {Error}")]
    public static partial void StreamHandleAway(ILogger logger, Uri address, string error);

    [LoggerMessage(EventId = 5003, EventName = "CoverageFailed", Level = LogLevel.Warning,
        Message = "{Stream}: how much of the last day is recorded cannot be told: {Error}")]
    public static partial void CoverageFailed(ILogger logger, string stream, string error);

    [LoggerMessage(EventId = 5004, EventName = "SessionKeysInMemory", Level = LogLevel.Information,
        Message = "Keys of sessions are kept in memory: a restart signs everybody out (Crispy:Console:KeysFolder keeps them)")]
    public static partial void SessionKeysInMemory(ILogger logger);

    [LoggerMessage(EventId = 5005, EventName = "UnreadableEvent", Level = LogLevel.Warning,
        Message = "stream-handle at {Address} sent an event that cannot be read: {Error}")]
    public static partial void UnreadableEvent(ILogger logger, Uri address, string error);

    [LoggerMessage(EventId = 5006, EventName = "ReportsSigned", Level = LogLevel.Information,
        Message = "Reports of the ledger are signed with the key {KeyId}")]
    public static partial void ReportsSigned(ILogger logger, string keyId);

    [LoggerMessage(EventId = 5007, EventName = "ReportsUnsigned", Level = LogLevel.Information,
        Message = "Reports of the ledger are not signed (Crispy:Console:ReportKey signs them)")]
    public static partial void ReportsUnsigned(ILogger logger);

    [LoggerMessage(EventId = 5008, EventName = "KeysUnreadable", Level = LogLevel.Debug,
        Message = "stream-handle at {Address} does not tell its public keys: {Error}")]
    public static partial void KeysUnreadable(ILogger logger, Uri address, string error);

    [LoggerMessage(EventId = 5009, EventName = "PlotsNotKept", Level = LogLevel.Warning,
        Message = "The samples of the plots are not kept in {Path} (Crispy:Console:PlotsFile): {Error}")]
    public static partial void PlotsNotKept(ILogger logger, string path, string error);

    [LoggerMessage(EventId = 5030, EventName = "TargetFails", Level = LogLevel.Warning,
        Message = "Crispy:Notify:{Target} ({Address}) takes no notice, and is tried again: {Error}")]
    public static partial void TargetFails(ILogger logger, int target, string address, string error);

    [LoggerMessage(EventId = 5031, EventName = "TargetBack", Level = LogLevel.Information,
        Message = "Crispy:Notify:{Target} ({Address}) takes notices again")]
    public static partial void TargetBack(ILogger logger, int target, string address);

    [LoggerMessage(EventId = 5032, EventName = "TargetGone", Level = LogLevel.Warning,
        Message = "Crispy:Notify:{Target} ({Address}) wants no more (410): none are sent until a test arrives, {Dropped} are dropped")]
    public static partial void TargetGone(ILogger logger, int target, string address, int dropped);

    [LoggerMessage(EventId = 5033, EventName = "NoticeGivenUp", Level = LogLevel.Warning,
        Message = "Crispy:Notify:{Target} ({Address}) never took the notice of {Key}, which is given up: {Error}")]
    public static partial void NoticeGivenUp(ILogger logger, int target, string address, string key, string error);

    [LoggerMessage(EventId = 5034, EventName = "NoticesDropped", Level = LogLevel.Warning,
        Message = "Too many notices wait for Crispy:Notify:{Target} ({Address}): the oldest {Dropped} are dropped")]
    public static partial void NoticesDropped(ILogger logger, int target, string address, int dropped);

    [LoggerMessage(EventId = 5035, EventName = "NoticesNotKept", Level = LogLevel.Warning,
        Message = "Notices are not kept in {Path} (Crispy:Console:NotifyFolder), and sent all the same: {Error}")]
    public static partial void NoticesNotKept(ILogger logger, string path, string error);

    [LoggerMessage(EventId = 5036, EventName = "NoticeUnreadable", Level = LogLevel.Warning,
        Message = "{Path} cannot be read and is deleted: {Error}")]
    public static partial void NoticeUnreadable(ILogger logger, string path, string error);

    [LoggerMessage(EventId = 5037, EventName = "NoticesForgotten", Level = LogLevel.Warning,
        Message = "{Dropped} notices waited for targets that are no longer in Crispy:Notify, and are dropped")]
    public static partial void NoticesForgotten(ILogger logger, int dropped);

    [LoggerMessage(EventId = 5038, EventName = "CertificateUnreadable", Level = LogLevel.Warning,
        Message = "Until when the certificate in {Path} holds cannot be told: {Error}")]
    public static partial void CertificateUnreadable(ILogger logger, string path, string error);

    [LoggerMessage(EventId = 5040, EventName = "Audited", Level = LogLevel.Information,
        Message = "Audit {Sequence}: {Action} {Stream} by {Person}, status {Status} (line {Hash})")]
    public static partial void Audited(ILogger logger, long sequence, AuditAction action, string stream, string person,
        int? status, string hash);

    [LoggerMessage(EventId = 5041, EventName = "AuditRefused", Level = LogLevel.Error,
        Message = "The audit log takes no entry; nothing is changed at the console until it does (Crispy:Console:AuditFolder): {Error}")]
    public static partial void AuditRefused(ILogger logger, string error);

    [LoggerMessage(EventId = 5042, EventName = "AuditNotNoted", Level = LogLevel.Error,
        Message = "The audit log has no entry of what was {Action} by {Person} (Crispy:Console:AuditFolder): {Error}")]
    public static partial void AuditNotNoted(ILogger logger, AuditAction action, string person, string error);

    [LoggerMessage(EventId = 5043, EventName = "AuditCut", Level = LogLevel.Warning,
        Message = "{Bytes} bytes of an unfinished line were cut off the audit log in {Folder}: its writer was killed")]
    public static partial void AuditCut(ILogger logger, long bytes, string folder);

    [LoggerMessage(EventId = 5044, EventName = "AuditInMemory", Level = LogLevel.Warning,
        Message = "The audit log is kept in memory, and ends with this process (Crispy:Console:AuditFolder keeps it)")]
    public static partial void AuditInMemory(ILogger logger);

    [LoggerMessage(EventId = 5045, EventName = "ProviderAway", Level = LogLevel.Warning,
        Message = "{Authority} cannot be asked to sign anybody in: {Error}")]
    public static partial void ProviderAway(ILogger logger, Uri authority, string error);

    [LoggerMessage(EventId = 5046, EventName = "OidcRefused", Level = LogLevel.Warning,
        Message = "Signing in by OpenID Connect from {Address} was refused: {Reason}")]
    public static partial void OidcRefused(ILogger logger, IPAddress? address, string reason);

    [LoggerMessage(EventId = 5047, EventName = "RulesSet", Level = LogLevel.Information,
        Message = "The bucket's rules are set as they must be: video is kept {Kept}. Streams with a period of their own differ")]
    public static partial void RulesSet(ILogger logger, string kept);

    [LoggerMessage(EventId = 5048, EventName = "RulesNotSet", Level = LogLevel.Debug,
        Message = "The bucket's rules cannot be set now: {Error}")]
    public static partial void RulesNotSet(ILogger logger, string error);
}
