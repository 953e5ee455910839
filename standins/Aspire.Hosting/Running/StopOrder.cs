using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Stops processes, dependents before what they depend on.</summary>
internal static class StopOrder
{
    /// <summary>The last part of the time, in which everybody stops at once, so that a slow dependent leaves time for the others.</summary>
    private const double HurryFrom = 0.8;

    /// <summary>Tells each to end when its dependents have; kills what is still there at the end of the time.</summary>
    public static async Task StopAsync(IReadOnlyList<ResourceRunner> runners, TimeSpan within, TimeProvider time)
    {
        using var finished = new CancellationTokenSource();
        var hurry = Task.Delay(within * HurryFrom, time, finished.Token);
        var limit = Task.Delay(within, time, finished.Token);
        var order = DependenciesFirst(runners);
        var stopped = new Task[order.Count];
        for (var i = order.Count - 1; i >= 0; i--)
        {
            var dependents = Enumerable.Range(i + 1, order.Count - i - 1).Where(later => DependsOn(order[later], order[i])).Select(later => stopped[later]);
            stopped[i] = StopOneAsync(order[i], Task.WhenAny(Task.WhenAll([.. dependents]), hurry), limit);
        }

        await Task.WhenAll(stopped).ConfigureAwait(false);
        await finished.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Every resource after those that it waits for or refers to; where these go round in a circle, in the order of the model.</summary>
    internal static IReadOnlyList<ResourceRunner> DependenciesFirst(IReadOnlyList<ResourceRunner> runners)
    {
        var order = new List<ResourceRunner>();
        var seen = new HashSet<ResourceRunner>();
        foreach (var runner in runners) Visit(runner);
        return order;

        void Visit(ResourceRunner runner)
        {
            if (!seen.Add(runner)) return;
            foreach (var dependency in runners.Where(other => DependsOn(runner, other))) Visit(dependency);
            order.Add(runner);
        }
    }

    private static bool DependsOn(ResourceRunner dependent, ResourceRunner dependency) =>
        dependent != dependency
        && dependent.Resource.Annotations.OfType<ResourceRelationshipAnnotation>().Any(relationship => relationship.Resource == dependency.Resource);

    private static async Task StopOneAsync(ResourceRunner runner, Task turn, Task limit)
    {
        await turn.ConfigureAwait(false);
        await runner.TerminateAsync().ConfigureAwait(false);
        await Task.WhenAny(runner.Ended, limit).ConfigureAwait(false);
        await runner.KillAsync().ConfigureAwait(false);
    }
}
