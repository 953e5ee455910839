using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>What a resource waits for before it starts.</summary>
internal sealed class Dependencies(IResource resource, IReadOnlyList<ResourceRunner> all, ResourceNotificationService notifications, Display display)
{
    /// <summary>Waits for all of them, and says so.</summary>
    /// <exception cref="DistributedApplicationException">One of them ended or failed.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>().DistinctBy(wait => (wait.Resource, wait.WaitType))
            .Select(wait => (wait.Resource.Name, Task: WaitAsync(wait, cancellationToken)))
            .ToArray();
        var open = waits.Where(wait => !wait.Task.IsCompleted).Select(wait => wait.Name).ToArray();
        if (open.Length > 0) display.Happened(resource.Name, $"waits for {string.Join(", ", open)}");

        // One that failed ends the wait, however long the others take.
        await foreach (var done in Task.WhenEach(waits.Select(wait => wait.Task)).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            await done.ConfigureAwait(false);
        }
    }

    private async Task WaitAsync(WaitAnnotation wait, CancellationToken cancellationToken)
    {
        try
        {
            await ReachedAsync(wait, cancellationToken).ConfigureAwait(false);
        }
        catch (DistributedApplicationException failure)
        {
            throw new DistributedApplicationException($"it waits for {wait.Resource.Name}, but {failure.Message}", failure);
        }
    }

    private async Task ReachedAsync(WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var milestones = all.FirstOrDefault(runner => runner.Resource == wait.Resource)?.Milestones;
        if (milestones is null)
        {
            if (wait.Resource is ParameterResource) return;
            await notifications.WaitForResourceHealthyAsync(wait.Resource.Name, cancellationToken).ConfigureAwait(false);
        }
        else if (wait.WaitType == WaitType.WaitForCompletion)
        {
            var exitCode = await milestones.Completed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (exitCode != wait.ExitCode) throw new DistributedApplicationException($"it ended with exit code {exitCode}, not {wait.ExitCode}");
        }
        else
        {
            var reached = wait.WaitType == WaitType.WaitUntilStarted ? milestones.Started : milestones.Healthy;
            await reached.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
