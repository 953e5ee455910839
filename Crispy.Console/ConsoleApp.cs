using System.Net;
using Crispy.Archive;
using Crispy.Console.Access;
using Crispy.Console.Archiving;
using Crispy.Console.Auditing;
using Crispy.Console.Forwarding;
using Crispy.Console.Notifying;
using Crispy.Console.Retaining;
using Crispy.Console.StreamHandles;
using Crispy.Contracts;
using Crispy.Coordination;
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
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 2 * ApiForwarder.MaxBody);
        builder.AddServiceDefaults();
        // It asks for its keys to be encrypted at rest, with what a container does not have: their folder is private instead.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        // A stack for each request while a stream-handle is away: the feed says so once, and the answer says it too.
        builder.Logging.AddFilter("Yarp.ReverseProxy.Forwarder", LogLevel.Error);
        var settings = ConsoleSettings.Read(builder.Configuration);
        var services = builder.Services;
        services.AddSettings(settings).AddSettings(settings.Token).AddSettings(settings.Accounts);
        services.AddSettings(settings.Audit).AddSingleton<AuditLog>().AddScoped<Desk>();
        services.AddProblemDetails();
        services.AddOpenApi(MergedDocument.Own, options => options.Describe("Crispy archive",
            "What is recorded, read from the bucket and the spools. The whole API, stream-handle's part too, is described in "
                + "/openapi/v1.json."));
        services.AddSessions(settings);
        AddStreamHandles(services);
        AddChunkArchive(builder, settings);
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

    private static void AddStreamHandles(IServiceCollection services)
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
        services.AddSingleton<StreamHandleDirectory>().AddSingleton<StreamHandleClient>().AddSingleton<KnownStreams>()
            .AddSingleton<StreamImporter>().AddSingleton<ManyCameras>();
        services.AddHttpForwarder();
        services.AddSingleton<ApiForwarder>().AddSingleton<MergedLists>().AddSingleton<MergedEvents>().AddSingleton<MergedKeys>()
            .AddSingleton<DeadForwarder>().AddSingleton<MergedDocument>();
        services.AddHostedService<StreamFeed>();
        services.AddSingleton<Duty>().AddSingleton<DutyFeed>().AddHostedService(provider => provider.GetRequiredService<DutyFeed>());
        services.AddSingleton<Notifier>().AddHostedService(provider => provider.GetRequiredService<Notifier>());
        services.AddSingleton<DeadLetters>();
        services.AddSingleton<Trends>().AddHostedService(provider => provider.GetRequiredService<Trends>());
        services.AddSingleton<StreamHandleGauges>();
        services.AddHealthChecks().AddCheck<StreamHandlesHealthCheck>("stream-handle");
    }

    private static void AddChunkArchive(WebApplicationBuilder builder, ConsoleSettings settings)
    {
        // Redis remembers what became of a chunk; without it, or before it answers, the archive says what the bucket does.
        if (builder.Configuration.GetConnectionString("redis") is { Length: > 0 })
        {
            var trust = SettingsReader.Checked(() => ServerTrust.Read(builder.Configuration));
            builder.AddRedisClient("redis", client =>
            {
                SettingsReader.Checked(() => ServerAddress.RequireRedis(client.ConnectionString));
                client.DisableHealthChecks = true;
                client.DisableTracing = true; // Looking up states is no work of a chunk.
            }, options =>
            {
                options.AbortOnConnectFail = false;
                options.ConnectTimeout = 1000;
                options.ConnectRetry = 1;
                trust.Apply(options);
            });
        }
        builder.Services.AddArchive(builder.Configuration,
            provider => new(ActivatorUtilities.CreateInstance<OwnerHandler>(provider)) { BaseAddress = OwnerHandler.Anywhere },
            settings.Reports);
        settings.RequireOwnReportKey(ChunkKeys(builder.Services).KeyIds);
        builder.Services.AddSingleton<RangeVerifier>().AddSingleton<MissingTime>();
        builder.Services.AddSingleton<RetentionReader>().AddHostedService<RuleKeeper>();
        builder.Services.AddSingleton<DayReader>();
        builder.Services.AddSingleton<CoverageReader>(provider => provider.GetRequiredService<DayReader>().ReadAsync);
        builder.Services.AddSingleton<Coverage>().AddHostedService(provider => provider.GetRequiredService<Coverage>());
    }

    private static ManifestVerifier ChunkKeys(IServiceCollection services) =>
        (ManifestVerifier)services.Single(service => service.ServiceType == typeof(ManifestVerifier)).ImplementationInstance!;

    // Before anything is answered: a console that cannot keep its audit log does not start.
    private static void OpenAudit(IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<AuditLog>();
        }
        catch (Exception unable) when (unable is IOException or UnauthorizedAccessException or FormatException)
        {
            var folder = services.GetRequiredService<AuditSettings>().Folder;
            throw SettingsReader.Refusal<AuditSettings>($"Crispy:Console:AuditFolder is '{folder}': {unable.Message}");
        }
    }

    private static WebApplication Map(WebApplication app, ConsoleSettings settings)
    {
        OpenAudit(app.Services);
        if (settings.KeysFolder is null && !settings.Token.AllowsEverybody) Log.SessionKeysInMemory(app.Logger);
        if (settings.Reports.KeyId is { } key) Log.ReportsSigned(app.Logger, key);
        else Log.ReportsUnsigned(app.Logger);
        app.UseExceptionHandler();
        app.UseSecurityHeaders();
        app.UseErrorPages();
        app.UseGuard(settings.Accounts);
        app.UseClerk();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapDefaultEndpoints();
        app.MapMetrics();
        app.Services.GetRequiredService<StreamHandleGauges>().Observe();
        app.MapStaticAssets();
        app.MapOpenApi();
        app.MapSessions();
        app.MapArchive();
        app.MapDownloads();
        app.MapNotify();
        app.MapAudit();
        app.MapRetention();
        app.MapForwarded();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(render => render.ContentSecurityFrameAncestorsPolicy = "'none'");
        return app;
    }
}
