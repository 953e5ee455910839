using Crispy.Archive;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.UploadWorker.Consuming;
using Crispy.UploadWorker.Telling;
using Crispy.UploadWorker.Uploading;
using Microsoft.Extensions.Options;

namespace Crispy.UploadWorker;

/// <summary>The upload-worker process: takes chunks from the queue of one spool and brings each into the bucket.</summary>
public static class UploadWorkerApp
{
    /// <summary>The most bytes that a message of RabbitMQ may ever have. Its own limit, <c>max_message_size</c>,
    /// is far lower where Crispy sets the broker up.</summary>
    private const uint LargestBody = 512 << 20;

    /// <summary>Builds the process; nothing is connected before it starts.</summary>
    /// <param name="args">The command line, as configuration.</param>
    /// <param name="configure">Runs last on the builder; for tests.</param>
    /// <exception cref="OptionsValidationException">The configuration cannot be used.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults();
        var settings = UploadWorkerOptions.Read(builder.Configuration);
        builder.AddServers();
        builder.Services.AddSettings(settings.Bucket).AddSettings(settings.Spool).AddSettings(settings.Upload);
        builder.Services.AddHealthChecks()
            .AddCheck<UploadHealthCheck>("uploads")
            .AddCheck<BucketHealthCheck>("bucket")
            .AddCheck<RedisHealthCheck>("redis");
        builder.Services
            .AddSingleton(BucketAccess.Client(settings.Emulator, settings.Credential))
            .AddSingleton<BucketClient>()
            .AddSingleton(services => new UploadSpool(settings.Spool.Path, services.GetRequiredService<TimeProvider>()))
            .AddSingleton<UploadTelemetry>()
            .AddSingleton<ChunkUploader>()
            .AddSingleton<LossUploader>()
            .AddSingleton<WorkerCondition>()
            .AddSingleton<BucketWatch>()
            .AddSingleton<BucketProbe>()
            .AddSingleton<Rerouter>()
            .AddSingleton<DeliveryHandler>()
            .AddHostedService(services => services.GetRequiredService<BucketProbe>())
            .AddHostedService<WorkerTeller>()
            .AddHostedService<UploadConsumer>();
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapMetrics();
        return app;
    }

    private static void AddServers(this WebApplicationBuilder builder)
    {
        var trust = SettingsReader.Checked(() => ServerTrust.Read(builder.Configuration));
        builder.Services.AddSingleton(trust.Certificates);
        builder.AddRabbitMQClient("rabbitmq", client =>
        {
            SettingsReader.Checked(() => ServerAddress.RequireRabbitMQ(client.ConnectionString));
            client.DisableHealthChecks = true; // It would make a connection of its own, and block until it is there.
        }, factory =>
        {
            // The consumer has one supervising loop that connects again; the client's own recovery would be a second one.
            factory.AutomaticRecoveryEnabled = false;
            factory.RequestedHeartbeat = factory.ContinuationTimeout = TimeSpan.FromSeconds(10);
            // What the broker lets in must be taken to be set aside: refused here, it would end the connection at each delivery, for ever.
            factory.MaxInboundMessageBodySize = LargestBody;
            trust.Apply(factory);
        });
        builder.Services.AddHealthChecks().AddCheck<BrokerHealthCheck>("rabbitmq");
        // Redis is never in the way: no health check that turns red, and at most a second's wait for it at the start.
        builder.AddRedisClient("redis", client =>
        {
            SettingsReader.Checked(() => ServerAddress.RequireRedis(client.ConnectionString));
            client.DisableHealthChecks = true;
            client.DisableTracing = true; // It tells of each command up to 10 s late; the reporter's spans come at once.
        }, options =>
        {
            options.AbortOnConnectFail = false;
            options.ConnectTimeout = 1000;
            options.ConnectRetry = 1;
            trust.Apply(options);
        });
        builder.Services.AddSingleton<StateReporter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StateReporter>());
    }
}
