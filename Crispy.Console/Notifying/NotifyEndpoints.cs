using System.Text.Json;

namespace Crispy.Console.Notifying;

/// <summary>What the API tells of notices.</summary>
public static class NotifyEndpoints
{
    private const string Tag = "Notifications";

    /// <summary>Maps <c>GET /api/notify</c> and <c>POST /api/notify/test</c>.</summary>
    public static void MapNotify(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/notify", (Notifier notifier) => TypedResults.Json(notifier.Report(), ApiJson.Options))
            .WithTags(Tag).WithName("GetNotify")
            .WithSummary("Who is told what, whether they can be reached, and what has begun and not ended")
            .WithDescription("Addresses are shown as scheme and host alone: the rest is a secret.")
            .Produces<NotifyReport>();
        routes.MapPost("/api/notify/test", TestAsync)
            .WithTags(Tag).WithName("TestNotify").WithSummary("Sends a test to all targets, or to one, and answers with what each said")
            .WithDescription("""With the body {"target": 0} to that target alone; without a body to all.""")
            .Produces<NotifyTestReport>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

    // Read by hand: a body that may be missing, bound as a parameter, would have a request without one go to stream-handle.
    private static async Task<IResult> TestAsync(HttpRequest request, Notifier notifier, CancellationToken stop)
    {
        try
        {
            var test = RequestGuard.IsJson(request) && request.ContentLength != 0
                ? await request.ReadFromJsonAsync<NotifyTest>(ApiJson.Options, stop) : null;
            return await notifier.TestAsync(test?.Target, stop) is { } report
                ? TypedResults.Json(report, ApiJson.Options)
                : Results.Problem($"There is no {NotifySettings.Section}:{test!.Target}.", statusCode: StatusCodes.Status404NotFound,
                    title: "No such target");
        }
        catch (JsonException)
        {
            return Results.Problem("""The body is no {"target": 0}.""", statusCode: StatusCodes.Status400BadRequest);
        }
    }
}
