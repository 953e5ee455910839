using System.Net;
using System.Text.Json;
using Google.Apis.Auth.OAuth2.Responses;

namespace Crispy.UploadWorker.Uploading;

/// <summary>The kinds of failure, by who or what can mend it.</summary>
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
/// <param name="Kind">Who can mend it.</param>
/// <param name="Reason">One line for logs and dead letters.</param>
/// <param name="RetryAfter">How long the server asked to wait, if it did.</param>
/// <param name="Expected">False for what no rule names: a fault of ours, treated as transient so that nothing is lost.</param>
internal readonly record struct Failure(FailureKind Kind, string Reason, TimeSpan? RetryAfter = null, bool Expected = true)
{
    /// <summary>The one place where failures are sorted.</summary>
    public static Failure Of(Exception failure) => failure switch
    {
        ChunkDeadException dead => new(FailureKind.Permanent, dead.Message),
        FormatException format => new(FailureKind.Permanent, format.Message),
        BucketException bucket => new(IsTransient(bucket.Status) ? FailureKind.Transient : FailureKind.Configuration, bucket.Message, bucket.RetryAfter),
        CredentialException credentials => new(FailureKind.Configuration, credentials.Message),
        TokenResponseException { StatusCode: null } token => new(FailureKind.Transient, $"no access token: {token.Message}"),
        TokenResponseException { StatusCode: { } status } token =>
            new(IsTransient(status) ? FailureKind.Transient : FailureKind.Configuration, $"no access token: {token.Message}"),
        UnauthorizedAccessException denied => new(FailureKind.Configuration, denied.Message),
        TimeoutException or OperationCanceledException => new(FailureKind.Transient, failure.Message),
        HttpRequestException http => new(FailureKind.Transient, http.InnerException is { } inner ? $"{http.Message} {inner.Message}" : http.Message),
        IOException or JsonException => new(FailureKind.Transient, failure.Message),
        _ => new(FailureKind.Transient, $"{failure.GetType().Name}: {failure.Message}", Expected: false),
    };

    // Of what a bucket may answer, only these are mended by time; a 412 never comes here, since it is an answer and no failure.
    private static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;
}
