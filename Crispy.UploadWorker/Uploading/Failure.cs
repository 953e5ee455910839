using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using Crispy.Spool;
using Google.Apis.Auth.OAuth2.Responses;

namespace Crispy.UploadWorker.Uploading;

/// <summary>The kinds of failure, by who or what can repair it.</summary>
internal enum FailureKind
{
    /// <summary>Time.</summary>
    Transient,

    /// <summary>A person.</summary>
    Configuration,

    /// <summary>Nothing.</summary>
    Permanent,
}

/// <summary>A failure, sorted.</summary>
/// <param name="Kind">Who can repair it.</param>
/// <param name="Error">One line for logs and dead letters.</param>
/// <param name="RetryAfter">How long the server asked to wait, if it did.</param>
/// <param name="Expected">False for what no rule names: a fault of ours, treated as transient so that nothing is lost.</param>
/// <param name="DeadReason">For a permanent failure, one of the constants of <see cref="Spool.DeadReason"/>.</param>
internal readonly record struct Failure(FailureKind Kind, string Error, TimeSpan? RetryAfter = null, bool Expected = true,
    string DeadReason = DeadReason.Invalid)
{
    /// <summary>The one place where failures are sorted.</summary>
    public static Failure Of(Exception failure) => failure switch
    {
        ChunkDeadException dead => new(FailureKind.Permanent, dead.Message, DeadReason: dead.Reason),
        FormatException format => new(FailureKind.Permanent, format.Message),
        BucketException bucket => new(KindOf(bucket.Status, bucket.Reason), bucket.Message, bucket.RetryAfter),
        CredentialException credentials => new(FailureKind.Configuration, credentials.Message),
        TokenResponseException { StatusCode: null } token => new(FailureKind.Transient, $"no access token: {token.Message}"),
        TokenResponseException { StatusCode: { } status } token => new(KindOf(status, null), $"no access token: {token.Message}"),
        UnauthorizedAccessException denied => new(FailureKind.Configuration, denied.Message),
        TimeoutException or OperationCanceledException => new(FailureKind.Transient, failure.Message),
        HttpRequestException { InnerException: AuthenticationException untrusted } =>
            new(FailureKind.Configuration, $"no TLS connection: {Whole(untrusted)}"),
        HttpRequestException http => new(FailureKind.Transient, Whole(http)),
        IOException or InvalidDataException or JsonException => new(FailureKind.Transient, failure.Message),
        _ => new(FailureKind.Transient, $"{failure.GetType().Name}: {failure.Message}", Expected: false),
    };

    // These answers of a bucket pass with time; a 412 never comes here, since it is an answer and no failure. Some limits of
    // rate are told as 403. A 409 means that another request is changing the same thing; a 410 and a 499 mean that a request was given up.
    private static FailureKind KindOf(HttpStatusCode status, string? reason) => (int)status switch
    {
        408 or 409 or 410 or 429 or 499 or >= 500 => FailureKind.Transient,
        403 when reason is "rateLimitExceeded" or "userRateLimitExceeded" or "quotaExceeded" => FailureKind.Transient,
        _ => FailureKind.Configuration,
    };

    private static string Whole(Exception failure) =>
        failure.InnerException is { } inner && !failure.Message.Contains(inner.Message, StringComparison.Ordinal)
        ? $"{failure.Message} {inner.Message}"
        : failure.Message;
}
