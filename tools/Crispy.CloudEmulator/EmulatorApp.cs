using Crispy.CloudEmulator.Expiring;
using Crispy.CloudEmulator.Faults;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.JsonApi;
using Crispy.CloudEmulator.Notifying;
using Crispy.CloudEmulator.Receiving;
using Crispy.CloudEmulator.Signing;
using Crispy.CloudEmulator.Storing;
using Crispy.CloudEmulator.XmlApi;

namespace Crispy.CloudEmulator;

/// <summary>The emulator as a web application, for the program and for tests that host it themselves.</summary>
public static class EmulatorApp
{
    /// <summary>Where it listens when neither command line nor configuration says so.</summary>
    public const string DefaultUrl = "http://127.0.0.1:4443";

    /// <summary>
    /// Builds the emulator, ready to be started: its data folder is open, what a crash interrupted is finished, its buckets exist.
    /// Port 0 in <c>--urls</c> takes a free port; <see cref="WebApplication.Urls"/> has it after the start.
    /// </summary>
    /// <param name="args">The command line, e.g. <c>--urls http://127.0.0.1:0 --data DIR --bucket NAME</c>.</param>
    /// <exception cref="OptionException">An option is wrong; the message names it.</exception>
    public static WebApplication Create(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(CommandLine.Parse(args));
        var options = EmulatorOptions.From(builder.Configuration);
        builder.WebHost.UseUrls(Urls(builder.Configuration));
        // Bodies come in large pieces over few connections: asking for each piece twice, first without a buffer, doubles the system calls.
        builder.WebHost.UseSockets(sockets => sockets.WaitForDataBeforeAllocatingBuffer = false);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            // All of an object's metadata may come as headers of an XML PUT.
            kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
        });
        builder.AddServiceDefaults();
        AddParts(builder.Services, options);
        var app = builder.Build();
        Route(app);
        PrepareAsync(app, options).GetAwaiter().GetResult();
        return app;
    }

    private static string[] Urls(ConfigurationManager configuration)
    {
        var urls = (configuration["urls"] ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var url in urls)
        {
            if (!Uri.TryCreate(url.Replace("*", "any", StringComparison.Ordinal).Replace("+", "any", StringComparison.Ordinal),
                UriKind.Absolute, out var uri)
                || uri.Scheme is not ("http" or "https"))
                throw new OptionException($"--urls '{url}' is no http URL, such as {DefaultUrl}");
        }
        return urls;
    }

    private static void AddParts(IServiceCollection services, EmulatorOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(_ => new DataFolder(options.Data));
        services.AddSingleton(provider => new Ledger(provider.GetRequiredService<DataFolder>().Ledger));
        services.AddSingleton<Outbox>().AddSingleton<IEventSink>(provider => provider.GetRequiredService<Outbox>());
        services.AddSingleton<ObjectStore>();
        services.AddSingleton<Buckets>();
        services.AddSingleton<UploadSessions>();
        services.AddSingleton<NotificationConfigs>();
        services.AddSingleton<BucketRequests>();
        services.AddSingleton<ObjectRequests>();
        services.AddSingleton<ObjectListing>();
        services.AddSingleton<UploadRequests>();
        services.AddSingleton<ComposeRequests>();
        services.AddSingleton<NotificationRequests>();
        services.AddSingleton<XmlRequests>();
        services.AddSingleton<FaultGate>();
        services.AddSingleton<Signers>();
        services.AddSingleton<SignedUrl>();
        services.AddSingleton<SignedUrlV2>();
        services.AddSingleton<StorageRouter>();
        services.AddHostedService<Pusher>();
        services.AddSingleton<Sweeper>().AddHostedService(provider => provider.GetRequiredService<Sweeper>());
    }

    private static void Route(WebApplication app)
    {
        var router = app.Services.GetRequiredService<StorageRouter>();
        var outbox = app.Services.GetRequiredService<Outbox>();
        var faults = app.Services.GetRequiredService<FaultGate>();
        // It asks nobody for credentials, so a page in a browser of this machine must not be able to use it.
        app.UseRequestGuard(new(app.Services.GetRequiredService<EmulatorOptions>().AllowedHosts, "--allowed-hosts")
        {
            AnyBareName = true,
            BringsToken = StorageRouter.WillCheckSignature,
        });
        app.MapDefaultEndpoints();
        app.MapGet("/_emulator/notifications", (RequestDelegate)(context => JsonBody.WriteAsync(context, Counters(outbox))));
        app.MapMethods("/_emulator/faults", ["GET", "POST", "DELETE"], (RequestDelegate)faults.ControlAsync);
        app.MapPost("/_emulator/sweep", (RequestDelegate)app.Services.GetRequiredService<Sweeper>().ControlAsync);
        app.MapFallback("/{**path}", (RequestDelegate)(context => faults.PassAsync(context, router.HandleAsync)));
    }

    private static byte[] Counters(Outbox outbox) => JsonBody.Compose(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("pending", outbox.CountPending());
        json.WriteNumber("delivered", outbox.Delivered);
        json.WriteNumber("retried", outbox.Retried);
        json.WriteEndObject();
    });

    private static async Task PrepareAsync(WebApplication app, EmulatorOptions options)
    {
        var services = app.Services;
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(EmulatorApp));
        services.GetRequiredService<Signers>().Load();
        await services.GetRequiredService<ObjectStore>().RecoverAsync();
        await services.GetRequiredService<UploadSessions>().ExpireAsync();
        var buckets = services.GetRequiredService<Buckets>();
        var present = buckets.List("").Select(bucket => bucket.Name).ToHashSet();
        foreach (var missing in options.Buckets.Where(present.Add)) await buckets.CreateAsync(missing, "emulator", BucketSettings.None);

        var outbox = services.GetRequiredService<Outbox>();
        services.GetRequiredService<NotificationConfigs>().Load();
        if (options.Notify is { } endpoint)
            outbox.AddTarget(new()
            {
                Key = "notify",
                Endpoint = endpoint,
                EventTypes = [EventNames.PubSub(ObjectEvent.Finalize)],
            });
        if (await outbox.DropOrphansAsync() is > 0 and var dropped) Log.OrphansDropped(log, dropped);
        Log.Ready(log, services.GetRequiredService<DataFolder>().Buckets, string.Join(", ", present.Order()));
    }
}
