using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Crispy.AppHost.Showing;
using Crispy.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Crispy.AppHost;

/// <summary>A run on this machine: its data folder, its keys, its sources, and the wiring that only such a run has.</summary>
public sealed class LocalRun : IDisposable
{
    /// <summary>The bucket, where <c>Parameters:bucket-name</c> names no other.</summary>
    public const string DefaultBucket = "crispy-chunks";

    private readonly RunOptions _options;
    private readonly IDistributedApplicationBuilder _builder;
    private readonly DataFolder? _data;
    private readonly List<string> _mistakes = [];
    private readonly IReadOnlyList<StreamSettings> _streams = [];
    private readonly RunScreen _screen = RunScreen.OfProcess();
    private readonly RunRegistry _registry = new();
    private readonly RunLog? _log;
    private readonly RememberedPorts? _ports;
    private string _lastError = "";
    private EndpointReference? _status;
    private EndpointReference? _console;

    private LocalRun(IDistributedApplicationBuilder builder, RunOptions options)
    {
        (_builder, _options) = (builder, options);
        Backends = options.Backends is not Backends.Auto ? options.Backends
            : Prerequisites.ContainerRuntimeAnswers(_screen) ? Backends.Container : Backends.Local;
        _mistakes.AddRange(Prerequisites.Missing(Backends));
        _streams = StreamSettings.Read(builder.Configuration, options, _mistakes);
        if (_mistakes.Count > 0) return;
        try
        {
            _data = DataFolder.Take(options.Data, Path.Combine(builder.AppHostDirectory, "..", "artifacts"));
            DiskSpace.Require(_data.Path);
            _log = new(Folder(RunLog.FolderName), TimeProvider.System, TellError);
            _ports = new(Path.Combine(_data.Path, "ports.json"), _screen.Say);
            ConsolePort = options.Once ? null : _ports.Of("console", options.Port);
            MakeKeys();
            Dashboard.Settle(builder, () => _ports.Of("dashboard"), _screen.Complain);
            builder.Services.AddLogging(Log);
            // Stopped in reverse order: the processes first, then what writes down their last words.
            builder.Services.AddSingleton(_screen).AddHostedService(Logs).AddHostedService<OrderlyStop>();
            _registry.Enter(_data.Path);
            builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = OrderlyStop.Grace + TimeSpan.FromSeconds(15));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            _mistakes.Add(refused.Message);
        }
    }

    /// <summary>What keeps the run from starting, a line each.</summary>
    public IReadOnlyList<string> Mistakes => _mistakes;

    /// <summary>Where redis and rabbitmq run: never <see cref="Backends.Auto"/>.</summary>
    public Backends Backends { get; }

    /// <summary>Full path of the folder with all data of the run.</summary>
    public string DataPath => _data?.Path ?? throw new InvalidOperationException("the run has no data folder");

    /// <summary>The console's port; null where there is no console.</summary>
    public int? ConsolePort { get; }

    /// <summary>The bucket's name.</summary>
    public string BucketName => _builder.Configuration["Parameters:bucket-name"] ?? DefaultBucket;

    /// <summary>Path of the key file with which signed URLs are signed.</summary>
    public string ServiceAccountFile { get; private set; } = "";

    private string LogFile => Path.Combine(DataPath, "chunks.jsonl");

    /// <summary>Prepares a run; null in publish mode, which has none.</summary>
    public static LocalRun? Prepare(IDistributedApplicationBuilder builder, RunOptions options) =>
        builder.ExecutionContext.IsPublishMode ? null : new(builder, options);

    /// <summary>A folder below the data folder, made if it is not there, and its owner's alone.</summary>
    public string Folder(string name) => _data?.Below(name) ?? throw new InvalidOperationException("the run has no data folder");

    /// <summary>Name of a server's volume: one for each data folder and each password. So two runs share none, and a new folder starts with
    /// a new one.</summary>
    public string Volume(string server)
    {
        var password = _builder.Configuration[$"Parameters:{server}-password"];
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{DataPath} {password}"));
        return $"crispy-{server}-{Convert.ToHexStringLower(hash.AsSpan(0, 6))}";
    }

    /// <summary>Prints the mistakes.</summary>
    /// <returns>The exit code for them.</returns>
    public int Explain()
    {
        foreach (var mistake in _mistakes) _screen.Complain(mistake);
        return 2;
    }

    /// <summary>Gives the services the spool, the bucket's address, the keys and the streams.</summary>
    public void Connect(IResourceBuilder<ProjectResource> bucket, IResourceBuilder<ProjectResource> chunkLogger,
        IResourceBuilder<ProjectResource> uploadWorker, IResourceBuilder<ProjectResource> streamHandle,
        IResourceBuilder<ProjectResource>? console)
    {
        var storage = ReferenceExpression.Create($"{bucket.GetEndpoint("http").Property(EndpointProperty.Url)}/storage/v1/");
        chunkLogger.WithEnvironment("STORAGE_EMULATOR_HOST", storage)
            .WithEnvironment("GOOGLE_APPLICATION_CREDENTIALS", ServiceAccountFile)
            .WithEnvironment("Crispy__ChunkLogger__File", LogFile);
        uploadWorker.WithEnvironment("STORAGE_EMULATOR_HOST", storage).WaitFor(bucket);
        foreach (var service in new[] { uploadWorker, streamHandle })
        {
            service.WithEnvironment("Crispy__Spool__Path", Folder("spool")).WithEnvironment("Crispy__Spool__Name", "local");
        }
        foreach (var (key, value) in StreamSettings.ToEnvironment(_streams)) streamHandle.WithEnvironment(key, value);
        HandOn("Crispy:Retention", streamHandle);
        // The run is this machine's alone; everywhere else the API asks for a token.
        streamHandle.WithEnvironment("Crispy__Api__AllowAnonymous", "true");
        _status = streamHandle.GetEndpoint("http");
        bucket.WithOutageCommands().WithUrlForEndpoint("http", url => Named(url, "Objects", $"/storage/v1/b/{BucketName}/o"));
        streamHandle.WithCameraCommands().WithUrlForEndpoint("http", url => Named(url, "API", "/openapi/v1.json"));
        foreach (var service in new[] { chunkLogger, uploadWorker })
            service.WithUrlForEndpoint("http", url => (url.DisplayText, url.DisplayLocation) = ("Health", UrlDisplayLocation.DetailsOnly));
        if (console is null) return;
        console.WithUrlForEndpoint("http", url => url.DisplayText = "Console");
        _console = console.GetEndpoint("http");
        console.WithEnvironment("STORAGE_EMULATOR_HOST", storage)
            .WithEnvironment("GOOGLE_APPLICATION_CREDENTIALS", ServiceAccountFile)
            .WithEnvironment("Crispy__Archive__CacheFolder", Folder("cache"))
            .WithEnvironment("Crispy__Console__KeysFolder", Folder("keys/sessions"))
            .WithEnvironment("Crispy__Console__PlotsFile", Path.Combine(DataPath, "plots.jsonl"))
            .WithEnvironment("Crispy__Console__NotifyFolder", Folder("notify"))
            .WithEnvironment("Crispy__Console__AuditFolder", Folder("audit"))
            .WithEnvironment("Crispy__Api__AllowAnonymous", "true");
        HandOn("Crispy:Notify", console);
        HandOn("Crispy:Prices", console);
        if (Dashboard.TraceUrl(_builder.Configuration) is { } traces) console.WithEnvironment("Crispy__Archive__TraceUrl", traces);
    }

    /// <summary>Runs until Ctrl-C, or with --once until everything is stored and logged.</summary>
    /// <returns>The process's exit code.</returns>
    public async Task<int> RunAsync(DistributedApplication app)
    {
        var status = _status ?? throw new InvalidOperationException("not connected");
        var book = new ResourceBook(app.Services.GetRequiredService<ResourceNotificationService>(), TimeProvider.System);
        string? Link() => book.HasDashboard ? Dashboard.Login(_builder.Configuration) : null;
        var addresses = new Addresses(_screen, Link, _log!.Path, TimeProvider.System);
        var files = _streams.Where(stream => File.Exists(stream.Settings["Url"]))
            .ToDictionary(stream => stream.Settings["Id"], stream => stream.Settings["Url"], StringComparer.Ordinal);
        var progress = _options.Once ? new FileProgress(files, TimeProvider.System) : null;
        using var watch = new Watch(app, status, _screen, book, addresses, new(LogFile), _log.Path, progress);
        using var note = _console is null ? null : new ConsoleNote(app, _console, Path.Combine(DataPath, ConsoleNote.FileName), console =>
        {
            _registry.Enter(DataPath, console);
            addresses.Tell(console);
        });
        using var api = new ApiNote(status, Path.Combine(DataPath, ApiNote.FileName));
        var exitCode = await watch.RunAsync();
        // The closing line of a run with --once is its last.
        if (!_options.Once) _screen.Say(LastWords.Of(Path.Combine(DataPath, "spool")));
        return exitCode;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _registry.Leave();
        _log?.Dispose();
        _data?.Dispose();
    }

    private void HandOn(string section, IResourceBuilder<ProjectResource> service)
    {
        foreach (var (key, value) in _builder.Configuration.GetSection(section).AsEnumerable())
            if (value is not null) service.WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value);
    }

    // What all processes print goes to the file; only with --verbose to the screen too, as hosts do it by themselves.
    private void Log(ILoggingBuilder logging)
    {
        // Aspire's own copy of what resources print, which not every environment has.
        logging.AddFilter((category, level) =>
            category?.Contains(".Resources.", StringComparison.Ordinal) != true && level >= LogLevel.Information);
        if (!_options.Verbose) logging.ClearProviders();
        logging.AddProvider(_log!);
    }

    private ResourceLogs Logs(IServiceProvider services) => new(
        services.GetRequiredService<ResourceNotificationService>(), services.GetRequiredService<ResourceLoggerService>(),
        _log!, _options.Verbose ? _screen : null);

    private void TellError(string error)
    {
        var first = Spell.Printable(error.Split('\n')[0]);
        if (_options.Verbose || first == _lastError) return;
        _lastError = first;
        _screen.Complain(first);
    }

    private static void Named(ResourceUrlAnnotation url, string text, string path) =>
        (url.DisplayText, url.Url) = (text, url.Url.TrimEnd('/') + path);

    private void MakeKeys()
    {
        var folder = Folder("keys");
        ServiceAccountFile = LocalKeys.ServiceAccountFile(folder);
        var signingKey = _builder.Configuration["Parameters:signing-key"] ?? LocalKeys.SigningKey(folder);
        _builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Parameters:bucket-name"] = BucketName,
            ["Parameters:signing-key"] = signingKey,
            // Servers in containers keep the first password that they get.
            ["Parameters:rabbitmq-password"] = _builder.Configuration["Parameters:rabbitmq-password"]
                ?? LocalKeys.Password(folder, "rabbitmq"),
            ["Parameters:redis-password"] = _builder.Configuration["Parameters:redis-password"] ?? LocalKeys.Password(folder, "redis"),
            ["Parameters:report-key"] = _builder.Configuration["Parameters:report-key"] ?? LocalKeys.ReportKey(folder),
            ["Parameters:signing-public-keys"] = _builder.Configuration["Parameters:signing-public-keys"]
                ?? SigningKey.PublicPem(signingKey),
        });
    }
}
