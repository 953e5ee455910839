using Crispy.ChunkLogger.Events;
using Crispy.ChunkLogger.Reading;
using Crispy.ChunkLogger.Signing;
using Crispy.ChunkLogger.Verifying;
using Crispy.ChunkLogger.Writing;
using Crispy.Contracts;
using Google.Apis.Auth.OAuth2;
using Google.Cloud.Functions.Hosting;
using Google.Cloud.Storage.V1;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Crispy.ChunkLogger;

/// <summary>Builds what the function needs, once for the process; whatever is wrong shows here, before the first event.</summary>
internal sealed class Startup : FunctionsStartup
{
    /// <inheritdoc />
    public override void ConfigureLogging(WebHostBuilderContext context, ILoggingBuilder logging)
    {
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // One warning for each push to a path that is not a topic's name; what cannot be read at all is an error and stays.
        logging.AddFilter("Google.Cloud.Functions.Framework.CloudEventAdapter", LogLevel.Error);
        logging.AddOpenTelemetry(telemetry => (telemetry.IncludeFormattedMessage, telemetry.IncludeScopes) = (true, true));
    }

    /// <inheritdoc />
    public override void ConfigureServices(WebHostBuilderContext context, IServiceCollection services)
    {
        var settings = ChunkLoggerOptions.Read(context.Configuration);
        var credential = Credentials.Find(context.Configuration);
        services.AddCrispyTelemetry(context.Configuration, "chunk-logger");
        services.AddSingleton(settings with { Project = settings.Project ?? (credential.UnderlyingCredential as ServiceAccountCredential)?.ProjectId });
        services.AddSingleton(settings.Emulator is { } emulator
            ? new StorageClientBuilder { BaseUri = emulator.AbsoluteUri, UnauthenticatedAccess = true }.Build()
            : new StorageClientBuilder { GoogleCredential = credential }.Build());
        services.AddSingleton(new ManifestVerifier(settings.PublicKeys)).AddSingleton(new ManifestChain());
        services.AddSingleton(UrlSigner.FromCredential(credential));
        services.AddSingleton(_ => new EntryLines(Console.OpenStandardOutput(), settings.File));
        services.AddSingleton(provider => Remembered(settings, provider.GetRequiredService<ILogger<Function>>()));
        services.AddSingleton<SignedUrls>().AddSingleton<HeadDownload>().AddSingleton<ChunkRecorder>().AddSingleton<LossRecorder>().AddSingleton<Metrics>().AddSingleton<LastAttempt>();
        services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), ["live"]).AddCheck<LastAttempt>("chunks");
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
        app.UseRouting();
        app.UseEndpoints(endpoints => endpoints.MapDefaultEndpoints());
    }

    private static RememberedObjects Remembered(ChunkLoggerOptions settings, ILogger logger)
    {
        var remembered = new RememberedObjects(settings.RememberedObjects);
        if (settings.File is not { } file) return remembered;
        foreach (var identity in EarlierEntries.Read(file)) remembered.Add(identity);
        Log.EarlierEntriesRead(logger, remembered.Count, file);
        return remembered;
    }
}
