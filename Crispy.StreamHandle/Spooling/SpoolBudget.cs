using Crispy.Spool;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Spooling;

/// <summary>
/// How much of the spool's volume the streams may take, and which of them have taken more than their share when it is full. Chunks that
/// wait are given up for the spool's own growth only, never for what others put on the volume.
/// </summary>
public sealed class SpoolBudget
{
    /// <summary>Free bytes from which a disk that refused a write is believed again.</summary>
    private const int RoomAfterRefusal = 4 * SpoolReserve.Size;

    /// <summary>What part of the free bytes that are to stay others may take (a log that grows) before it is said to be their
    /// doing.</summary>
    private const int Tolerated = 4;

    /// <summary>How often in a row others must have taken the room: a measurement may stand beside what is being written.</summary>
    private const int Sightings = 2;

    /// <summary>Bytes that others have for themselves on a volume, however large it is.</summary>
    private const long MostReserve = 16L << 30;

    /// <summary>How long it counts as full after it was: longer than a live stream takes to
    /// fill the room of a chunk that was dropped.</summary>
    private static readonly TimeSpan FullKept = TimeSpan.FromSeconds(30);

    private readonly SpoolOptions _options;
    private readonly SpoolGauge _gauge;
    private volatile Dictionary<string, double> _shares = [];
    private readonly SpoolReserve _reserve;
    private readonly TimeProvider _clock;
    private volatile bool _refused;
    private volatile bool _isTaken;
    private long _leastOthers = long.MaxValue;
    private long _ownExcess;
    private long _found;
    private int _sightings;
    private long _fullAt; // A timestamp of the clock; 0 for none.

    /// <summary>The budget of a spool whose folder exists.</summary>
    public SpoolBudget(SpoolOptions options, SpoolLayout spool, SpoolGauge gauge, TimeProvider clock)
    {
        (_options, _gauge, _clock) = (options, gauge, clock);
        _reserve = new(spool);
    }

    /// <summary>Says among which streams the budget is shared from now on.</summary>
    public void Share(IReadOnlyList<StreamOptions> streams) => _shares = Shares(streams);

    /// <summary>Bytes of all files in the spool above which it is full. This is the configured number, or the most that the volume was seen
    /// to have for the spool since the start.</summary>
    public long MaxBytes => _options.MaxBytes ?? (Volatile.Read(ref _found) is > 0 and var found ? found : long.MaxValue);

    /// <summary>Whether <see cref="MaxBytes"/> is known.</summary>
    public bool IsSized => MaxBytes < long.MaxValue;

    /// <summary>What a volume has for a spool for which no budget is configured. That is what the spool takes and what is free, less a
    /// tenth of it, and less no more than <see cref="MostReserve"/>.</summary>
    /// <param name="room">The bytes of the spool and the free ones.</param>
    public static long Of(long room) => room - Math.Min(room / 10, MostReserve);

    /// <summary>Bytes that can be written to the volume.</summary>
    public long Free => _gauge.Free;

    /// <summary>Bytes that can still be recorded: what is left of the budget or, where that is less, of the volume.</summary>
    public long Room => Math.Max(0, Math.Min(MaxBytes - _gauge.Bytes, Free - _options.MinFreeBytes));

    /// <summary>Seconds until there is no more room, at the rate of the last two minutes; infinite while the spool does not grow.</summary>
    public double SecondsUntilFull =>
        IsFull ? 0 : _gauge.SecondsUntilFull(MaxBytes - _gauge.Bytes, Free - _options.MinFreeBytes);

    /// <summary>Whether there is no room for more.</summary>
    public bool IsFull => _isTaken || _refused || _gauge.Bytes >= MaxBytes || _options.MinFreeBytes > Free;

    /// <summary>Whether it is full, or was when <see cref="Look"/> last found it so, half a minute ago or less. Where the oldest chunks are
    /// dropped there is room again after each, until the next one is written. For people it is full all the time.</summary>
    public bool IsFullLately => IsFull || (Volatile.Read(ref _fullAt) is not 0 and var last && _clock.GetElapsedTime(last) < FullKept);

    /// <summary>
    /// Whether the volume is full by others' files. What waits would then be dropped for nothing: they take what becomes free. So live
    /// streams that drop their oldest chunks lose their newest instead, until there is more room than must stay free.
    /// </summary>
    public bool IsTaken => _isTaken;

