using System.Collections.Concurrent;
using System.Threading.Channels;
using Crispy.Coordination;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Supervising;
using StackExchange.Redis;

namespace Crispy.StreamHandle.Leasing;

/// <summary>Gets, renews and gives up the leases of this replica's streams. Every interval it says that it lives, renews what is due, takes free streams up to its
/// share, and hands one over where another replica has at least two fewer. One loop retries; the code inside it just fails.</summary>
public sealed class LeaseKeeper : BackgroundService, ILeases
{
    /// <summary>The longest rest after a stream that came back from a hand-over.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(3);

    /// <summary>After this a free stream that nobody here is configured for is forgotten, in milliseconds.</summary>
    private const long ForgottenAfter = 7L * 24 * 3600 * 1000;

    private readonly ConcurrentDictionary<string, Wish> _wanted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (StreamRunner Runner, Tenure Tenure)> _held = new(StringComparer.Ordinal);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly LeaseOptions _options;
    private readonly Lazy<string> _replica;
    private readonly IConnectionMultiplexer _redis;
    private readonly IStreamList _streams;
    private readonly TimeProvider _clock;
    private readonly ILogger<LeaseKeeper> _log;
    private long _registeredSince;
    private long? _begun;
    private (string Stream, long At)? _handedOver;
    private (long From, TimeSpan For)? _rest;
    private (string Replica, long Since)? _lighter;
    private volatile string? _trouble;

    /// <summary>A keeper of one replica.</summary>
    public LeaseKeeper(LeaseOptions options, SpoolOptions spool, IStreamList streams, IConnectionMultiplexer redis, TimeProvider clock, ILogger<LeaseKeeper> log)
    {
        (_streams, _options, _redis, _clock, _log) = (streams, options, redis, clock, log);
        _replica = new(() => ReplicaName.Of(spool));
    }

    /// <summary>Whether streams are shared at all.</summary>
    public bool IsOn => _options.Enabled;

    /// <summary>Why leases can be neither got nor renewed now; null while they can.</summary>
    public string? Trouble => _trouble;

    /// <summary>This replica's name in Redis.</summary>
    public string Replica => _replica.Value;

    /// <summary>Waits until this replica is to record a stream.</summary>
    /// <returns>Null when asked to stop meanwhile.</returns>
    async Task<Tenure?> ILeases.AwaitAsync(StreamRunner runner, CancellationToken stopping)
    {
        if (!_options.Enabled) return new Tenure(null, _clock).EndingWith(stopping);
        var wish = _wanted[runner.Options.Id] = new(runner);
        Wake();
        using var registration = stopping.Register(() => wish.Got.TrySetCanceled(stopping));
        try
        {
            return (await wish.Got.Task).EndingWith(stopping);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            _wanted.TryRemove(runner.Options.Id, out _);
        }
    }

    /// <summary>Notes what was recorded last, and tells it soon.</summary>
    void ILeases.Note(Tenure tenure, LeasedLink last)
    {
        tenure.Note(last);
        if (_options.Enabled) Wake();
    }

    /// <summary>Says that there are other streams to be shared than before.</summary>
    public void Changed()
    {
        if (!_options.Enabled) return;
        Volatile.Write(ref _registeredSince, -1);
        Wake();
    }

    /// <summary>Lets a stream that is about to be given up come back here: it is only to begin anew.</summary>
    void ILeases.Keep(string stream)
    {
        if (_held.TryGetValue(stream, out var held)) held.Tenure.ReserveFor(_replica.Value);
    }

    /// <summary>Gives up a stream whose runner has ended, where it is still held: one that is at its end is kept for as long as somebody wants it.</summary>
    Task ILeases.GiveUpAsync(string stream) => _held.TryGetValue(stream, out var held) ? EndAsync(stream, held.Tenure) : Task.CompletedTask;

    /// <summary>Gives a stream up, after its last chunk. Where Redis does not answer, the lease ends by itself.</summary>
    async Task ILeases.EndAsync(string stream, Tenure tenure) => await EndAsync(stream, tenure);

