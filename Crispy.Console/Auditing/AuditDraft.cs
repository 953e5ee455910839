using Crispy.Console.People;
using Crispy.Contracts;

namespace Crispy.Console.Auditing;

/// <summary>What an entry will say, but for how it ended and its place in the log.</summary>
/// <param name="Who">Who asks.</param>
/// <param name="Action">What for.</param>
public sealed record AuditDraft(Person Who, AuditAction Action)
{
    /// <summary>The stream's id.</summary>
    public string? Stream { get; init; }

    /// <summary>Ids of chunks.</summary>
    public IReadOnlyList<string>? Chunks { get; init; }

    /// <summary>Begin of the range.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>End of the range.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>What else there is to say; never a secret.</summary>
    public string? Detail { get; init; }

    /// <summary>Where the request came from.</summary>
    public string? Client { get; init; }

    /// <summary>Of <see cref="AuditAction.Pruned"/>: the last entry that goes.</summary>
    internal long? Until { get; init; }

    /// <summary>The entry, without its place.</summary>
    internal AuditEntry ToEntry(DateTimeOffset at) =>
        new(AuditLine.CurrentSchema, 0, Guid.NewGuid().ToString("n"), at, Who.Subject, Who.Name, Who.Role, Who.Way, Action)
        {
            Stream = Stream, Chunks = Chunks, From = From, To = To, Detail = Detail, Client = Client, Until = Until,
        };
}

/// <summary>The audit log takes no entry: what was asked for is not done.</summary>
public sealed class AuditException : Exception
{
    /// <param name="inner">Why.</param>
    public AuditException(Exception inner) : base($"The audit log takes no entry, so nothing was done: {inner.Message}", inner)
    {
    }

    /// <summary>As an answer (problem details, RFC 9457).</summary>
    public IResult ToProblem() =>
        Results.Problem(Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "Not audited", type: ProblemTypes.NotAudited);
}
