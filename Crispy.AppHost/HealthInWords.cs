using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Crispy.AppHost;

/// <summary>What a service says of itself (<c>/health</c>), as the dashboard's health report of its resource.</summary>
internal static class HealthInWords
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Of this run alone: without a token a service tells its state in one word.
    private static readonly string Token = RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Adds two checks: the service answers at all (<c>/alive</c>), and what it says of itself.</summary>
    public static IResourceBuilder<ProjectResource> WithHealthInWords(this IResourceBuilder<ProjectResource> project)
    {
        var (builder, key, endpoint) = (project.ApplicationBuilder, $"{project.Resource.Name}-says", project.GetEndpoint("http"));
        if (builder.ExecutionContext.IsPublishMode) return project;
        builder.Services.AddHttpClient(key, http =>
        {
            http.Timeout = Patience;
            http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        }).RemoveAllLoggers();
        builder.Services.AddHealthChecks()
            .Add(new(key, services => new SaysCheck(services.GetRequiredService<IHttpClientFactory>(), key, endpoint), null, null));
        return project.WithEnvironment("Health__Token", Token).WithHttpHealthCheck("/alive").WithHealthCheck(key);
    }

    private sealed class SaysCheck(IHttpClientFactory clients, string client, EndpointReference endpoint) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                using var http = clients.CreateClient(client);
                using var answer = await http.GetAsync(new Uri(new(endpoint.Url), "/health"), cancellationToken);
                var says = await answer.Content.ReadFromJsonAsync<Report>(JsonSerializerOptions.Web, cancellationToken);
                return says is null ? HealthCheckResult.Unhealthy("it says nothing") : new(says.Status, says.InWords);
            }
            catch (Exception away) when (away is HttpRequestException or IOException or JsonException or InvalidOperationException
                || (away is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                return HealthCheckResult.Unhealthy("it does not answer");
            }
        }
    }

    private sealed record Report([property: JsonConverter(typeof(JsonStringEnumConverter<HealthStatus>))] HealthStatus Status,
        IReadOnlyDictionary<string, Check> Checks)
    {
        // What is wrong comes first, and alone.
        public string InWords
        {
            get
            {
                var wrong = Checks.Where(check => check.Value.Status != HealthStatus.Healthy).ToList();
                return string.Join("; ", (wrong.Count > 0 ? wrong : [.. Checks])
                    .Select(check => check.Value.Description ?? $"{check.Key}: {check.Value.Status.ToString().ToLowerInvariant()}"));
            }
        }
    }

    private sealed record Check([property: JsonConverter(typeof(JsonStringEnumConverter<HealthStatus>))] HealthStatus Status,
        string? Description);
}
