namespace Crispy.Media.Containers;

/// <summary>What a <c>trak</c> box and the fragments of the same track say.</summary>
internal sealed class Mp4Track
{
    private readonly Mp4Runs _durations = new();
    private readonly Mp4Runs _shifts = new();
    private uint _samples;
    private Int128 _mediaTicks;
    private uint? _syncSamples;
    private uint _lastSync;
    private bool _firstIsSync;
    private Int128 _bytes;
    private ulong _lastOffset;

    /// <summary>The <c>track_ID</c>.</summary>
    public uint Id { get; set; }

    /// <summary><c>vide</c>, <c>soun</c> or another, as a number.</summary>
    public uint Handler { get; set; }

    /// <summary>Ticks a second of the track's own clock.</summary>
    public uint Timescale { get; set; } = 1;

    /// <summary>The length of the empty edits before the media begins, in the movie's ticks.</summary>
    public ulong EmptyEdit { get; set; }

    /// <summary>The media time at which the first edit begins, in the track's ticks.</summary>
    public long MediaTime { get; set; }

    /// <summary>How long the track is shown, empty edits included, in the movie's ticks; 0 when that is not said.</summary>
    public ulong PresentedTicks { get; set; }

    /// <summary>What the edit list adds to media times, in the track's ticks.</summary>
    public long EditShift(uint movieTimescale) =>
        (long)Math.Min(EmptyEdit * (decimal)Timescale / movieTimescale, long.MaxValue / 4) - MediaTime;

    /// <summary>The first sample's offset in the file; -1 when the file does not say.</summary>
    public long FirstSampleOffset { get; private set; } = -1;

    /// <summary>The decoding time at which the next fragment begins when it does not say so itself.</summary>
    public long NextDecodingTime { get; set; }

    /// <summary>Defaults of the track's fragments, from <c>trex</c>.</summary>
    public Mp4FragmentDefaults Defaults { get; set; }

    /// <summary>Adds a run of <c>stts</c>; false when there are too many to keep.</summary>
    public bool AddDuration(uint count, uint delta) => _durations.Add(count, delta);

    /// <summary>Adds a run of <c>ctts</c>; false when there are too many to keep. The value has a sign.</summary>
    public bool AddShift(uint count, uint shift) => _shifts.Add(count, shift);

    /// <summary>Begins the list of sync samples: without one all are.</summary>
    public void BeginSyncSamples(uint count) => (_syncSamples, _lastSync, _firstIsSync) = (count, 0, false);

    /// <summary>Adds a sync sample's number, 1 being the first; false when it is not above the one before.</summary>
    public bool AddSyncSample(uint number)
    {
        if (number <= _lastSync) return false;
        _firstIsSync |= number == 1;
        _lastSync = number;
        return true;
    }

    /// <summary>Says how many samples the movie box lists.</summary>
    public void BeginSamples(uint count) => _samples = count;

    /// <summary>Adds what samples take in the file: <paramref name="count"/> times <paramref name="bytes"/>.</summary>
    public bool AddSamples(uint count, uint bytes)
    {
        _bytes += (Int128)count * bytes;
        return true;
    }

    /// <summary>Adds where samples lie in the file.</summary>
    public void AddOffset(ulong offset)
    {
        if (FirstSampleOffset < 0) FirstSampleOffset = (long)(offset & long.MaxValue);
        _lastOffset = Math.Max(_lastOffset, offset);
    }

    /// <summary>Whether the tables of the movie box are of the same samples, and their durations about what the track's header
    /// says.</summary>
    public bool IsPossible(uint movieTimescale) => TablesAgree && AgreesWithHeader(movieTimescale);

    private bool TablesAgree => _durations.Samples == _samples && (_shifts.Samples == 0 || _shifts.Samples == _samples)
        && (_syncSamples ?? 0) <= _samples && _lastSync <= _samples;

    // More than there is cannot be shown. An edit list may hide much: an hour and more of it only where much is shown, too.
    private bool AgreesWithHeader(uint movieTimescale)
    {
        if (PresentedTicks == 0 || _mediaTicks == 0) return true;
        var media = (double)_mediaTicks / Timescale;
        var shown = ((double)PresentedTicks - Math.Min(EmptyEdit, PresentedTicks)) / movieTimescale;
        return shown <= 1.5 * media + 1 && media <= 100 * shown + 3600;
    }

    /// <summary>Whether all samples can lie in a file of <paramref name="size"/> bytes.</summary>
    public bool FitsInto(long size) => _bytes <= size && _lastOffset <= (ulong)size;

    /// <summary>Adds the samples of the movie box to the timeline, runs at a time.</summary>
    public void AddTo(VideoTimeline timeline)
    {
        if (_samples == 0) return;
        timeline.DurationsAreDecodingSteps = _shifts.Varies;
        Int128 decoding = 0;
        var (duration, shift) = (_durations.Start(), _shifts.Start());
        for (long left = _samples; left > 0;)
        {
            var run = Math.Min(left, Math.Min(duration.Left, shift.Left));
            timeline.AddRun(decoding + (int)shift.Value, duration.Value, run, 0, false);
            decoding += (Int128)run * duration.Value;
            left -= run;
            duration.Advance(run);
            shift.Advance(run);
        }

        _mediaTicks = decoding;
        NextDecodingTime = (long)Int128.Min(decoding, long.MaxValue / 2);
        timeline.SetKeyframes(_syncSamples ?? _samples, _syncSamples is null || _firstIsSync);
    }
}

/// <summary>What samples of a fragment are like unless it says otherwise (<c>trex</c>, <c>tfhd</c>).</summary>
internal readonly record struct Mp4FragmentDefaults(uint Duration, uint Size, uint Flags);
