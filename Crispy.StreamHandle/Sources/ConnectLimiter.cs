namespace Crispy.StreamHandle.Sources;

/// <summary>Lets only so many sources be opened at once, in the order in which they asked. A turn ends with the first picture, with the end
/// of the try, or after <see cref="Longest"/>. Cameras that do not answer must not keep the others waiting. Safe for concurrent
/// use.</summary>
public sealed class ConnectLimiter(ConnectOptions options, TimeProvider clock) : IDisposable
{
    /// <summary>How long a turn lasts at most.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turns = new(options.AtOnce);
    private int _opening;
    private int _waiting;

    /// <summary>Sources that are being opened now.</summary>
    public int Opening => Volatile.Read(ref _opening);

    /// <summary>Sources that wait for their turn.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Waits for a turn.</summary>
    /// <returns>Ends the turn when disposed; may be disposed more than once.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled first.</exception>
    public async Task<IDisposable> BeginAsync(CancellationToken cancellation)
    {
        if (_turns.Wait(0, CancellationToken.None)) return new Turn(this);
        Interlocked.Increment(ref _waiting);
        try
        {
            await _turns.WaitAsync(cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
        var turn = new Turn(this);
        try
        {
            await Task.Delay(options.Jitter * Random.Shared.NextDouble(), clock, cancellation);
        }
        catch (OperationCanceledException)
        {
            turn.Dispose();
            throw;
        }
        return turn;
    }

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();

    private sealed class Turn : IDisposable
    {
        private readonly ConnectLimiter _limiter;
        private readonly ITimer _limit;
        private int _ended;

        public Turn(ConnectLimiter limiter)
        {
            _limiter = limiter;
            Interlocked.Increment(ref limiter._opening);
            _limit = limiter.Clock.CreateTimer(_ => Dispose(), null, Longest + limiter.Jitter, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 1) return;
            _limit?.Dispose();
            Interlocked.Decrement(ref _limiter._opening);
            _limiter._turns.Release();
        }
    }

    private TimeProvider Clock => clock;

    private TimeSpan Jitter => options.Jitter;
}
