using Crispy.Coordination;
using Crispy.Spool;
using Crispy.UploadWorker.Consuming;
using Crispy.UploadWorker.Telling;
using Crispy.UploadWorker.Uploading;
using Google.Api.Gax;
using Google.Apis.Auth.OAuth2;
using Google.Cloud.Storage.V1;
using Microsoft.Extensions.Options;

namespace Crispy.UploadWorker;

/// <summary>The upload-worker process: takes chunks from the queue of one spool and brings each into the bucket.</summary>
public static class UploadWorkerApp
{
    /// <summary>The most bytes that a message of RabbitMQ may ever have. Its own limit, <c>max_message_size</c>,
    /// is far lower where Crispy sets the broker up.</summary>
    private const uint LargestBody = 512 << 20;

    private const string CredentialsKey = "Crispy:Credentials";

    /// <summary>Builds the process; nothing is connected before it starts.</summary>
    /// <param name="args">The command line, as configuration.</param>
    /// <param name="configure">Runs last on the builder; for tests.</param>
    /// <exception cref="OptionsValidationException"><c>Crispy:Credentials</c> holds no service account's key,
    /// <c>Crispy:Tls:CertificateAuthorityFile</c> no certificate, or a connection string cannot be used.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults();
        builder.AddServers();
        builder.Services.AddUploadWorkerOptions();
        builder.Services.AddHealthChecks()
            .AddCheck<UploadHealthCheck>("uploads")
            .AddCheck<BucketHealthCheck>("bucket")
            .AddCheck<RedisHealthCheck>("redis");
        builder.Services
            .AddSingleton(
                new StorageClientBuilder { EmulatorDetection = EmulatorDetection.EmulatorOrProduction,
                    GoogleCredential = Credential(builder.Configuration[CredentialsKey]) })
            .AddSingleton<BucketClient>()
            .AddSingleton(services =>
                new UploadSpool(services.GetRequiredService<IOptions<SpoolOptions>>().Value.Path,
                    services.GetRequiredService<TimeProvider>()))
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

    // Null asks for application default credentials.
    private static GoogleCredential? Credential(string? json)
    {
        if (string.IsNullOrEmpty(json)) return null;
        try
        {
            return CredentialFactory.FromJson<ServiceAccountCredential>(json).ToGoogleCredential();
        }
        catch (Exception malformed)
            when (malformed is InvalidOperationException or ArgumentException or FormatException or Newtonsoft.Json.JsonException)
        {
            throw new OptionsValidationException(CredentialsKey, typeof(UploadOptions),
                [$"{CredentialsKey} is not the JSON of a service account's key"]);
        }
    }

    private static void AddServers(this WebApplicationBuilder builder)
    {
        var trust = Checked(ServerTrust.Key, () => ServerTrust.Read(builder.Configuration));
        builder.Services.AddSingleton(trust.Certificates);
        builder.AddRabbitMQClient("rabbitmq", client =>
        {
            Checked("ConnectionStrings:rabbitmq", () => ServerAddress.RequireRabbitMQ(client.ConnectionString));
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
            Checked("ConnectionStrings:redis", () => ServerAddress.RequireRedis(client.ConnectionString));
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

    private static void Checked(string key, Action check) => Checked(key, () =>
    {
        check();
        return true;
    });

    private static T Checked<T>(string key, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException mistake)
        {
            throw new OptionsValidationException(key, typeof(ServerTrust), [mistake.Message]);
        }
    }
}
