namespace Crispy.Archive.Playing;

/// <summary>Lets a few conversions run at once, and one of each viewer. A viewer who asks for the next one before the last has ended waits
/// for it. Nobody waits for others.</summary>
internal sealed class ConversionDesk(ArchiveOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, TaskCompletionSource> _running = new(StringComparer.Ordinal);

    /// <summary>How many run now.</summary>
    public int Running
    {
        get
        {
            lock (_lock) return _running.Count;
        }
    }

    /// <summary>Takes a place.</summary>
    /// <param name="viewer">Who asks.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Gives it back when disposed.</returns>
    /// <exception cref="ArchiveBusyException">Others have all places.</exception>
    public async Task<IDisposable> EnterAsync(string viewer, CancellationToken cancellation)
    {
        while (true)
        {
            Task own;
            lock (_lock)
            {
                if (!_running.TryGetValue(viewer, out var before))
                {
                    if (_running.Count >= options.Conversions) throw new ArchiveBusyException("The machine is busy converting for others.");
                    var mine = _running[viewer] = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    return new Place(this, viewer, mine);
                }
                own = before.Task;
            }
            await own.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private void Leave(string viewer, TaskCompletionSource mine)
    {
        lock (_lock)
        {
            if (_running.GetValueOrDefault(viewer) == mine) _running.Remove(viewer);
        }
        mine.TrySetResult();
    }

    private sealed class Place(ConversionDesk desk, string viewer, TaskCompletionSource mine) : IDisposable
    {
        public void Dispose() => desk.Leave(viewer, mine);
    }
}
