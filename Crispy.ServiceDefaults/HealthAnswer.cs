using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.Hosting;

/// <summary>What a health probe is told: the state in one word (<c>Healthy</c>, <c>Degraded</c>, <c>Unhealthy</c>). Only who brings a token
/// (<see cref="OperatorToken"/>) is told each check and its words, since these name cameras, brokers and hosts.</summary>
internal static class HealthAnswer
{
    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        if (!OperatorToken.IsBroughtBy(context.Request))
        {
            context.Response.ContentType = "text/plain";
            return context.Response.WriteAsync(report.Status.ToString());
        }
        return context.Response.WriteAsJsonAsync(new
        {
            status = report.Status.ToString(),
            checks = report.Entries.ToDictionary(entry => entry.Key,
                entry => new { status = entry.Value.Status.ToString(),
                    description = entry.Value.Description ?? entry.Value.Exception?.Message }),
        });
    }
}
