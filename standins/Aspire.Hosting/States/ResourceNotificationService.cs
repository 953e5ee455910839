using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Knows the state of every resource, and tells those who ask.</summary>
public class ResourceNotificationService
{
    private readonly Lock _access = new();
    private ImmutableDictionary<string, ResourceEvent> _states = ImmutableDictionary<string, ResourceEvent>.Empty;
    private ImmutableList<ChannelWriter<ResourceEvent>> _watchers = [];

    internal ResourceNotificationService()
    {
    }

    /// <summary>The current states of all resources, then each new one.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Bounded by what happens to resources while the watcher looks away: states are few and small.
        var events = Channel.CreateUnbounded<ResourceEvent>(new() { SingleReader = true });
        lock (_access)
        {
            foreach (var state in _states.Values) events.Writer.TryWrite(state);
            _watchers = _watchers.Add(events.Writer);
        }

        try
        {
            await foreach (var state in events.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) yield return state;
        }
        finally
        {
            lock (_access) _watchers = _watchers.Remove(events.Writer);
        }
    }

    /// <summary>The current state of a replica, by its id.</summary>
    public bool TryGetCurrentState(string resourceId, out ResourceEvent? resourceEvent) => _states.TryGetValue(resourceId, out resourceEvent);

    /// <summary>Waits until a resource or one of its replicas has a state.</summary>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    /// <summary>Waits until a resource or one of its replicas has one of several states.</summary>
    /// <returns>The state it has.</returns>
    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var targets = targetStates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var reached = await WaitForResourceAsync(resourceName, state => targets.Contains(state.Snapshot.State?.Text ?? ""), cancellationToken).ConfigureAwait(false);
        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits until a state of a resource or of one of its replicas fulfils a condition.</summary>
    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        await foreach (var state in WatchAsync(cancellationToken).ConfigureAwait(false))
        {
            if (string.Equals(state.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(state)) return state;
        }

        throw new OperationCanceledException(cancellationToken);
    }

    /// <summary>Waits until a resource or one of its replicas runs and is healthy.</summary>
    /// <exception cref="DistributedApplicationException">It ended before.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default)
    {
        var reached = await WaitForResourceAsync(resourceName, state => IsHealthy(state) || IsTerminal(state), cancellationToken).ConfigureAwait(false);
        return IsHealthy(reached)
            ? reached
            : throw new DistributedApplicationException($"The resource '{resourceName}' is '{reached.Snapshot.State?.Text}' (exit code {reached.Snapshot.ExitCode}) and will not become healthy.");
    }

    /// <summary>Changes the state of a resource that is not a process.</summary>
    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return PublishUpdateAsync(resource, resource.Name, stateFactory);
    }

    /// <summary>Changes the state of a replica.</summary>
    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(stateFactory);
        Update(resource, resourceId, stateFactory);
        return Task.CompletedTask;
    }

    internal static bool IsTerminal(ResourceEvent state) => KnownResourceStates.TerminalStates.Contains(state.Snapshot.State?.Text);

    internal static bool IsHealthy(ResourceEvent state) =>
        state.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy;

    internal ResourceEvent Update(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        lock (_access)
        {
            var before = _states.GetValueOrDefault(resourceId)?.Snapshot ?? new() { ResourceType = TypeOf(resource) };
            var after = new ResourceEvent(resource, resourceId, change(before));
            _states = _states.SetItem(resourceId, after);
            foreach (var watcher in _watchers) watcher.TryWrite(after);
            return after;
        }
    }

    private static string TypeOf(IResource resource) => resource switch
    {
        ProjectResource => "Project",
        ExecutableResource => "Executable",
        ContainerResource => "Container",
        ParameterResource => "Parameter",
        _ => resource.GetType().Name,
    };
}
