using Crispy.Console.Recorders;
using Microsoft.AspNetCore.Mvc;

namespace Crispy.Console.Notifying;

/// <summary>What the API tells of notices.</summary>
public static class NotifyEndpoints
{
    private const string Tag = "Notifications";

    /// <summary>Maps <c>GET /api/notify</c> and <c>POST /api/notify/test</c>.</summary>
    public static void MapNotify(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/notify", (Notifier notifier) => TypedResults.Json(notifier.Report(), RecorderJson.Options))
            .WithTags(Tag).WithName("GetNotify").WithSummary("Who is told what, whether they can be reached, and what has begun and not ended")
            .Produces<NotifyReport>();
        routes.MapPost("/api/notify/test", TestAsync)
            .WithTags(Tag).WithName("TestNotify").WithSummary("Sends a test to all targets, or to one, and answers with what each said")
            .Produces<NotifyTestReport>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> TestAsync([FromBody(EmptyBodyBehavior = Microsoft.AspNetCore.Mvc.ModelBinding.EmptyBodyBehavior.Allow)] NotifyTest? test,
        Notifier notifier, CancellationToken stop) => await notifier.TestAsync(test?.Target, stop) is { } report
            ? TypedResults.Json(report, RecorderJson.Options)
            : Results.Problem($"There is no {NotifySettings.Section}:{test!.Target}.", statusCode: StatusCodes.Status404NotFound, title: "No such target");
}
