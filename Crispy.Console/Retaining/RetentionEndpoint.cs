using Crispy.Archive;

namespace Crispy.Console.Retaining;

/// <summary>What the API tells of how long recordings are kept.</summary>
public static class RetentionEndpoint
{
    /// <summary>Maps <c>GET /api/retention</c>.</summary>
    public static void MapRetention(this IEndpointRouteBuilder routes) => routes.MapGet("/api/retention", ReadAsync)
        .WithTags("Retention").WithName("GetRetention").WithSummary("How long what is kept, and what it costs")
        .WithDescription("Of each stream: the days that are set, those after which the bucket deletes, and its oldest video. Also about "
            + "how much is stored at what price. Bytes and costs are reckoned from the last six hours that it recorded.")
        .Produces<RetentionReport>().ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> ReadAsync(RetentionReader reader, CancellationToken stop)
    {
        try
        {
            return TypedResults.Json(await reader.ReadAsync(stop), ApiJson.Options);
        }
        catch (ArchiveAwayException away)
        {
            return Results.Problem(away.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "The archive cannot answer");
        }
    }
}
