using System.Threading.Channels;

namespace Crispy.Console.Notifying;

/// <summary>Brings one target its notices, one at a time: a slow target holds up nobody but itself.</summary>
internal sealed class Courier
{
    /// <summary>Pauses between tries, as the Standard Webhooks specification suggests; each is lengthened by up to a fifth at
    /// random.</summary>
    public static readonly IReadOnlyList<TimeSpan> Pauses =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>How old a notice is sent at most.</summary>
    public static readonly TimeSpan Oldest = TimeSpan.FromDays(4);

    // A target may ask for a pause, not for silence.
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    // Between two notices to a target that does not answer.
    private static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(2);

    private readonly WebhookSender _sender;
    private readonly NotifyFolder _folder;
    private readonly NotifyTelemetry _telemetry;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Outbox _box;
    private readonly long _begun;
    private readonly Channel<bool> _woken =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private TimeSpan _rest;
    private volatile bool _idle;
    private bool _inTrouble;

    public Courier(NotifyTarget target, Outbox box, NotifyFolder folder, WebhookSender sender, NotifyTelemetry telemetry,
        TimeProvider clock, ILogger log)
    {
        (Target, _box, _folder, _sender, _telemetry, _clock, _log) = (target, box, folder, sender, telemetry, clock, log);
        (_begun, IsEnded) = (clock.GetTimestamp(), folder.IsGone(target.Id));
    }

    /// <summary>The target.</summary>
    public NotifyTarget Target { get; }

    /// <summary>Whether the target said that it wants no more.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>When it last took a notice, UTC; null before the first.</summary>
    public DateTimeOffset? LastSuccess { get; private set; }

    /// <summary>When and why it last took none; null before the first.</summary>
    public LastError? LastFailure { get; private set; }

    /// <summary>How many notices wait.</summary>
    public int Pending => _box.Count;

    /// <summary>Whether it waits for something to do.</summary>
    internal bool IsIdle => _idle;

    private TimeSpan Now => _clock.GetElapsedTime(_begun);

    /// <summary>How it stands with the target.</summary>
    public NotifyTargetReport Report() => new(Target.Number, Target.Shown, Target.Kinds, Target.Secret is not null, Pending, IsEnded,
        LastSuccess, LastFailure);

    /// <summary>Takes a notice in; it is on the disk when this returns, and sent after <see cref="Wake"/>.</summary>
    public void Take(NumberedNotice notice)
    {
        if (!IsEnded && _box.Add(notice) is > 0 and var gone) Log.NoticesDropped(_log, Target.Number, Target.Shown, gone);
    }

    /// <summary>Sends what was taken in.</summary>
    public void Wake() => _woken.Writer.TryWrite(true);

    /// <summary>Delivers until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                stop.ThrowIfCancellationRequested();
                if (Now >= _rest && _box.Next(Now) is { } next) await DeliverAsync(next, stop);
                else await WaitAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What waits is on the disk.
        }
    }

    /// <summary>Sends a test past what waits. A target that wanted no more and takes it gets notices again.</summary>
    public async Task<NotifyTestResult> TestAsync(Notice notice, CancellationToken stop)
    {
        var answer = await _sender.SendAsync(Target, notice, stop);
        Note(answer);
        if (answer.IsTaken && IsEnded)
        {
            IsEnded = false;
            _folder.SetGone(Target.Id, false);
        }
        return new(Target.Number, Target.Shown, answer.IsTaken, answer.Status, answer.Error);
    }

    private async Task DeliverAsync(Waiting next, CancellationToken stop)
    {
        if (_clock.GetUtcNow() - next.Notice.At > Oldest)
        {
            GiveUp(next, "it is too old");
            return;
        }
        var answer = await _sender.SendAsync(Target, next.Notice, stop);
        Note(answer);
        if (answer.IsTaken) _box.Remove(next);
        else if (answer.IsGone) End();
        else if (next.Tries >= Pauses.Count) GiveUp(next, answer.Error!);
        else Postpone(next, answer);
    }

    private void Note(WebhookAnswer answer)
    {
        _telemetry.Tried(Target.Number, answer.IsTaken);
        if (answer.IsTaken)
        {
            if (_inTrouble) Log.TargetBack(_log, Target.Number, Target.Shown);
            (_inTrouble, LastSuccess, _rest) = (false, _clock.GetUtcNow(), TimeSpan.Zero);
            _box.Revive(Now);
            Wake();
            return;
        }
        LastFailure = new(_clock.GetUtcNow(), answer.Error!);
        if (answer.IsGone) return;
        if (!_inTrouble) Log.TargetFails(_log, Target.Number, Target.Shown, answer.Error!);
        _inTrouble = true;
    }

    private void Postpone(Waiting next, WebhookAnswer answer)
    {
        var pause = Pauses[next.Tries++] * (1 + Random.Shared.NextDouble() / 5);
        var asked = Longer(TimeSpan.Zero, answer.RetryAfter is { } wanted && wanted > LongestRest ? LongestRest
            : answer.RetryAfter ?? TimeSpan.Zero);
        if (answer.MetNobody) _rest = Now + Longer(asked, ShortestRest);
        (next.MetNobody, next.Due) = (answer.MetNobody, Now + Longer(pause, asked));
    }

    private void GiveUp(Waiting waiting, string why)
    {
        Log.NoticeGivenUp(_log, Target.Number, Target.Shown, waiting.Notice.Key, why);
        _box.Remove(waiting);
    }

    private void End()
    {
        IsEnded = true;
        _folder.SetGone(Target.Id, true);
        Log.TargetGone(_log, Target.Number, Target.Shown, _box.Clear());
    }

    private async Task WaitAsync(CancellationToken stop)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var due = _box.NextDue() is { } next ? Longer(TimeSpan.Zero, Longer(next, _rest) - Now) : Timeout.InfiniteTimeSpan;
        var late = Task.Delay(due, _clock, enough.Token);
        _idle = true;
        await Task.WhenAny(late, _woken.Reader.WaitToReadAsync(enough.Token).AsTask());
        _idle = false;
        _woken.Reader.TryRead(out _);
        await enough.CancelAsync();
        stop.ThrowIfCancellationRequested();
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
