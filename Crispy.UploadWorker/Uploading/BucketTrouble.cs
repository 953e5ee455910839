using System.Net;
using Google.Apis.Auth.OAuth2.Responses;

namespace Crispy.UploadWorker.Uploading;

/// <summary>Why an upload or a probe did not succeed, as far as it is no fault of the chunk's.</summary>
/// <param name="Kind">One word, for metrics: one of <see cref="Kinds"/>.</param>
/// <param name="Sentence">One sentence, for people.</param>
internal readonly record struct BucketTrouble(string Kind, string Sentence)
{
    private const string Unreachable = "unreachable";
    private const string Timeout = "timeout";
    private const string Unavailable = "unavailable";
    private const string Throttled = "throttled";
    private const string Absent = "absent";
    private const string Denied = "denied";
    private const string Refused = "refused";
    private const string Credentials = "credentials";
    private const string Other = "other";
    private const string Local = "local";

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        [Unreachable, Timeout, Unavailable, Throttled, Absent, Denied, Refused, Credentials, Other, Local];

    /// <summary>Whether it tells of the bucket. What the spool's files refuse does not.</summary>
    public bool IsOfBucket => Kind != Local;

    /// <summary>Whether no answer came in time, for which the bucket need not be the cause.</summary>
    public bool IsSilence => Kind == Timeout;

    /// <summary>Says what a failure tells that is not <see cref="FailureKind.Permanent"/>.</summary>
    public static BucketTrouble Of(Exception exception)
    {
        var failure = Failure.Of(exception);
        var kind = KindOf(exception, failure.Kind);
        return new(kind, $"{Beginning(kind)}: {failure.Error.ReplaceLineEndings(" ").TrimEnd('.', ' ')}.");
    }

    private static string KindOf(Exception exception, FailureKind kind) => exception switch
    {
        BucketException { Status: HttpStatusCode.TooManyRequests } => Throttled,
        BucketException { Status: HttpStatusCode.Forbidden } when kind == FailureKind.Transient => Throttled,
        BucketException when kind == FailureKind.Transient => Unavailable,
        BucketException { Status: HttpStatusCode.NotFound } => Absent,
        BucketException { Status: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } => Denied,
        BucketException => Refused,
        CredentialException or TokenResponseException => Credentials,
        TimeoutException or OperationCanceledException => Timeout,
        HttpRequestException or HttpIOException => Unreachable,
        IOException or UnauthorizedAccessException => Local,
        _ => Other,
    };

    private static string Beginning(string kind) => kind switch
    {
        Unreachable => "The bucket cannot be reached",
        Timeout => "The bucket does not answer",
        Unavailable => "The bucket answers with a fault",
        Throttled => "The bucket asks for fewer requests",
        Absent => "The bucket does not exist",
        Denied => "The bucket refuses access",
        Refused => "The bucket refuses uploads",
        Credentials => "The credentials for the bucket do not work",
        Local => "The chunk's file cannot be read",
        _ => "The bucket cannot be used",
    };
}
