using System.Net;

namespace Crispy.UploadWorker.Uploading;

/// <summary>The bucket answered a request with a failure.</summary>
internal sealed class BucketException(HttpStatusCode status, string message, TimeSpan? retryAfter = null, string? reason = null,
    bool tokenRenewed = false)
    : Exception($"{(int)status} {message}")
{
    public HttpStatusCode Status => status;

    /// <summary>The reason in Cloud Storage's error, as in <c>rateLimitExceeded</c>; null where it gave none.</summary>
    public string? Reason => reason;

    /// <summary>Whether the access token was refused, and the credential has fetched another by now.</summary>
    public bool TokenRenewed => tokenRenewed;

    /// <summary>How long the server asked to wait, if it did.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>Whether the object's name is taken: by the precondition, or because what is there is held or retained.</summary>
    public bool IsNameTaken => status switch
    {
        HttpStatusCode.PreconditionFailed => reason != "orgPolicyConstraintFailed",
        HttpStatusCode.Forbidden => reason is "retentionPolicyNotMet" or "objectUnderActiveHold",
        _ => false,
    };

    /// <summary>Whether another chunk may be accepted where this one is refused.</summary>
    public bool MayBeThisChunk => status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge;

    /// <summary>Whether the bucket found that the bytes do not have the CRC32C that was promised.</summary>
    public bool IsChecksumMismatch => status == HttpStatusCode.BadRequest && Message.Contains("crc32c", StringComparison.OrdinalIgnoreCase);
}

/// <summary>No request could be authenticated: credentials are missing or no good.</summary>
internal sealed class CredentialException(string message, Exception inner) : Exception(message, inner);

/// <summary>The chunk's file is gone because the chunk was declared lost; its loss record tells of it.</summary>
internal sealed class ChunkLostException() : Exception("the chunk was declared lost");
