using Crispy.Console.Recorders;

namespace Crispy.Console.Forwarding;

/// <summary>The paths that are stream-handle's.</summary>
public static class ForwardedEndpoints
{
    /// <summary>Maps what no other endpoint of the console takes.</summary>
    public static void MapForwarded(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/streams", (MergedLists lists, HttpContext context) => lists.GetStreamsAsync(context)).ExcludeFromDescription();
        routes.MapImport();
        routes.MapGet("/api/dead", (MergedLists lists, HttpContext context) => lists.GetDeadAsync(context)).ExcludeFromDescription();
        routes.MapPost("/api/dead/replay", (DeadForwarder dead, HttpContext context) => dead.ActAsync(context)).ExcludeFromDescription();
        routes.MapPost("/api/dead/discard", (DeadForwarder dead, HttpContext context) => dead.ActAsync(context)).ExcludeFromDescription();
        routes.Map("/api/dead/{**chunk}", (DeadForwarder dead, HttpContext context) => dead.ForwardAsync(context)).ExcludeFromDescription();
        routes.MapGet("/api/status", (MergedLists lists, HttpContext context) => lists.GetStatusAsync(context)).ExcludeFromDescription();
        routes.MapGet("/api/duty", async (DutyFeed duty, HttpContext context) => TypedResults.Json(await duty.ReadAsync(context.RequestAborted), RecorderJson.Options))
            .ExcludeFromDescription();
        routes.MapGet("/api/events", (MergedEvents events, HttpContext context) => events.CopyAsync(context)).ExcludeFromDescription();
        routes.Map("/api/{**rest}", (ApiForwarder forwarder, HttpContext context) => forwarder.ForwardAsync(context)).WithOrder(1000).ExcludeFromDescription();
        routes.MapGet("/openapi/v1.json", (MergedDocument document, HttpContext context) => document.GetAsync(context)).ExcludeFromDescription();
        routes.MapGet("/openapi/stream-handle.json", (ApiForwarder forwarder, HttpContext context) => forwarder.ForwardAsync(context, "/openapi/v1.json")).ExcludeFromDescription();
        routes.MapGet("/.well-known/jwks.json", (MergedKeys keys, HttpContext context) => keys.GetAsync(context)).ExcludeFromDescription();
    }
}
