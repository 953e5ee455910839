using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Recording;

/// <summary>Holds a finite source back while the spool has no room for it, and to the speed at which it plays. Safe for concurrent
/// use.</summary>
/// <param name="room">The spool's room for it.</param>
/// <param name="pace">Its speed; null where it is read as fast as it goes.</param>
internal sealed class Brake(StreamRoom room, Pace? pace) : IDisposable
{
    private readonly ManualResetEventSlim _mayRead = new(initialState: true);

    /// <summary>Whether reading stands still.</summary>
    public bool IsHeld => !_mayRead.IsSet;

    /// <summary>Looks whether there is room. Between the two marks nothing changes, so that ffmpeg is not stopped and started for every
    /// chunk.</summary>
    /// <param name="pending">Closed segments that are not yet chunks.</param>
    /// <returns>Whether reading begins to stand still, or to go on.</returns>
    public bool Look(int pending)
    {
        var before = IsHeld;
        if (!room.Admits || pending >= room.MostPending) _mayRead.Reset();
        else if (before && room.HasRoomAgain && pending <= room.MostPending / 2) _mayRead.Set();
        return IsHeld != before;
    }

    /// <summary>Blocks for as long as what comes next must wait.</summary>
    /// <param name="position">When the last picture that came is shown, on its timeline.</param>
    /// <param name="closed">Segments closed so far.</param>
    /// <param name="stopping">Ends the waiting.</param>
    public void Wait(TimeSpan position, int closed, CancellationToken stopping)
    {
        if (!_mayRead.IsSet) WaitHandle.WaitAny([_mayRead.WaitHandle, stopping.WaitHandle]);
        if (pace?.Early(position, closed) is { } early && early > TimeSpan.Zero) stopping.WaitHandle.WaitOne(early);
    }

    /// <inheritdoc />
    public void Dispose() => _mayRead.Dispose();
}
