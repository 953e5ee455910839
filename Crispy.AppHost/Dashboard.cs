using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Crispy.AppHost;

/// <summary>How a run on this machine uses Aspire's dashboard.</summary>
internal static class Dashboard
{
    private const string Urls = "ASPNETCORE_URLS";

    /// <summary>Settles the dashboard's address before it starts, lets it speak plain http on this machine,
    /// and keeps its start calm.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="port">Gives its port, where the environment says none.</param>
    /// <param name="tell">Gets a line where its port is taken.</param>
    public static void Settle(IDistributedApplicationBuilder builder, Func<int> port, Action<string> tell)
    {
        var settings = new Dictionary<string, string?>
        {
            // Loopback only, and behind a login. A development certificate is used where the https profile asks for it.
            ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
            // Each start would search the package feed for a newer Aspire, beside services that want the same cores.
            ["ASPIRE_VERSION_CHECK_DISABLED"] = "true",
            // A run has ended when what it started has.
            ["DcpPublisher:WaitForResourceCleanup"] = "true",
        };
        // Chunks' traces are linked to it.
        if (string.IsNullOrEmpty(builder.Configuration[Urls]))
            settings[Urls] = $"http://localhost:{port().ToString(CultureInfo.InvariantCulture)}";
        else if (Uri.TryCreate(Address(builder.Configuration), UriKind.Absolute, out var given)
            && given is { IsLoopback: true, Port: var asked } && !Port.IsFree(asked))
            tell($"port {asked.ToString(CultureInfo.InvariantCulture)} ({Urls}) is taken by another program: there is no dashboard");
        builder.Configuration.AddInMemoryCollection(settings);
        // DCP warns of a development certificate that a run over http does not use. What is not healthy is told by its resource.
        builder.Services.AddLogging(logging => logging
            .AddFilter("Microsoft.AspNetCore", LogLevel.Error).AddFilter("Aspire.Hosting.Dcp", LogLevel.Error)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));
    }

    /// <summary>Address of a trace's page, <c>{traceId}</c> in the place of its id;
    /// it signs a browser in that has not been there yet.</summary>
    public static string? TraceUrl(IConfiguration configuration)
    {
        if (Address(configuration) is not { } address) return null;
        return configuration["AppHost:BrowserToken"] is { Length: > 0 } token
            ? $"{address}/login?t={token}&returnUrl=/traces/detail/{{traceId}}"
            : $"{address}/traces/detail/{{traceId}}";
    }

    /// <summary>Address of its first page, which signs a browser in.</summary>
    public static string? Login(IConfiguration configuration)
    {
        if (Address(configuration) is not { } address) return null;
        return configuration["AppHost:BrowserToken"] is { Length: > 0 } token ? $"{address}/login?t={token}" : address;
    }

    private static string? Address(IConfiguration configuration) =>
        configuration[Urls]?.Split(';').FirstOrDefault(url => url.StartsWith("http", StringComparison.OrdinalIgnoreCase))?.TrimEnd('/');
}
