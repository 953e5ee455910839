namespace Crispy.StreamHandle.Api;

/// <summary>The HTTP API: what the streams do now.</summary>
public static class StreamEndpoints
{
    /// <summary>Maps <c>GET /api/status</c>, <c>GET /api/streams</c> and <c>GET /api/streams/{id}</c>. Errors are problem details (RFC 9457).</summary>
    public static void MapStreams(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/status", async (StatusReader reader) => Results.Json(await reader.ReadAsync(), ApiJson.Default.StatusReport));
        routes.MapGet("/api/streams", async (StatusReader reader) => Results.Json(await reader.ReadStreamsAsync(), ApiJson.Default.IReadOnlyListStreamReport));
        routes.MapGet("/api/streams/{id}", async (string id, StatusReader reader) => await reader.ReadAsync(id) is { } stream
            ? Results.Json(stream, ApiJson.Default.StreamReport)
            : Results.Problem($"No stream has the id '{id}'.", statusCode: StatusCodes.Status404NotFound, title: "Unknown stream"));
    }
}
