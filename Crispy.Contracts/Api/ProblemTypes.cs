namespace Crispy.Contracts.Api;

/// <summary>What kind of problem the API tells of: the <c>type</c> of its problem details (RFC 9457, section 3.1.1). Programs decide by it,
/// and never by the texts, which are for people.</summary>
public static class ProblemTypes
{
    /// <summary>Fields of the request are wrong; <c>errors</c> names them.</summary>
    public const string BadInput = Prefix + "bad-input";

    /// <summary>No stream has the id.</summary>
    public const string UnknownStream = Prefix + "unknown-stream";

    /// <summary>No dead chunk has the id.</summary>
    public const string UnknownDeadChunk = Prefix + "unknown-dead-chunk";

    /// <summary>No such chunk waits in the spool.</summary>
    public const string UnknownSpooledChunk = Prefix + "unknown-spooled-chunk";

    /// <summary>The dead chunk cannot be replayed or discarded as it is.</summary>
    public const string NotPossible = Prefix + "not-possible";

    /// <summary>A stream of this id is there already.</summary>
    public const string StreamExists = Prefix + "stream-exists";

    /// <summary>The stream stands in the configuration, and can be changed only there.</summary>
    public const string StreamConfigured = Prefix + "stream-configured";

    /// <summary>The stream is paused.</summary>
    public const string StreamPaused = Prefix + "stream-paused";

    /// <summary>If-Match asks for another version than there is.</summary>
    public const string AnotherVersion = Prefix + "another-version";

    /// <summary>The body is not JSON, or does not say so.</summary>
    public const string NotJson = Prefix + "not-json";

    /// <summary>The body is larger than the API takes.</summary>
    public const string TooLarge = Prefix + "too-large";

    /// <summary>Too many do the same at once.</summary>
    public const string TooMany = Prefix + "too-many";

    /// <summary>The spool's disk takes nothing.</summary>
    public const string NotWritten = Prefix + "not-written";

    /// <summary>Nobody signed in: a token or a session is needed.</summary>
    public const string SignInNeeded = Prefix + "sign-in-needed";

    /// <summary>Who signed in has not the role that this needs.</summary>
    public const string NotAllowed = Prefix + "not-allowed";

    /// <summary>The audit log takes no entry, so nothing was done.</summary>
    public const string NotAudited = Prefix + "not-audited";

    private const string Prefix = "urn:crispy:problem:";
}
