using Crispy.Coordination;

namespace Crispy.StreamHandle.Supervising;

/// <summary>The time during which this replica records one stream: from getting its lease to giving it up. Without leases, as long as the
/// process runs. Safe for concurrent use.</summary>
public sealed class Tenure : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _over;
    private CancellationTokenRegistration _stopping;
    private LeasedLink? _last;
    private bool _disposed;

    /// <summary>Begins.</summary>
    /// <param name="grant">The lease; null without leases.</param>
    /// <param name="clock">The clock.</param>
    // Its own timer, so that a Redis that does not answer cannot keep a lease from running out.
    public Tenure(LeaseGrant? grant, TimeProvider clock) => (Grant, _over, Over) = Begin(grant, clock);

    /// <summary>The lease; null without leases.</summary>
    public LeaseGrant? Grant { get; }

    /// <summary>Cancelled when the stream must be closed and given up.</summary>
    public CancellationToken Over { get; }

    /// <summary>Who is to have the stream next; null for anyone.</summary>
    public string? Heir { get; private set; }

    /// <summary>Whether somebody else has the stream: there is nothing to give back.</summary>
    public bool IsLost { get; private set; }

    /// <summary>When it was last renewed, by <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long RenewedAt { get; private set; }

    /// <summary>What was recorded last under it; null before the first chunk.</summary>
    public LeasedLink? Last => Volatile.Read(ref _last);

    /// <summary>What was last told to Redis.</summary>
    public LeasedLink? Told { get; private set; }

    /// <summary>Lets it end with the process at the latest.</summary>
    public Tenure EndingWith(CancellationToken stopping)
    {
        _stopping = stopping.Register(Cancel);
        return this;
    }

    /// <summary>Notes what was recorded last under it.</summary>
    public void Note(LeasedLink last) => Volatile.Write(ref _last, last);

    /// <summary>Notes a renewal.</summary>
    /// <param name="sent">When it was asked for.</param>
    /// <param name="told">What was told with it.</param>
    /// <param name="sure">How long it may be relied on; null for as long as nobody says otherwise.</param>
    public void Renewed(long sent, LeasedLink? told, TimeSpan? sure)
    {
        lock (_lock)
        {
            (RenewedAt, Told) = (sent, told);
            if (!_disposed && !_over.IsCancellationRequested) _over.CancelAfter(sure ?? Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Ends it in favour of another replica.</summary>
    public void HandOver(string heir)
    {
        Heir = heir;
        Cancel();
    }

    /// <summary>Says who is to have it next, whenever it ends.</summary>
    public void ReserveFor(string heir) => Heir = heir;

    /// <summary>Ends it because another replica has a greater token.</summary>
    public void Lose()
    {
        IsLost = true;
        Cancel();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _stopping.Dispose();
        lock (_lock)
        {
            _disposed = true;
            _over.Dispose();
        }
    }

    private static (LeaseGrant?, CancellationTokenSource, CancellationToken) Begin(LeaseGrant? grant, TimeProvider clock)
    {
        var over = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        return (grant, over, over.Token);
    }

    // Not under the lock: what it cancels may come back here.
    private void Cancel()
    {
        try
        {
            _over.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It is over already.
        }
    }
}
