using Crispy.StreamHandle.Events;
using Crispy.StreamHandle.Registering;
using Crispy.StreamHandle.Reporting;

namespace Crispy.StreamHandle.Api;

/// <summary>What happens, as it happens.</summary>
public static class EventEndpoint
{
    /// <summary>Maps <c>GET /api/events</c>: server-sent events (WHATWG HTML, section 9.2).</summary>
    public static void MapEvents(this IEndpointRouteBuilder api) =>
        api.MapGet("/api/events", (StreamEvents events, StatusReader reader, IHostApplicationLifetime lifetime, HttpContext context) =>
            {
                if (events.TakeSeat() is not { } seat)
                    throw new RefusalException(StatusCodes.Status429TooManyRequests, ProblemTypes.TooMany, "Too many listeners",
                        $"{StreamEvents.MaxListeners} listen already.");
                context.Response.RegisterForDispose(seat);
                // A stop waits for requests, and streams for the stop: a listener must not keep them recording.
                var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
                context.Response.RegisterForDispose(ended);
                return TypedResults.ServerSentEvents(events.ListenAsync(() => reader.Read().Streams, context.Abort, ended.Token));
            })
            .Describe("listen", "Events",
                "Server-sent events until the listener goes. stream: a StreamReport, first of each, then on each change, for counters once "
                    + "a second at most. Others: "
                + "removed {id}, chunk {chunk, stream, from, to, state: queued, stored, dead or lost}, dead (a DeadChunk), and ping after "
                + "15 s of silence.")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream").Refuses(429);
}
