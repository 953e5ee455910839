namespace Crispy.StreamHandle.Registering;

/// <summary>A request that cannot be granted, for a reason that its sender is told as problem details (RFC 9457). The texts hold no
/// secret.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="type">What kind of problem it is (<see cref="ProblemTypes"/>).</param>
/// <param name="title">The kind in words.</param>
/// <param name="detail">What is wrong, for people.</param>
/// <param name="errors">What is wrong, by field; null where it is no field's fault.</param>
public sealed class RefusalException(int status, string type, string title, string detail, IDictionary<string, string[]>? errors = null)
    : Exception(detail)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>What kind of problem it is (<see cref="ProblemTypes"/>).</summary>
    public string Type => type;

    /// <summary>The kind in words.</summary>
    public string Title => title;

    /// <summary>What is wrong, by field; empty where it is no field's fault.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; } =
        new Dictionary<string, string[]>(errors ?? new Dictionary<string, string[]>());

    /// <summary>400: fields of the body, the query or the path are wrong.</summary>
    /// <param name="errors">What is wrong, by field.</param>
    public static RefusalException BadFields(IDictionary<string, string[]> errors) => new(
        StatusCodes.Status400BadRequest, ProblemTypes.BadInput, "Bad input",
        string.Join("; ", errors.SelectMany(error => error.Value.Select(message => $"{error.Key} {message}"))), errors);

    /// <summary>400: one field is wrong.</summary>
    public static RefusalException BadField(string field, string message) =>
        BadFields(new Dictionary<string, string[]> { [field] = [message] });

    /// <summary>404.</summary>
    public static RefusalException UnknownStream(string id) =>
        new(StatusCodes.Status404NotFound, ProblemTypes.UnknownStream, "Unknown stream", $"No stream has the id '{id}'.");

    /// <summary>404.</summary>
    public static RefusalException UnknownDeadChunk(string chunk) =>
        new(StatusCodes.Status404NotFound, ProblemTypes.UnknownDeadChunk, "Unknown dead chunk", $"No dead chunk has the id '{chunk}'.");

    /// <summary>409.</summary>
    public static RefusalException Conflict(string type, string title, string detail) =>
        new(StatusCodes.Status409Conflict, type, title, detail);
}