    private async Task EndAsync(string stream, Tenure tenure)
    {
        using var over = tenure;
        if (tenure.Grant is not { } grant) return;
        _held.TryRemove(stream, out _);
        if (tenure.Heir is { } heir && heir != _replica.Value) _handedOver = (stream, _clock.GetTimestamp());
        if (tenure.IsLost) return;
        try
        {
            await StreamLeases.ReleaseAsync(_redis.GetDatabase(), stream, _replica.Value, grant.Token, _options.Time, tenure.Heir, tenure.Last).WaitAsync(ReleaseLimit, _clock);
            Log.LeaseGivenUp(_log, stream, grant.Token, tenure.Heir ?? "anyone");
        }
        catch (Exception away) when (IsRedis(away))
        {
            Log.LeasesAway(_log, away.Message, _held.Count, _options.WhenRedisIsAway);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.Enabled) return;
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await TickAsync(_redis.GetDatabase());
                if (_trouble is not null) Log.LeasesBack(_log, _held.Count);
                _trouble = null;
            }
            catch (Exception away) when (IsRedis(away) || away is IOException)
            {
                if (_trouble is null) Log.LeasesAway(_log, away.Message, _held.Count, _options.WhenRedisIsAway);
                _trouble = away.Message;
            }
            await PauseAsync(stoppingToken);
        }
        await LeaveAsync();
    }

    private static bool IsRedis(Exception failure) => failure is RedisException or TimeoutException or ObjectDisposedException;

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

    private async Task TickAsync(IDatabase redis)
    {
        var announced = Load;
        var view = await StreamLeases.AnnounceAsync(redis, _replica.Value, announced, _options.Time);
        await RenewAsync(redis);
        if (view.Since != Volatile.Read(ref _registeredSince)) await BeginAsync(redis, view);
        await TakeAsync(redis, view);
        if (Load != announced) view = await StreamLeases.AnnounceAsync(redis, _replica.Value, Load, _options.Time);
        HandOver(view);
    }

    // A finite source that is at its end is kept, so that nobody reads it again, and costs nothing.
    private int Load => _held.Values.Count(each => !each.Runner.Status.IsFinite || each.Runner.Status.State is not (StreamState.Ended or StreamState.Failed));

    private async Task RenewAsync(IDatabase redis)
    {
        var due = _held.Where(each => each.Value.Tenure.Last != each.Value.Tenure.Told || _clock.GetElapsedTime(each.Value.Tenure.RenewedAt) >= _options.Time / 3).ToList();
        await Task.WhenAll(due.Select(each => RenewAsync(redis, each.Key, each.Value.Runner, each.Value.Tenure)));
    }

    // A finite source stays where its beginning is: another replica would have to read it, and record it, from its beginning.
    private async Task RenewAsync(IDatabase redis, string stream, StreamRunner runner, Tenure tenure)
    {
        var (sent, last) = (_clock.GetTimestamp(), tenure.Last);
        if (await StreamLeases.RenewAsync(redis, stream, _replica.Value, tenure.Grant!.Token, _options.Time, runner.Status.IsFinite, last))
        {
            tenure.Renewed(sent, last, Sure(runner));
            return;
        }
        Log.LeaseLost(_log, stream, tenure.Grant.Token);
        tenure.Lose();
    }

    private TimeSpan? Sure(StreamRunner runner) => _options.WhenRedisIsAway == RedisAway.Stop && !runner.Status.IsFinite ? _options.Sure : null;

    // At the start, and where Redis was wiped.
    private async Task BeginAsync(IDatabase redis, LeaseView view)
    {
        // Before it is read, so that what changes meanwhile is registered at the next look.
        Volatile.Write(ref _registeredSince, view.Since);
        try
        {
            if (_streams.Recorded is { Count: > 0 } streams) await StreamLeases.RegisterAsync(redis, streams);
        }
        catch
        {
            Volatile.Write(ref _registeredSince, -1);
            throw;
        }
        _begun ??= _clock.GetTimestamp();
    }

    // Replicas that start together see each other before they share; one that nobody takes within two lease times is taken above the share too.
    private async Task TakeAsync(IDatabase redis, LeaseView view)
    {
        foreach (var (stream, wish) in _wanted.Where(each => !each.Value.IsReclaimed))
        {
            await TryTakeAsync(redis, stream, ownOnly: true);
            wish.IsReclaimed = true;
        }
        if (_begun is not { } begun || _clock.GetElapsedTime(begun) < _options.Interval * 4 || _wanted.IsEmpty) return;
        var time = (long)_options.Time.TotalMilliseconds;
        var share = (int)Math.Ceiling(_streams.Recorded.Count / (double)Math.Max(1, view.Held.Count));
        var room = share - Load;
        var free = (await StreamLeases.FreeAsync(redis, view.Now)).ToArray();
        Random.Shared.Shuffle(free);
        foreach (var (stream, since) in free)
        {
            if (!_wanted.ContainsKey(stream))
            {
                if (since > 0 && since < view.Now - ForgottenAfter) await StreamLeases.ForgetAsync(redis, stream);
                continue;
            }
            var neglected = view.Now - Math.Max(since, view.Since + (long)StreamLeases.Grace(_options.Time).TotalMilliseconds) > 2 * time;
            if ((room > 0 || neglected) && await TryTakeAsync(redis, stream, ownOnly: false)) room--;
        }
    }

    private async Task<bool> TryTakeAsync(IDatabase redis, string stream, bool ownOnly)
    {
        var sent = _clock.GetTimestamp();
        if (await StreamLeases.AcquireAsync(redis, stream, _replica.Value, _options.Time, ownOnly) is not { } grant) return false;
        if (!_wanted.TryGetValue(stream, out var wish))
        {
            await StreamLeases.ReleaseAsync(redis, stream, _replica.Value, grant.Token, _options.Time, null, null);
            return false;
        }
        if (_handedOver?.Stream == stream && grant.Holder == _replica.Value) Rest();
        var tenure = new Tenure(grant, _clock);
        tenure.Renewed(sent, null, Sure(wish.Runner));
        _held[stream] = (wish.Runner, tenure);
        Log.LeaseGot(_log, stream, grant.Token, grant.Holder ?? "nobody");
        if (wish.Got.TrySetResult(tenure)) return true;
        await EndAsync(stream, tenure);
        return false;
    }

    private void HandOver(LeaseView view)
    {
        if (_rest is { } rest && _clock.GetElapsedTime(rest.From) < rest.For) return;
        if (_held.Values.Any(each => each.Tenure.Heir is not null)) return;
        if (_handedOver is { } before && _clock.GetElapsedTime(before.At) < _options.Interval * 4) return;
        var (heir, least) = view.Held.MinBy(each => each.Value);
        var isLighter = heir != _replica.Value && Load >= least + 2;
        if (!isLighter || _lighter?.Replica != heir) _lighter = isLighter ? (heir, _clock.GetTimestamp()) : null;
        // One that is just taking its share tells so at its next announcement.
        if (_lighter is not { } lighter || _clock.GetElapsedTime(lighter.Since) < _options.Interval * 2) return;
        var given = _held.FirstOrDefault(each => each.Value.Runner.Status is { IsFinite: false, State: not StreamState.Failed });
        if (given.Key is null) return;
        // The one before was taken, or it would have come back.
        if (_handedOver is not null) _rest = null;
        Log.LeaseHandedOver(_log, given.Key, heir, Load, least);
        given.Value.Tenure.HandOver(heir);
    }

    // A stream that came back was not taken: the other replica was slow, or cannot reach the camera. Each time the rest is twice as long.
    private void Rest()
    {
        var next = _rest is { } last ? last.For * 2 : _options.Time * 2;
        _rest = (_clock.GetTimestamp(), next < LongestRest ? next : LongestRest);
        _handedOver = null;
    }

    private sealed class Wish(StreamRunner runner)
    {
        public StreamRunner Runner { get; } = runner;

        public TaskCompletionSource<Tenure> Got { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Whether it was asked for as something that a former life of this replica held.</summary>
        public bool IsReclaimed { get; set; }
    }

    private async Task LeaveAsync()
    {
        try
        {
            await StreamLeases.LeaveAsync(_redis.GetDatabase(), _replica.Value).WaitAsync(ReleaseLimit, _clock);
        }
        catch (Exception away) when (IsRedis(away))
        {
            // Its membership ends by itself.
        }
    }
}
