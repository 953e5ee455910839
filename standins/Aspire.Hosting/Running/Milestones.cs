namespace Aspire.Hosting.Running;

/// <summary>What others wait for. A failure is an exception with the reason.</summary>
internal sealed class Milestones
{
    /// <summary>All processes run.</summary>
    public TaskCompletionSource Started { get; } = New();

    /// <summary>All processes run and all checks are healthy, for the first time.</summary>
    public TaskCompletionSource Healthy { get; } = New();

    /// <summary>The exit code of the first process that ended.</summary>
    public TaskCompletionSource<int> Completed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A process ended: what was not reached will not be.</summary>
    public void End(string what, int exitCode)
    {
        Completed.TrySetResult(exitCode);
        Started.TrySetException(new DistributedApplicationException(what));
        Healthy.TrySetException(new DistributedApplicationException(what));
    }

    /// <summary>It does not start.</summary>
    public void Fail(string reason)
    {
        var failure = new DistributedApplicationException(reason);
        Started.TrySetException(failure);
        Healthy.TrySetException(failure);
        Completed.TrySetException(failure);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
