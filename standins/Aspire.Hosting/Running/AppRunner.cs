using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Running;

/// <summary>Runs the application on this machine: ports first, then every resource as soon as what it waits for is there.</summary>
internal sealed class AppRunner(
    DistributedApplicationModel model,
    DistributedApplicationOptions options,
    IDistributedApplicationEventing eventing,
    DashboardProcess dashboard,
    ContainerRuntime containers,
    Display display,
    IServiceProvider services,
    TimeProvider time) : IHostedService, IAsyncDisposable
{
    /// <summary>How long stopping takes at most.</summary>
    public static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private readonly EndpointAllocator _endpoints = new();
    private IReadOnlyList<ResourceRunner> _runners = [];
    private bool _disposed;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await eventing.PublishAsync(new BeforeStartEvent(services, model), cancellationToken).ConfigureAwait(false);
        var runners = model.Resources
            .Where(resource => resource is ProjectResource or ExecutableResource or ContainerResource)
            .Select(resource => ActivatorUtilities.CreateInstance<ResourceRunner>(services, resource, _endpoints.Placeholders))
            .ToArray();
        display.Align(runners.SelectMany(runner => runner.Instances).Select(instance => instance.Name));
        foreach (var runner in runners) _endpoints.Allocate(runner.Instances);
        _runners = runners;
        await AnnounceEndpointsAsync(cancellationToken).ConfigureAwait(false);

        if (!options.DisableDashboard) dashboard.Start(_stopping.Token);
        foreach (var runner in runners) runner.Start(runners, _stopping.Token);
        await eventing.PublishAsync(new AfterResourcesCreatedEvent(services, model), cancellationToken).ConfigureAwait(false);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopping.IsCancellationRequested) return;

        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_runners.Any(runner => runner.IsAlive)) display.Say("Stopping, dependents first.");
        await StopOrder.StopAsync(_runners, StopLimit, time).ConfigureAwait(false);
        await dashboard.StopAsync().ConfigureAwait(false);
        await containers.RemoveNetworkAsync().ConfigureAwait(false);
        await _endpoints.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>After a stop there is nothing left to do; without one, everything ends at once.</summary>
    public async ValueTask DisposeAsync()
    {
        // The container holds it twice, as itself and as a hosted service.
        if (_disposed) return;
        _disposed = true;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_runners.Select(runner => runner.KillAsync())).ConfigureAwait(false);
        await dashboard.StopAsync().ConfigureAwait(false);
        await _endpoints.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AnnounceEndpointsAsync(CancellationToken cancellationToken)
    {
        foreach (var resource in model.Resources.ToArray())
        {
            await eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(resource, services), cancellationToken).ConfigureAwait(false);
            if (resource is not IResourceWithConnectionString) continue;

            try
            {
                await eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, services), cancellationToken).ConfigureAwait(false);
            }
            catch (MissingParameterValueException)
            {
                // Whoever needs the value says so when it starts.
            }
        }
    }
}
