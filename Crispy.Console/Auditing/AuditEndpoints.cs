using System.Globalization;

namespace Crispy.Console.Auditing;

/// <summary>What the API tells of the audit log.</summary>
public static class AuditEndpoints
{
    /// <summary>Maps <c>GET /api/audit</c>.</summary>
    public static void MapAudit(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/audit", Read)
            .WithTags("Audit").WithName("listAudit").WithSummary("Who did what")
            .WithDescription(
                "A page of the audit log, newest first: of a stream, of a person (by name or subject), of a range. Needs the role admin.")
            .Produces<AuditPage>()
            .Produces<HttpValidationProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden);

    private static IResult Read(AuditLog log, CancellationToken stop, string? stream = null, string? person = null, string? from = null,
        string? to = null, string? limit = null, string? after = null)
    {
        var mistakes = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var query = new AuditQuery(Text(stream), Text(person), Time("from", from, mistakes), Time("to", to, mistakes));
        var most = Number("limit", limit, 1, AuditQuery.MaxLimit, mistakes) ?? 100;
        var before = Number("after", after, 0, long.MaxValue, mistakes);
        return mistakes.Count > 0
            ? Results.ValidationProblem(mistakes, type: ProblemTypes.BadInput)
            : TypedResults.Json(query.Read(log, (int)most, before, stop), ApiJson.Options);
    }

    private static string? Text(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static DateTimeOffset? Time(string name, string? text, Dictionary<string, string[]> mistakes)
    {
        if (string.IsNullOrEmpty(text)) return null;
        const DateTimeStyles style = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, style, out var time)) return time;
        mistakes[name] = [$"'{text}' is not a time in ISO 8601, such as 2026-11-22T14:03:00Z"];
        return null;
    }

    private static long? Number(string name, string? text, long least, long most, Dictionary<string, string[]> mistakes)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        mistakes[name] = [$"'{text}' is not a whole number from {least} to {most}"];
        return null;
    }
}
