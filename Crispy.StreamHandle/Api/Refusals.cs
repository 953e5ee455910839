using Crispy.StreamHandle.Registering;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Crispy.StreamHandle.Api;

/// <summary>Answers what an endpoint refuses with problem details (RFC 9457).</summary>
internal static class Refusals
{
    /// <summary>The filter of all endpoints.</summary>
    public static async ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (RefusalException refused)
        {
            return Answer(refused);
        }
        catch (IOException full) when (full is not (BadHttpRequestException or FileNotFoundException or DirectoryNotFoundException))
        {
            return TypedResults.Problem($"The spool takes nothing: {full.Message}", statusCode: StatusCodes.Status507InsufficientStorage,
                type: ProblemTypes.NotWritten, title: "Not written");
        }
    }

    private static ProblemHttpResult Answer(RefusalException refused) => TypedResults.Problem(refused.Message, statusCode: refused.Status,
        type: refused.Type, title: refused.Title, extensions: refused.Errors.Count == 0 ? null : [new("errors", refused.Errors)]);
}
