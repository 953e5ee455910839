using Crispy.Console.StreamHandles;

namespace Crispy.Console.Forwarding;

/// <summary>The paths that are stream-handle's.</summary>
public static class ForwardedEndpoints
{
    // Each by a route of its own: which role it needs follows from the route (Access/Operation.cs).
    private static readonly (string Method, string Path)[] Streams =
    [
        ("POST", "/api/streams"), ("POST", "/api/streams/probe"), ("GET", "/api/streams/{id}"), ("GET", "/api/streams/{id}/spool"),
        ("GET", "/api/streams/{id}/spool/{sequence}"),
        ("PUT", "/api/streams/{id}"), ("PATCH", "/api/streams/{id}"), ("DELETE", "/api/streams/{id}"),
        ("POST", "/api/streams/{id}/pause"), ("POST", "/api/streams/{id}/resume"), ("POST", "/api/streams/{id}/restart"),
    ];

    /// <summary>Maps what no other endpoint of the console takes.</summary>
    public static void MapForwarded(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/streams", (MergedLists lists, HttpContext context) => lists.GetStreamsAsync(context)).ExcludeFromDescription();
        routes.MapImport();
        routes.MapGet("/api/dead", (MergedLists lists, HttpContext context) => lists.GetDeadAsync(context)).ExcludeFromDescription();
        routes.MapPost("/api/dead/replay", (DeadForwarder dead, HttpContext context) => dead.ActAsync(context)).ExcludeFromDescription();
        routes.MapPost("/api/dead/discard", (DeadForwarder dead, HttpContext context) => dead.ActAsync(context)).ExcludeFromDescription();
        foreach (var chunk in (string[])["/api/dead/{stream}/{epoch}/{sequence}", "/api/dead/{chunk}"]) MapDead(routes, chunk);
        foreach (var (method, path) in Streams) routes.MapMethods(path, [method], Forward).ExcludeFromDescription();
        routes.MapGet("/api/status", (MergedLists lists, HttpContext context) => lists.GetStatusAsync(context)).ExcludeFromDescription();
        routes.MapGet("/api/duty",
            async (DutyFeed duty, HttpContext context) => TypedResults.Json(await duty.ReadAsync(context.RequestAborted), ApiJson.Options))
            .ExcludeFromDescription();
        routes.MapGet("/api/events", (MergedEvents events, HttpContext context) => events.CopyAsync(context)).ExcludeFromDescription();
        // What a newer stream-handle may have: of somebody who may do everything, or only looks.
        routes.Map("/api/{**rest}", Forward).WithOrder(1000).ExcludeFromDescription();
        routes.MapGet("/openapi/v1.json", (MergedDocument document, HttpContext context) => document.GetAsync(context))
            .ExcludeFromDescription();
        routes.MapGet("/openapi/stream-handle.json",
            (ApiForwarder forwarder, HttpContext context) => forwarder.ForwardAsync(context, "/openapi/v1.json")).ExcludeFromDescription();
        routes.MapGet("/.well-known/jwks.json", (MergedKeys keys, HttpContext context) => keys.GetAsync(context)).ExcludeFromDescription();
    }

    private static void MapDead(IEndpointRouteBuilder routes, string chunk)
    {
        routes.MapGet(chunk, (DeadForwarder dead, HttpContext context) => dead.ForwardAsync(context)).ExcludeFromDescription();
        routes.MapPost(chunk + "/replay", (DeadForwarder dead, HttpContext context) => dead.ForwardAsync(context)).ExcludeFromDescription();
        routes.MapPost(chunk + "/discard", (DeadForwarder dead, HttpContext context) => dead.ForwardAsync(context))
            .ExcludeFromDescription();
    }

    private static Task Forward(ApiForwarder forwarder, HttpContext context) => forwarder.ForwardAsync(context);
}
