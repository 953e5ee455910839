using System.Net;

namespace Crispy.ChunkLogger.Calling;

/// <summary>A Google API that was called did not do what it was asked, for the last time.</summary>
/// <param name="message">What was called and what it answered, for people.</param>
/// <param name="status">Its answer; null where there was none.</param>
/// <param name="innerException">Why there was no answer.</param>
internal sealed class RefusedCallException(string message, HttpStatusCode? status, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Its answer; null where there was none.</summary>
    public HttpStatusCode? Status => status;

    /// <summary>Whether it may do it in a while; otherwise a person has to change something (rights, names).</summary>
    public bool IsTransient =>
        status is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
}
