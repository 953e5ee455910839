using System.Net;

namespace Crispy.UploadWorker.Uploading;

/// <summary>The bucket answered a request with a failure.</summary>
internal sealed class BucketException(HttpStatusCode status, string message, TimeSpan? retryAfter = null) : Exception($"{(int)status} {message}")
{
    public HttpStatusCode Status => status;

    /// <summary>How long the server asked to wait, if it did.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>Whether the bucket found that the bytes do not have the CRC32C that was promised.</summary>
    public bool IsChecksumMismatch => status == HttpStatusCode.BadRequest && Message.Contains("crc32c", StringComparison.OrdinalIgnoreCase);
}

/// <summary>No request could be authenticated: credentials are missing or no good.</summary>
internal sealed class CredentialException(string message, Exception inner) : Exception(message, inner);

/// <summary>The chunk itself is no good, and will not be with time: damaged, lost, or its name taken by something else.</summary>
internal sealed class ChunkDeadException(string message) : Exception(message);

/// <summary>The chunk's file is gone because the chunk was declared lost; its loss record tells of it.</summary>
internal sealed class ChunkLostException() : Exception("the chunk was declared lost");
