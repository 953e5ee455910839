using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Supervising;

/// <summary>Keeps the spool in order while streams write and workers empty it: makes room when it is full, and counts what was
/// stored.</summary>
public sealed class SpoolKeeper(StreamSupervisor supervisor, SpoolBudget budget, SpoolGauge gauge, SpoolOptions options, TimeProvider clock,
    ILogger<SpoolKeeper> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>A running stream counts what was stored whenever it writes its journal; this is for one that does not.</summary>
    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(5);

    private bool _toldFull;
    private bool _wasTaken;
    private bool _isSized;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var counted = clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            MakeRoom();
            if (clock.GetElapsedTime(counted) >= CountInterval)
            {
                foreach (var stream in supervisor.Streams) Try(stream, stream.CountStored);
                supervisor.ForgetEmpty();
                counted = clock.GetTimestamp();
            }
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // The one that has taken most of the others' share goes first. What cannot be dropped now (a worker has it) is left to its worker.
    private void MakeRoom()
    {
        if (budget.IsFull) Measure();
        budget.Look();
        Tell();
        if (!budget.IsFull)
        {
            budget.Restore();
            return;
        }
        var (wanted, before) = (budget.Droppable, gauge.Bytes);
        foreach (var stream in supervisor.Streams.OrderByDescending(stream => budget.Overuse(stream.Options.Id)))
        {
            var left = wanted - (before - gauge.Bytes);
            if (left <= 0) break;
            var (live, over) = (!stream.Status.IsFinite, budget.IsOver(stream.Options.Id));
            if (over || live) Try(stream, stream.DropUnusable);
            if (live && over && stream.Options.OnFull == OnFull.DropOldest)
                Try(stream, () => stream.DropOldest((long)Math.Max(1, Math.Min(left, Math.Max(budget.Overuse(stream.Options.Id), 1)))));
        }
        budget.Restore();
    }

    private void Measure()
    {
        try
        {
            gauge.Measure();
        }
        catch (Exception changed) when (changed is FileNotFoundException or DirectoryNotFoundException)
        {
            // Files come and go while they are counted: the last measurement still says enough.
        }
    }

    private void Tell()
    {
        if (!_isSized && budget.IsSized)
        {
            _isSized = true;
            Log.SpoolSized(log, budget.MaxBytes, options.MaxBytes is null ? "what its volume has, less a reserve" : "Crispy:Spool:MaxBytes",
                budget.Free);
        }
        if (budget.IsTaken != _wasTaken)
        {
            _wasTaken = !_wasTaken;
            if (_wasTaken) Log.VolumeTaken(log, gauge.Bytes, gauge.Sample?.Others ?? 0, budget.Free, options.MinFreeBytes);
            else Log.VolumeGivenBack(log, gauge.Bytes, budget.Free);
            _toldFull = budget.IsFullLately;
            return;
        }
        if (budget.IsFullLately == _toldFull) return;
        _toldFull = !_toldFull;
        if (_toldFull) Log.SpoolFull(log, gauge.Bytes, budget.MaxBytes, budget.Free);
        else Log.SpoolHasRoom(log, gauge.Bytes, budget.MaxBytes, budget.Free);
    }

    private void Try(StreamRunner stream, Action action)
    {
        try
        {
            action();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            budget.Refused();
            Log.SpoolNotKept(log, stream.Options.Id, refused.Message);
        }
    }
}
