using System.Collections.Concurrent;
using Crispy.Coordination;
using Crispy.StreamHandle.Supervising;

namespace Crispy.StreamHandle.Leasing;

/// <summary>Takes free streams that this replica wants, up to its share of all.</summary>
internal sealed class LeaseTaker(
    LeaseOptions options, LeaseStore store, HeldStreams held, LoadBalance balance, TimeProvider clock, ILogger log)
{
    /// <summary>After this a free stream that nobody here is configured for is forgotten, in milliseconds.</summary>
    private const long ForgottenAfter = 7L * 24 * 3600 * 1000;

    private readonly ConcurrentDictionary<string, Wish> _wanted = new(StringComparer.Ordinal);

    /// <summary>Waits until a stream is this replica's.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="status">Tells what is known of it.</param>
    /// <param name="stopping">Ends the waiting, and later the time.</param>
    /// <returns>Null when asked to stop meanwhile.</returns>
    public async Task<Tenure?> AwaitAsync(string stream, Func<StreamStatus> status, CancellationToken stopping)
    {
        var wish = _wanted[stream] = new(status);
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
            _wanted.TryRemove(stream, out _);
        }
    }

    /// <summary>Takes back at once what a former life of this replica held.</summary>
    public async Task ReclaimAsync()
    {
        foreach (var (stream, wish) in _wanted.Where(each => !each.Value.IsReclaimed))
        {
            await TryTakeAsync(stream, ownOnly: true);
            wish.IsReclaimed = true;
        }
    }

    /// <summary>Takes free streams. One that nobody takes within two lease times is taken above the share too.</summary>
    /// <param name="view">The replicas.</param>
    /// <param name="streams">How many streams there are to record in all.</param>
    public async Task TakeAsync(LeaseView view, int streams)
    {
        if (_wanted.IsEmpty) return;
        var time = (long)options.Time.TotalMilliseconds;
        var share = (int)Math.Ceiling(streams / (double)Math.Max(1, view.Held.Count));
        var room = share - held.Load;
        var free = (await store.FreeAsync(view.Now)).ToArray();
        Random.Shared.Shuffle(free);
        foreach (var (stream, since) in free)
        {
            if (!_wanted.ContainsKey(stream))
            {
                if (since > 0 && since < view.Now - ForgottenAfter) await store.ForgetAsync(stream);
                continue;
            }
            var neglected = view.Now - Math.Max(since, view.Since + (long)StreamLeases.Grace(options.Time).TotalMilliseconds) > 2 * time;
            if ((room > 0 || neglected) && await TryTakeAsync(stream, ownOnly: false)) room--;
        }
    }

    private async Task<bool> TryTakeAsync(string stream, bool ownOnly)
    {
        var sent = clock.GetTimestamp();
        if (await store.AcquireAsync(stream, ownOnly) is not { } grant) return false;
        if (!_wanted.TryGetValue(stream, out var wish))
        {
            await store.ReleaseAsync(stream, grant.Token, null, null);
            return false;
        }
        if (grant.Holder == store.Replica) balance.NoteBack(stream);
        var tenure = new Tenure(grant, clock);
        tenure.Renewed(sent, null, held.Sure(wish.Status()));
        held.Add(new(stream, wish.Status, tenure));
        Log.LeaseGot(log, stream, grant.Token, grant.Holder ?? "nobody");
        if (wish.Got.TrySetResult(tenure)) return true;
        await held.EndAsync(stream, tenure);
        return false;
    }

    private sealed class Wish(Func<StreamStatus> status)
    {
        public Func<StreamStatus> Status => status;

        public TaskCompletionSource<Tenure> Got { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Whether it was asked for as something that a former life of this replica held.</summary>
        public bool IsReclaimed { get; set; }
    }
}
