using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Microsoft.Extensions.Hosting;

/// <summary>Metrics for Prometheus, which asks for them.</summary>
public static class MetricsEndpoint
{
    /// <summary>Where they are. A token is needed where one is set: <see cref="OperatorToken"/>.</summary>
    public const string Path = "/metrics";

    /// <summary>Maps <see cref="Path"/>, and begins to gather what it shows: a measurement before this is not heard.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        var allowed = OwnHosts.Parse(services.GetRequiredService<IConfiguration>()["Crispy:Api:AllowedHosts"]) ?? [];
        var hosts = OwnHosts.Of(services, allowed);
        var meters = services.GetRequiredService<MeterProvider>();
        app.MapPrometheusScrapingEndpoint(Path, meters, branch => branch.Use(async (context, next) =>
        {
            if (Refusal(context.Request, hosts) is { } refusal) await refusal.ExecuteAsync(context).ConfigureAwait(false);
            else await next(context).ConfigureAwait(false);
        }), optionsName: null);
    }

    private static IResult? Refusal(HttpRequest request, OwnHosts hosts)
    {
        if (OperatorToken.IsBroughtBy(request)) return null;
        if (OperatorToken.IsNeeded(request))
        {
            request.HttpContext.Response.Headers.WWWAuthenticate = "Bearer realm=\"crispy\"";
            return Results.Problem($"This needs 'Authorization: Bearer' with the token of Crispy:Api:Token or {OperatorToken.Setting}.",
                statusCode: StatusCodes.Status401Unauthorized, title: "Token needed");
        }
        return hosts.Has(request.Host) ? null
            : Results.Problem("This service does not answer under this name. Where it is right, add it to Crispy:Api:AllowedHosts.",
                statusCode: StatusCodes.Status403Forbidden, title: "Unknown host");
    }
}
