using Microsoft.AspNetCore.Http.HttpResults;

namespace Crispy.StreamHandle.Api;

/// <summary>A request that cannot be granted, for a reason that its sender is told as problem details (RFC 9457). The texts hold no secret.</summary>
public sealed class ApiException(int status, string type, string title, string detail, IDictionary<string, string[]>? errors = null) : Exception(detail)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>What is wrong, by field; empty where it is no field's fault.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; } = new Dictionary<string, string[]>(errors ?? new Dictionary<string, string[]>());

    /// <summary>What the sender is told.</summary>
    public ProblemHttpResult Answer => TypedResults.Problem(
        Message, statusCode: status, type: type, title: title, extensions: errors is null ? null : [new("errors", errors)]);

    /// <summary>400: fields of the body, the query or the path are wrong.</summary>
    /// <param name="errors">What is wrong, by field.</param>
    public static ApiException BadFields(IDictionary<string, string[]> errors) => new(StatusCodes.Status400BadRequest, ProblemTypes.BadInput, "Bad input",
        string.Join("; ", errors.SelectMany(error => error.Value.Select(message => $"{error.Key} {message}"))), errors);

    /// <summary>400: one field is wrong.</summary>
    public static ApiException BadField(string field, string message) => BadFields(new Dictionary<string, string[]> { [field] = [message] });

    /// <summary>404.</summary>
    public static ApiException UnknownStream(string id) => new(StatusCodes.Status404NotFound, ProblemTypes.UnknownStream, "Unknown stream", $"No stream has the id '{id}'.");

    /// <summary>404.</summary>
    public static ApiException UnknownDeadChunk(string chunk) => new(StatusCodes.Status404NotFound, ProblemTypes.UnknownDeadChunk, "Unknown dead chunk", $"No dead chunk has the id '{chunk}'.");

    /// <summary>409.</summary>
    public static ApiException Conflict(string type, string title, string detail) => new(StatusCodes.Status409Conflict, type, title, detail);

    /// <summary>Answers all that the endpoint refuses with problem details.</summary>
    internal static async ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (ApiException refused)
        {
            return refused.Answer;
        }
        catch (IOException full) when (full is not (BadHttpRequestException or FileNotFoundException or DirectoryNotFoundException))
        {
            return TypedResults.Problem($"The spool takes nothing: {full.Message}", statusCode: StatusCodes.Status507InsufficientStorage,
                type: ProblemTypes.NotWritten, title: "Not written");
        }
    }
}
