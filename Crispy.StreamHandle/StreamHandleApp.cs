using System.Text.Json.Serialization;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.StreamHandle.Api;
using Crispy.StreamHandle.Events;
using Crispy.StreamHandle.Launching;
using Crispy.StreamHandle.Leasing;
using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Registering;
using Crispy.StreamHandle.Reporting;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Supervising;
using Crispy.StreamHandle.Watching;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Crispy.StreamHandle;

/// <summary>Puts the process together.</summary>
internal static class StreamHandleApp
{
    /// <summary>Builds the application.</summary>
    /// <exception cref="OptionsValidationException">The configuration cannot be used, or ffmpeg is missing.</exception>
    public static async Task<WebApplication> BuildAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.WebHost.UseKestrelHttpsConfiguration();
        // What reads a body refuses it sooner, in words; this is for what reads none.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 2 * Requests.MaxLongBody);
        var settings = Settings.Read(builder.Configuration);
        RequireSpool(settings.Spool);
        var launcher = new ProcessLauncher();
        var ffmpeg = await Ffmpeg.FindAsync(settings.FfmpegFolder, launcher);

        builder.AddServiceDefaults();
        AddServers(builder, settings.Leases);

        var services = builder.Services;
        services.AddSingleton(ffmpeg).AddSingleton(launcher);
        AddConfigured(services, settings);
        AddRecording(services);
        AddApi(services);
        AddMetrics(services);
        AddWork(services, settings.Leases);
        services.AddHealthChecks().AddCheck<StreamsHealthCheck>("streams").AddCheck<ConservationHealthCheck>("conservation")
            .AddCheck<SpoolHealthCheck>("spool")
            .AddCheck<PublisherHealthCheck>("rabbitmq").AddCheck<RedisHealthCheck>("redis");

        var app = builder.Build();
        Map(app, settings);
        app.Services.GetRequiredService<StreamGauges>().Observe();
        app.Services.GetRequiredService<ProcessGauges>().Observe();
        return app;
    }

    private static void AddConfigured(IServiceCollection services, Settings settings)
    {
        services.AddSettings(settings.Streams).AddSettings(settings.Spool).AddSettings(settings.Leases).AddSettings(settings.Retention);
        services.AddSettings(settings.Connects).AddSettings(settings.Sources);
        services.AddSingleton(new SpoolLayout(settings.Spool.Path)).AddSingleton(_ => new ManifestSigner(settings.Signing.PrivatePem));
        services.AddSingleton(provider =>
            new ManifestVerifier($"{provider.GetRequiredService<ManifestSigner>().PublicPem}\n{settings.Signing.PublicKeys}"));
    }

    private static void AddRecording(IServiceCollection services)
    {
        services.AddSingleton<StreamRegistry>().AddSingleton<IStreamList>(provider => provider.GetRequiredService<StreamRegistry>());
        services.AddSingleton<ConnectLimiter>().AddSingleton<SpoolBudget>().AddSingleton<StreamEvents>();
        services.AddSingleton<Opening>().AddSingleton<SpoolParts>().AddSingleton<Outlets>().AddSingleton<StreamParts>();
        services.AddSingleton<IChunkPublisher>(provider => provider.GetRequiredService<ChunkPublisher>());
        services.AddSingleton<ServerWatches>().AddSingleton<SharedRecords>();
    }

    private static void AddApi(IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddSingleton<StreamEditor>().AddSingleton<StreamImport>().AddSingleton<StatusReader>().AddSingleton<SpoolReader>();
        services.AddSingleton<DeadChunks>().AddSingleton<DeadFileProbe>().AddSingleton<SourceTrial>();
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        services.AddApiDescription();
    }

    private static void AddMetrics(IServiceCollection services)
    {
        services.AddSingleton<StreamGauges>().AddSingleton<ProcessGauges>();
        services.AddOpenTelemetry().WithMetrics(StreamGauges.Limit);
    }

    // Stopped in reverse order: the streams first, then what tells of their last chunks.
    private static void AddWork(IServiceCollection services, LeaseOptions leases)
    {
        AddHosted<StateReporter>(services);
        AddHosted<SpoolGauge>(services);
        AddHosted<ChunkPublisher>(services);
        AddLeases(services, leases);
        AddHosted<StreamSupervisor>(services);
        AddHosted<DefinitionShare>(services);
        AddHosted<SpoolKeeper>(services);
        AddHosted<EventPump>(services);
        AddHosted<DutyWatch>(services);
    }

    private static void Map(WebApplication app, Settings settings)
    {
        app.MapMetrics();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        settings.Access.Guard(app);
        app.MapDefaultEndpoints();
        app.MapKeySet(settings.Signing);
        app.MapOpenApi();
        var api = app.MapGroup("").AddEndpointFilter(Refusals.AnswerAsync);
        api.MapStreams();
        api.MapDead();
        api.MapEvents();
        api.MapDuty();
    }

    private static void AddLeases(IServiceCollection services, LeaseOptions leases)
    {
        if (!leases.Enabled)
        {
            services.AddSingleton<ILeases, NoLeases>();
            return;
        }
        AddHosted<LeaseKeeper>(services);
        services.AddSingleton<ILeases>(provider => provider.GetRequiredService<LeaseKeeper>());
    }

    private static void AddHosted<T>(IServiceCollection services) where T : class, IHostedService =>
        services.AddSingleton<T>().AddHostedService(provider => provider.GetRequiredService<T>());

    private static void AddServers(WebApplicationBuilder builder, LeaseOptions leases)
    {
        var trust = SettingsReader.Checked(() => ServerTrust.Read(builder.Configuration));
        builder.Services.AddSingleton(trust.Certificates);
        builder.AddRabbitMQClient("rabbitmq", client =>
        {
            SettingsReader.Checked(() => ServerAddress.RequireRabbitMQ(client.ConnectionString));
            client.DisableHealthChecks = true; // It would make a second connection, and block until it is there.
        }, factory =>
        {
            // One loop connects again, the publisher's.
            factory.AutomaticRecoveryEnabled = false;
            factory.RequestedHeartbeat = factory.ContinuationTimeout = TimeSpan.FromSeconds(10);
            trust.Apply(factory);
        });
        builder.AddRedisClient("redis", client =>
        {
            SettingsReader.Checked(() => ServerAddress.RequireRedis(client.ConnectionString));
            client.DisableHealthChecks = true; // A Redis that is away must not turn this process red.
            client.DisableTracing = true; // It tells of each command up to 10 s late, and of each of the leases' alone.
        }, options =>
        {
            options.AbortOnConnectFail = false;
            // A replica that holds leases must have found a Redis that was replaced before others may take them. Without leases the
            // start need not wait for it.
            if (leases.Enabled) options.ReconnectRetryPolicy = new LinearRetry(500);
            else (options.ConnectTimeout, options.ConnectRetry) = (1000, 1);
            trust.Apply(options);
        });
    }

    private static void RequireSpool(SpoolOptions spool)
    {
        try
        {
            new SpoolLayout(spool.Path).RequireWritable();
        }
        catch (IOException full) when (full.HResult == Errno.NoSpace)
        {
            // That can pass: its streams wait for room, and say so.
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw SettingsReader.Refusal<SpoolOptions>($"Crispy:Spool:Path is '{spool.Path}': {refused.Message}");
        }
    }
}
