using System.Threading.Channels;
using Crispy.Coordination;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Supervising;
using StackExchange.Redis;

namespace Crispy.StreamHandle.Leasing;

/// <summary>Gets, renews and gives up the leases of this replica's streams. Every interval it says that it lives, renews what is due, and
/// takes free streams up to its share. It hands one over where another replica has at least two fewer. One loop retries; the code inside it
/// just fails.</summary>
public sealed class LeaseKeeper : BackgroundService, ILeases
{
    private readonly Channel<bool> _wake =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly HeldStreams _held;
    private readonly LoadBalance _balance;
    private readonly LeaseStore _store;
    private readonly LeaseTaker _taker;
    private readonly LeaseOptions _options;
    private readonly IStreamList _streams;
    private readonly TimeProvider _clock;
    private readonly ILogger<LeaseKeeper> _log;
    private long _registeredSince;
    private long? _begun;
    private volatile string? _trouble;

    /// <summary>A keeper of one replica.</summary>
    public LeaseKeeper(
        LeaseOptions options, SpoolOptions spool, IStreamList streams, IConnectionMultiplexer redis, TimeProvider clock,
        ILogger<LeaseKeeper> log)
    {
        (_options, _streams, _clock, _log) = (options, streams, clock, log);
        (_balance, _store) = (new(options, clock), new(options, spool, redis, clock));
        _held = new(options, _store, _balance, clock, log);
        _taker = new(options, _store, _held, _balance, clock, log);
    }

    /// <inheritdoc />
    public bool IsOn => true;

    /// <inheritdoc />
    public string? Trouble => _trouble;

    /// <inheritdoc />
    public string Replica => _store.Replica;

    /// <inheritdoc />
    public Task<Tenure?> AwaitAsync(string stream, Func<StreamStatus> status, CancellationToken stopping)
    {
        var got = _taker.AwaitAsync(stream, status, stopping);
        Wake();
        return got;
    }

    /// <inheritdoc />
    public void Note(Tenure tenure, LeasedLink last)
    {
        tenure.Note(last);
        Wake();
    }

    /// <inheritdoc />
    public void Changed()
    {
        Volatile.Write(ref _registeredSince, -1);
        Wake();
    }

    /// <inheritdoc />
    public void Keep(string stream) => _held.Find(stream)?.Tenure.ReserveFor(Replica);

    /// <inheritdoc />
    public Task GiveUpAsync(string stream) => _held.Find(stream) is { } held ? EndAsync(stream, held.Tenure) : Task.CompletedTask;

    /// <inheritdoc />
    public Task EndAsync(string stream, Tenure tenure) => _held.EndAsync(stream, tenure);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await TickAsync();
                if (_trouble is not null) Log.LeasesBack(_log, _held.Count);
                _trouble = null;
            }
            catch (Exception away) when (LeaseStore.IsAway(away) || away is IOException)
            {
                if (_trouble is null) Log.LeasesAway(_log, away.Message, _held.Count, _options.WhenRedisIsAway);
                _trouble = away.Message;
            }
            await PauseAsync(stoppingToken);
        }
        await _store.LeaveAsync();
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    // Progress is told at once, but never more often than every 50 ms for all streams together.
    private async Task PauseAsync(CancellationToken stopping)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(50), _clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var timer = _clock.CreateTimer(_ => limit.Cancel(), null, _options.Interval, Timeout.InfiniteTimeSpan);
        try
        {
            await _wake.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // Time for the next look.
        }
    }

    private async Task TickAsync()
    {
        var announced = _held.Load;
        var view = await _store.AnnounceAsync(announced);
        await Task.WhenAll(_held.Due.Select(RenewAsync));
        if (view.Since != Volatile.Read(ref _registeredSince)) await BeginAsync(view);
        await _taker.ReclaimAsync();
        // Replicas that start together see each other before they share.
        if (_begun is { } begun && _clock.GetElapsedTime(begun) >= _options.Interval * 4)
            await _taker.TakeAsync(view, _streams.Recorded.Count);
        if (_held.Load != announced) view = await _store.AnnounceAsync(_held.Load);
        HandOver(view);
    }

    // A finite source stays where its beginning is: another replica would have to read it, and record it, from its beginning.
    private async Task RenewAsync(HeldStream held)
    {
        var (sent, last, status) = (_clock.GetTimestamp(), held.Tenure.Last, held.Status());
        if (await _store.RenewAsync(held.Stream, held.Tenure.Grant!.Token, isPinned: status.IsFinite, last))
        {
            held.Tenure.Renewed(sent, last, _held.Sure(held.Status()));
            return;
        }
        Log.LeaseLost(_log, held.Stream, held.Tenure.Grant.Token);
        held.Tenure.Lose();
    }

    // At the start, and where Redis was wiped.
    private async Task BeginAsync(LeaseView view)
    {
        // Before it is read, so that what changes meanwhile is registered at the next look.
        Volatile.Write(ref _registeredSince, view.Since);
        try
        {
            if (_streams.Recorded is { Count: > 0 } streams) await _store.RegisterAsync(streams);
        }
        catch
        {
            Volatile.Write(ref _registeredSince, -1);
            throw;
        }
        _begun ??= _clock.GetTimestamp();
    }

    private void HandOver(LeaseView view)
    {
        if (_held.IsHandingOver || _balance.Heir(view, Replica, _held.Load) is not { } heir || _held.Movable is not { } given) return;
        _balance.NoteBegun();
        Log.LeaseHandedOver(_log, given.Stream, heir.Replica, _held.Load, heir.Load);
        given.Tenure.HandOver(heir.Replica);
    }
}
