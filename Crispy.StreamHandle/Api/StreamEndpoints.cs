namespace Crispy.StreamHandle.Api;

/// <summary>The HTTP API: what the streams do now.</summary>
public static class StreamEndpoints
{
    /// <summary>Maps <c>GET /api/status</c>, <c>GET /api/streams</c> and <c>GET /api/streams/{id}</c>. Errors are problem details (RFC 9457).</summary>
    public static void MapStreams(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/status", (StatusReader reader) => Results.Json(reader.Read(), ApiJson.Default.StatusReport));
        routes.MapGet("/api/streams", (StatusReader reader) => Results.Json(reader.ReadStreams(), ApiJson.Default.IReadOnlyListStreamReport));
        routes.MapGet("/api/streams/{id}", (string id, StatusReader reader) => reader.Read(id) is { } stream
            ? Results.Json(stream, ApiJson.Default.StreamReport)
            : Results.Problem($"No stream has the id '{id}'.", statusCode: StatusCodes.Status404NotFound, title: "Unknown stream"));
    }
}
