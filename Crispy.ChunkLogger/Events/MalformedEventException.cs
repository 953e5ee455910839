namespace Crispy.ChunkLogger.Events;

/// <summary>An event that says an object is finalized, but not in a way that can be read: answered with 400.</summary>
/// <param name="message">What is wrong with it.</param>
/// <param name="innerException">Where that showed.</param>
internal sealed class MalformedEventException(string message, Exception innerException) : Exception(message, innerException)
{
    /// <summary>Answers 400 for it. What fails otherwise goes on, and becomes 500.</summary>
    public static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (MalformedEventException) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
    }
}
