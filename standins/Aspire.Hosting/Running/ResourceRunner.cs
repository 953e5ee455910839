using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.Running;

/// <summary>Runs the processes of one resource: waits for others, starts them, watches over their health and says how they end.</summary>
internal sealed class ResourceRunner(
    IResource resource,
    Dictionary<string, string> placeholders,
    ResourceCommands commands,
    ResourceEnvironment environment,
    ResourceNotificationService notifications,
    ProcessLauncher launcher,
    HealthMonitor health,
    IDistributedApplicationEventing eventing,
    Display display,
    IServiceProvider services,
    TimeProvider time)
{
    private Task _start = Task.CompletedTask;
    private CancellationToken _stopping;
    private bool _killed;

    public IResource Resource { get; } = resource;

    public IReadOnlyList<ResourceInstance> Instances { get; } =
        [.. Enumerable.Range(1, resource.GetReplicaCount()).Select(number => new ResourceInstance(resource, number, resource.GetReplicaCount()))];

    public Milestones Milestones { get; } = new();

    public bool IsAlive => Instances.Any(instance => instance.Process is { Ended.IsCompleted: false });

    /// <summary>Ends when all processes have ended.</summary>
    public Task Ended => Task.WhenAll(Instances.Select(instance => instance.Process?.Ended ?? Task.CompletedTask));

    public void Start(IReadOnlyList<ResourceRunner> all, CancellationToken stopping)
    {
        _stopping = stopping;
        _start = Task.Run(() => RunAsync(all), CancellationToken.None);
    }

    public async Task TerminateAsync()
    {
        await _start.ConfigureAwait(false);
        foreach (var instance in Instances.Where(instance => instance.Process is { Ended.IsCompleted: false }))
        {
            SetState(instance, KnownResourceStates.Stopping);
            instance.Process!.Terminate();
        }
    }

    public async Task KillAsync()
    {
        await _start.ConfigureAwait(false);
        foreach (var process in Instances.Select(instance => instance.Process))
        {
            if (process is null or { Ended.IsCompleted: true }) continue;
            _killed = true;
            process.KillNow();
        }

        await Ended.ConfigureAwait(false);
        if (_killed) await commands.RemoveLeftoversAsync(Instances).ConfigureAwait(false);
        foreach (var instance in Instances) instance.ReleasePorts();
    }

    private async Task RunAsync(IReadOnlyList<ResourceRunner> all)
    {
        try
        {
            foreach (var instance in Instances) SetState(instance, KnownResourceStates.Waiting);
            commands.Prepare(Resource, _stopping);
            await new Dependencies(Resource, all, notifications, display).WaitAsync(_stopping).ConfigureAwait(false);
            foreach (var instance in Instances) SetState(instance, KnownResourceStates.Starting);
            await eventing.PublishAsync(new BeforeResourceStartedEvent(Resource, services), _stopping).ConfigureAwait(false);
            if (await commands.UnavailableAsync(Resource, _stopping).ConfigureAwait(false) is { } reason)
            {
                foreach (var instance in Instances) SetState(instance, KnownResourceStates.RuntimeUnhealthy);
                display.Happened(Resource.Name, reason);
                return;
            }

            var resolved = await environment.ResolveAsync(Resource, _stopping).ConfigureAwait(false);
            foreach (var instance in Instances) await StartAsync(instance, resolved).ConfigureAwait(false);
            Milestones.Started.TrySetResult();
            _ = health.WatchAsync(this, _stopping);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It stops before it started.
        }
        catch (Exception failure)
        {
            Fail(failure.Message);
        }
    }

    private async Task StartAsync(ResourceInstance instance, ResolvedResource resolved)
    {
        var specification = await commands.CreateAsync(instance, ResourceEnvironment.For(instance, resolved, placeholders), _stopping).ConfigureAwait(false);
        _stopping.ThrowIfCancellationRequested();
        instance.ReleasePorts();
        instance.Process = await launcher.StartAsync(specification, line => display.Printed(instance.Name, line)).ConfigureAwait(false);
        notifications.Update(Resource, instance.Name, before => before with { State = KnownResourceStates.Running, StartTimeStamp = time.GetUtcNow().UtcDateTime });
        display.Happened(instance.Name, $"running{Places(instance)}");
        instance.Process.Read();
        _ = WatchEndAsync(instance, instance.Process);
    }

    private async Task WatchEndAsync(ResourceInstance instance, ChildProcess process)
    {
        var exitCode = await process.Ended.ConfigureAwait(false);
        var stopped = _stopping.IsCancellationRequested;
        var state = notifications.Update(Resource, instance.Name, before => before with
        {
            State = stopped ? KnownResourceStates.Exited : KnownResourceStates.Finished,
            ExitCode = exitCode,
            StopTimeStamp = time.GetUtcNow().UtcDateTime,
        });
        if (stopped) display.Happened(instance.Name, _killed ? "killed: it did not end in time" : "stopped");
        else ShowEnd(instance, process, exitCode);

        var code = exitCode.ToString(CultureInfo.InvariantCulture);
        Milestones.End($"{instance.Name} ended with exit code {code}", exitCode);
        await eventing.PublishAsync(new ResourceStoppedEvent(Resource, services, state), CancellationToken.None).ConfigureAwait(false);
    }

    private void ShowEnd(ResourceInstance instance, ChildProcess process, int exitCode)
    {
        if (exitCode == 0)
        {
            display.Happened(instance.Name, "finished (exit code 0)");
            return;
        }

        var tail = process.Tail;
        var signal = exitCode > 128 ? $" (signal {exitCode - 128})" : "";
        display.Happened(instance.Name, $"DIED with exit code {exitCode}{signal}{(tail.Count == 0 ? ", having printed nothing" : "; its last lines:")}");
        foreach (var line in tail) display.Happened(instance.Name, $"  > {line}");
    }

    private void Fail(string reason)
    {
        foreach (var instance in Instances.Where(instance => instance.Process is null)) SetState(instance, KnownResourceStates.FailedToStart);
        display.Happened(Resource.Name, $"NOT STARTED: {reason}");
        Milestones.Fail($"{Resource.Name} was not started");
    }

    private static string Places(ResourceInstance instance)
    {
        var urls = instance.Ports.Select(port => $"{port.Key.UriScheme}://{port.Key.AllocatedEndpoint?.Address}:{port.Value.Port}");
        var text = string.Join(", ", urls);
        return text.Length == 0 ? "" : $" at {text}";
    }

    private void SetState(ResourceInstance instance, string state) => notifications.Update(Resource, instance.Name, before => before with { State = state });
}
