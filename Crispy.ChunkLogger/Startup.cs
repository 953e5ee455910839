using Crispy.Archive;
using Crispy.ChunkLogger.Calling;
using Crispy.ChunkLogger.Events;
using Crispy.ChunkLogger.Publishing;
using Crispy.ChunkLogger.Reading;
using Crispy.ChunkLogger.Signing;
using Crispy.ChunkLogger.Verifying;
using Crispy.ChunkLogger.Writing;
using Crispy.Contracts;
using Google.Apis.Auth.OAuth2;
using Google.Cloud.Functions.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Crispy.ChunkLogger;

/// <summary>Builds what the function needs, once for the process. Anything that is wrong shows here, before the first event.</summary>
internal sealed class Startup : FunctionsStartup
{
    private const string Authenticated = "authenticated";
    private const string Anonymous = "anonymous";

    // Pub/Sub's messages are up to 10 MB, an object's resource in one is some 10 KB.
    private const long LargestEvent = 1024 * 1024;

    /// <inheritdoc />
    public override void ConfigureLogging(WebHostBuilderContext context, ILoggingBuilder logging)
    {
        // Instead of the framework's JSON lines, which do not say what trace they belong to.
        if (context.Configuration.GetValue<bool>("FunctionsFramework:JsonLogging"))
            logging.ClearProviders().Services.AddSingleton<ILoggerProvider, LogLines>();
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // One warning for each push to a path that is not a topic's name; what cannot be read at all is an error and stays.
        logging.AddFilter("Google.Cloud.Functions.Framework.CloudEventAdapter", LogLevel.Error);
        logging.AddOpenTelemetry(telemetry => (telemetry.IncludeFormattedMessage, telemetry.IncludeScopes) = (true, true));
    }

    /// <inheritdoc />
    public override void ConfigureServices(WebHostBuilderContext context, IServiceCollection services)
    {
        var settings = ChunkLoggerOptions.Read(context.Configuration);
        var credential = Credentials.Find(settings);
        services.AddCrispyTelemetry(context.Configuration, "chunk-logger", requestsBeginTraces: false);
        services.AddSettings(settings
            with { Project = settings.Project ?? (credential.UnderlyingCredential as ServiceAccountCredential)?.ProjectId
                ?? MachineProject.Find(credential) });
        services.AddSingleton(BucketAccess.Client(settings.Emulator, credential).Build());
        services.AddSingleton(new ManifestVerifier(settings.PublicKeys)).AddSingleton(new ManifestChain());
        Signer.Require(credential, settings);
        services.AddKeyedSingleton(Authenticated, (provider, _) => new GoogleApi(credential, provider.GetRequiredService<TimeProvider>()));
        services.AddKeyedSingleton(Anonymous, (provider, _) => new GoogleApi(null, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new Signer(credential, settings, provider.GetRequiredKeyedService<GoogleApi>(Authenticated)));
        services.AddSingleton(_ => new EntryLines(Console.OpenStandardOutput(), settings.File));
        services.AddSingleton(provider =>
            new Outlet(provider.GetRequiredService<EntryLines>(), new(settings.RememberedObjects), Topic(settings, provider)));
        services.AddSingleton(provider =>
            Remembered(settings, provider.GetRequiredService<Outlet>(), provider.GetRequiredService<ILogger<Function>>()));
        services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = LargestEvent);
        services.AddSingleton<SignedUrls>().AddSingleton<ObjectLookup>().AddSingleton<HeadDownload>().AddSingleton<ChunkRecorder>()
            .AddSingleton<LossRecorder>().AddSingleton<Metrics>().AddSingleton<LastAttempt>().AddSingleton<SeenOnce>();
        services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy("the process runs"), ["live"])
            .AddCheck<LastAttempt>("chunks");
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
    }

    /// <inheritdoc />
    public override void Configure(WebHostBuilderContext context, IApplicationBuilder app)
    {
        var services = app.ApplicationServices;
        _ = services.GetRequiredService<EntryLines>();
        _ = services.GetRequiredService<RememberedObjects>();
        var settings = services.GetRequiredService<ChunkLoggerOptions>();
        Log.Started(services.GetRequiredService<ILogger<Function>>(), settings.Bucket ?? "every bucket", settings.UrlLifetime);
        app.Use(MalformedEventException.AnswerAsync);
        app.UseRouting();
        app.UseEndpoints(endpoints =>
        {
            endpoints.MapDefaultEndpoints();
            endpoints.MapMetrics();
        });
        _ = services.GetRequiredService<Metrics>();
    }

    private static RecordTopic? Topic(ChunkLoggerOptions settings, IServiceProvider provider)
    {
        if (settings.Topic is not { } topic) return null;
        var api = provider.GetRequiredKeyedService<GoogleApi>(settings.PubSubEmulator is null ? Authenticated : Anonymous);
        return new(api, settings.PubSubEmulator ?? new("https://pubsub.googleapis.com/"), topic, provider.GetRequiredService<Metrics>());
    }

    private static RememberedObjects Remembered(ChunkLoggerOptions settings, Outlet outlet, ILogger logger)
    {
        var remembered = new RememberedObjects(settings.RememberedObjects);
        if (settings.File is not { } file) return remembered;
        var count = 0;
        foreach (var identity in EarlierEntries.Read(file))
        {
            // The file does not tell what was published: that is made up for if the event comes again.
            outlet.AddWritten(identity);
            if (outlet.WritesLinesOnly) remembered.Add(identity);
            count++;
        }
        Log.EarlierEntriesRead(logger, Math.Min(count, settings.RememberedObjects), file);
        return remembered;
    }
}
