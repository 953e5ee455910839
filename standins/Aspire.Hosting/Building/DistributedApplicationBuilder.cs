using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Publishing;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private static readonly Dictionary<string, string> Switches = new()
    {
        ["--operation"] = "AppHost:Operation",
        ["--publisher"] = "Publishing:Publisher",
        ["--step"] = "Pipeline:Step",
        ["--output-path"] = "Pipeline:OutputPath",
    };

    private readonly HostApplicationBuilder _host;
    private readonly ResourceCollection _resources = [];

    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        AppHostAssembly = options.AppHostAssembly;
        AppHostDirectory = Path.GetFullPath(options.ProjectDirectory ?? Directory.GetCurrentDirectory());
        _host = new(new HostApplicationBuilderSettings { Args = options.Args, ContentRootPath = Directory.Exists(AppHostDirectory) ? AppHostDirectory : null });
        Configuration.AddCommandLine(options.Args ?? [], Switches);
        Configuration["AppHost:Directory"] = AppHostDirectory;
        Configuration["AppHost:Sha256"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(AppHostDirectory)));
        ExecutionContext = new(OperationOf(Configuration));
        AddServices(options);
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory { get; }

    public Assembly? AppHostAssembly { get; }

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResourceCollection Resources => _resources;

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (_resources.Any(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException($"There is a resource '{resource.Name}' already; names are unique, whatever the case.");
        }

        _resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => new DistributedApplicationResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        var host = _host.Build();
        ExecutionContext.Services = host.Services;
        return new(host);
    }

    private static DistributedApplicationOperation OperationOf(ConfigurationManager configuration) =>
        configuration["AppHost:Operation"]?.ToLowerInvariant() switch
        {
            "publish" => DistributedApplicationOperation.Publish,
            "run" => DistributedApplicationOperation.Run,
            null => configuration["Publishing:Publisher"] is null ? DistributedApplicationOperation.Run : DistributedApplicationOperation.Publish,
            var other => throw new DistributedApplicationException($"Unknown --operation '{other}'. Valid are 'run' and 'publish'."),
        };

    private void AddServices(DistributedApplicationOptions options)
    {
        _host.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        _host.Logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
        _host.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks.DefaultHealthCheckService", LogLevel.None);
        // Stopping takes up to AppRunner.StopLimit of its own; the host must not give up before.
        Services.Configure<HostOptions>(host => host.ShutdownTimeout = AppRunner.StopLimit + TimeSpan.FromSeconds(15));
        Services.AddHttpClient();
        Services.AddHealthChecks();
        Services.TryAddSingleton(TimeProvider.System);
        Services.AddSingleton(options);
        Services.AddSingleton(Eventing);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(new DistributedApplicationModel(Resources));
        Services.AddSingleton(_ => new ResourceNotificationService());
        if (ExecutionContext.IsPublishMode)
        {
            Services.AddHostedService<ManifestPublisher>();
            return;
        }

        Services.AddSingleton(_ => new Display(Console.Out));
        Services.AddSingleton<ProcessLauncher>();
        Services.AddSingleton<AspireProgram>();
        Services.AddSingleton<DashboardProcess>();
        Services.AddSingleton<ProjectCommands>();
        Services.AddSingleton<ContainerRuntime>();
        Services.AddSingleton<ResourceEnvironment>();
        Services.AddSingleton<ResourceCommands>();
        Services.AddSingleton<HealthMonitor>();
        Services.AddSingleton<AppRunner>();
        Services.AddHostedService(services => services.GetRequiredService<AppRunner>());
    }
}
