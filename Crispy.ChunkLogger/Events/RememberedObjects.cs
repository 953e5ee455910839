namespace Crispy.ChunkLogger.Events;

/// <summary>Lets each generation of an object through once, however often and however concurrently its event comes. Remembers the latest
/// <paramref name="capacity"/> of them. Safe for concurrent use.</summary>
/// <param name="capacity">How many are remembered.</param>
internal sealed class RememberedObjects(int capacity)
{
    private readonly Lock _lock = new();
    private readonly RecentNames _done = new(capacity);
    private readonly Dictionary<string, TaskCompletionSource> _running = new(StringComparer.Ordinal);

    /// <summary>How many are remembered now.</summary>
    public int Count => _done.Count;

    /// <summary>Remembers one as done.</summary>
    public void Add(string identity) => _done.Add(identity);

    /// <summary>Runs the action unless it has run for this one before. While another caller runs it, waits for the outcome: when that
    /// one fails, this one tries. A failure is not remembered.</summary>
    /// <returns>Whether this call ran it.</returns>
    public async Task<bool> OnceAsync(string identity, Func<Task> action, CancellationToken cancellationToken)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (true)
        {
            Task other;
            lock (_lock)
            {
                if (_done.Contains(identity)) return false;
                if (_running.TryAdd(identity, mine)) break;
                other = _running[identity].Task;
            }
            await other.WaitAsync(cancellationToken);
        }
        try
        {
            await action();
            Add(identity);
            return true;
        }
        finally
        {
            lock (_lock) _running.Remove(identity);
            mine.SetResult();
        }
    }
}
