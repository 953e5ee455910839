using System.Text.Json.Serialization;
using Crispy.StreamHandle.Watching;

namespace Crispy.StreamHandle.Api;

/// <summary>What needs a person.</summary>
public static class DutyEndpoint
{
    /// <summary>Maps <c>GET /api/duty</c>.</summary>
    public static void MapDuty(this IEndpointRouteBuilder api) =>
        api.MapGet("/api/duty", (DutyWatch duty) => TypedResults.Json(duty.Report, DutyJson.Default.DutyReport))
            .Describe("getDuty", "What needs a person",
                "Cameras, bucket, RabbitMQ, Redis, what waits, the disk, losses and dead letters: how each is, since when, "
                + "and what to do, worst first. Gathered every two seconds.")
            .Produces<DutyReport>();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DutyReport))]
internal sealed partial class DutyJson : JsonSerializerContext;
