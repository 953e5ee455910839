namespace Crispy.Console.StreamHandles;

/// <summary>What was asked is refused, by a stream-handle or by the console itself. The message is for people.</summary>
public sealed class RefusedException : Exception
{
    /// <summary>With the answer's own words.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="message">What to show.</param>
    /// <param name="errors">Per field of the input, what is wrong with it.</param>
    public RefusedException(int status, string message, IReadOnlyDictionary<string, string[]>? errors = null) : base(message) =>
        (Status, Errors) = (status, errors ?? new Dictionary<string, string[]>());

    /// <summary>The HTTP status of the answer.</summary>
    public int Status { get; }

    /// <summary>Per field of the input, what is wrong with it; empty where no field is.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; }

    /// <summary>The refusal as an answer of the console's own (problem details, RFC 9457).</summary>
    public IResult ToProblem() => Results.Problem(
        Message, statusCode: Status, extensions: Errors.Count > 0 ? new Dictionary<string, object?> { ["errors"] = Errors } : null);
}
