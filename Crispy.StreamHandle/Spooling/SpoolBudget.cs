using Crispy.Spool;
using Crispy.Backplane;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Spooling;

/// <summary>How much of the spool's volume the streams may take, and which of them have taken more than their share when it is full.</summary>
public sealed class SpoolBudget
{
    /// <summary>Room that is kept for loss records and the journal, since declaring a loss on a full disk needs some.</summary>
    private const int ReserveBytes = 256 * 1024;

    private readonly SpoolOptions _options;
    private readonly SpoolGauge _gauge;
    private volatile Dictionary<string, double> _shares = [];
    private readonly DriveInfo _volume;
    private readonly string _reserve;
    private volatile bool _refused;

    /// <summary>The budget of a spool whose folder exists.</summary>
    public SpoolBudget(SpoolOptions options, SpoolLayout spool, SpoolGauge gauge)
    {
        (_options, _gauge) = (options, gauge);
        _volume = new(spool.Root);
        _reserve = Path.Combine(spool.Root, ".reserve");
    }

    /// <summary>Says among which streams the budget is shared from now on.</summary>
    public void Share(IReadOnlyList<StreamOptions> streams) => _shares = Shares(streams);

    /// <summary>Bytes that can be written to the volume.</summary>
    public long Free => _volume.AvailableFreeSpace;

    /// <summary>Bytes by which the streams have too much, or the volume too little; 0 or less while there is room.</summary>
    public long Excess => Math.Max(Math.Max(_gauge.Bytes - _options.MaxBytes, _options.MinFreeBytes - Free), _refused ? 1 : 0);

    /// <summary>Whether there is no room for more.</summary>
    public bool IsFull => _gauge.Bytes >= _options.MaxBytes || Excess > 0;

    /// <summary>Whether the spool is full, and not for the sake of the others but by this stream itself.</summary>
    public bool IsOver(string stream) => IsFull && Overuse(stream) >= 0;

    /// <summary>Bytes above the stream's share of what there is to share; negative below it.</summary>
    public double Overuse(string stream)
    {
        var shares = _shares;
        var used = shares.Keys.Sum(_gauge.BytesOf);
        return _gauge.BytesOf(stream) - shares.GetValueOrDefault(stream) * Math.Min(used, _options.MaxBytes);
    }

    /// <summary>Whether a finite source may put more into the spool: beside live streams it keeps to its share, so that it never makes them lose anything.</summary>
    public bool Admits(string stream, bool besideLive) =>
        !IsFull && !(besideLive && _gauge.BytesOf(stream) >= _shares.GetValueOrDefault(stream) * _options.MaxBytes);

    /// <summary>Whether a finite source that was held back may go on: at a mark lower than <see cref="Admits"/>, so that it is not held back for every chunk.</summary>
    public bool HasRoomAgain(string stream, bool besideLive) => Admits(stream, besideLive) && _gauge.Bytes < _options.MaxBytes * 0.8
        && !(besideLive && _gauge.BytesOf(stream) >= _shares.GetValueOrDefault(stream) * _options.MaxBytes * 0.8);

    /// <summary>Notes that the disk did not take a write: the reserve is given up for what must be written.</summary>
    public void Refused()
    {
        _refused = true;
        File.Delete(_reserve);
    }

    /// <summary>Notes that the disk takes writes, and sets room aside again.</summary>
    public void Restore()
    {
        if (_refused && Free < Math.Max(_options.MinFreeBytes, 4 * ReserveBytes)) return;
        try
        {
            if (!File.Exists(_reserve))
                using (File.OpenHandle(_reserve, FileMode.CreateNew, FileAccess.Write, preallocationSize: ReserveBytes)) { }
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
        return streams.ToDictionary(stream => stream.Id, stream => stream.SpoolShare ?? Math.Max(0, left) / without, StringComparer.Ordinal);
    }
}