    /// <summary>Bytes that chunks must be dropped for: what the streams have above their budget, and what they have added to a volume
    /// that is full. 0 or less without need, and where dropping would only make room for others.</summary>
    public long Droppable => Math.Max(_gauge.Bytes - MaxBytes, _isTaken ? 0 : _ownExcess);

    /// <summary>Whether a live stream's new segments are lost instead of spooled.</summary>
    public bool LosesNewest(StreamOptions stream) =>
        (stream.OnFull == OnFull.DropNewest || (stream.OnFull == OnFull.DropOldest && _isTaken)) && IsOver(stream.Id);

    /// <summary>
    /// Looks at who holds the volume, by the gauge's last measurement. What is short is ours as far as others hold no more than the least
    /// that they held since the start. What was there at the start, ours and theirs, is nobody's fault.
    /// </summary>
    public void Look()
    {
        LookAtOthers();
        if (IsFull) Volatile.Write(ref _fullAt, _clock.GetTimestamp());
    }

    private void LookAtOthers()
    {
        if (_gauge.Sample is not { } sample) return;
        // The most, not the last: what others take of the volume must not cost what waits.
        Volatile.Write(ref _found, Math.Max(_found, Of(sample.Own + sample.Space.Free)));
        var floor = _refused || _isTaken ? Math.Max(_options.MinFreeBytes, RoomAfterRefusal) : _options.MinFreeBytes;
        var shortage = floor - sample.Space.Free;
        if (_leastOthers == long.MaxValue) _leastOthers = sample.Others - Math.Max(0, shortage);
        _leastOthers = Math.Min(_leastOthers, sample.Others);
        var theirs = sample.Others - _leastOthers;
        _ownExcess = shortage - theirs;
        if (_isTaken)
        {
            _isTaken = shortage > -floor / Tolerated && theirs > floor / Tolerated / 2;
            // What others gave back has room at once.
            if (!_isTaken) Volatile.Write(ref _fullAt, 0);
        }
        else
        {
            _sightings = Math.Min(shortage, theirs) > floor / Tolerated ? _sightings + 1 : 0;
            _isTaken = _sightings >= Sightings;
        }
    }

    /// <summary>Whether the spool is full, and not for the sake of the others but by this stream itself.</summary>
    public bool IsOver(string stream) => IsFull && Overuse(stream) >= 0;

    /// <summary>Bytes above the stream's share of what there is to share; negative below it.</summary>
    public double Overuse(string stream)
    {
        var shares = _shares;
        var used = shares.Keys.Sum(_gauge.BytesOf);
        return _gauge.BytesOf(stream) - shares.GetValueOrDefault(stream) * Math.Min(used, MaxBytes);
    }

    /// <summary>Whether a finite source may put more into the spool. Beside live streams it keeps to its share, so that it never makes them
    /// lose anything.</summary>
    public bool Admits(string stream, bool besideLive) =>
        !IsFull && !(besideLive && _gauge.BytesOf(stream) >= _shares.GetValueOrDefault(stream) * MaxBytes);

    /// <summary>Whether a finite source that was held back may go on. The mark for that is lower than that of <see cref="Admits"/>, so that
    /// the source is not held back for every chunk.</summary>
    public bool HasRoomAgain(string stream, bool besideLive) => Admits(stream, besideLive) && _gauge.Bytes < MaxBytes * 0.8
        && !(besideLive && _gauge.BytesOf(stream) >= _shares.GetValueOrDefault(stream) * MaxBytes * 0.8);

    /// <summary>Notes that the disk did not take a write: the reserve is given up for what must be written.</summary>
    public void Refused()
    {
        _refused = true;
        _reserve.GiveUp();
    }

    /// <summary>Notes that the disk takes writes, and sets room aside again.</summary>
    public void Restore()
    {
        if (_refused && Free < Math.Max(_options.MinFreeBytes, RoomAfterRefusal)) return;
        try
        {
            _reserve.SetAside();
            _refused = false;
        }
        catch (IOException)
        {
            // No room yet: the next call tries again.
        }
    }

    /// <summary>Every stream's share: as configured, else an equal part of what the others leave.</summary>
    internal static Dictionary<string, double> Shares(IReadOnlyList<StreamOptions> streams)
    {
        var left = 1 - streams.Sum(stream => stream.SpoolShare ?? 0);
        var without = streams.Count(stream => stream.SpoolShare is null);
        return streams.ToDictionary(stream => stream.Id,
            stream => stream.SpoolShare ?? Math.Max(0, left) / without, StringComparer.Ordinal);
    }
}
