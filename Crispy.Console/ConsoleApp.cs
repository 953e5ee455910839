using System.Net;
using Crispy.Console.Access;
using Crispy.Console.Forwarding;
using Crispy.Console.Recorders;
using Microsoft.Extensions.Options;
using Microsoft.FluentUI.AspNetCore.Components;

namespace Crispy.Console;

/// <summary>The console process: the archive's API, stream-handle's API passed on, and the pages for people.</summary>
public static class ConsoleApp
{
    /// <summary>Builds the process; nothing is connected before it starts.</summary>
    /// <param name="args">The command line, as configuration.</param>
    /// <param name="configure">Runs last on the builder; for tests.</param>
    /// <exception cref="OptionsValidationException">The configuration cannot be used; all mistakes are named.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseStaticWebAssets();
        builder.AddServiceDefaults();
        var settings = ConsoleSettings.Read(builder.Configuration);
        var services = builder.Services;
        services.AddSingleton(settings).AddSingleton(settings.Token);
        services.AddProblemDetails();
        services.AddOpenApi("v1");
        services.AddSessions(settings);
        AddRecorders(services);
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            // A person who lost the network comes back to the page as it was; a hundred forgotten tabs are not kept.
            (circuits.DisconnectedCircuitMaxRetained, circuits.DisconnectedCircuitRetentionPeriod) = (20, TimeSpan.FromMinutes(3));
        });
        services.AddFluentUIComponents();
        services.AddScoped<Layout.Zone>();
        configure?.Invoke(builder);
        return Map(builder.Build(), settings);
    }

    private static void AddRecorders(IServiceCollection services)
    {
        // No resilience handler here: events last for hours, and one loop retries, the feed's.
        services.AddSingleton(_ => new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
            UseProxy = false,
        }));
        services.AddSingleton<RecorderDirectory>().AddSingleton<RecorderClient>().AddSingleton<Fleet>();
        services.AddHttpForwarder();
        services.AddSingleton<ApiForwarder>().AddSingleton<MergedLists>().AddSingleton<MergedEvents>();
        services.AddHostedService<FleetFeed>();
        services.AddSingleton<CoverageReader>(_ => (_, _, _, _) => Task.FromResult(0.0));
        services.AddSingleton<Coverage>().AddHostedService(provider => provider.GetRequiredService<Coverage>());
        services.AddHealthChecks().AddCheck<RecordersHealthCheck>("stream-handle");
    }

    private static WebApplication Map(WebApplication app, ConsoleSettings settings)
    {
        app.UseExceptionHandler();
        app.UseSecurityHeaders();
        app.UseStatusCodePages();
        app.UseGuard(settings.Token);
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapDefaultEndpoints();
        app.MapStaticAssets();
        app.MapOpenApi();
        app.MapSessions();
        app.MapForwarded();
        app.MapRazorComponents<Layout.App>().AddInteractiveServerRenderMode(render => render.ContentSecurityFrameAncestorsPolicy = "'none'");
        return app;
    }
}
