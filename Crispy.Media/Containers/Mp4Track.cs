namespace Crispy.Media.Containers;

/// <summary>What a <c>trak</c> box and the fragments of the same track say.</summary>
internal sealed class Mp4Track
{
    /// <summary>How many runs of a table are kept: a day of frames with a new duration each.</summary>
    private const int MaxRuns = 8 * 1024 * 1024;

    private readonly List<(uint Count, uint Delta)> _durations = [];
    private readonly List<(uint Count, int Offset)> _offsets = [];

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

    /// <summary>What the edit list adds to media times, in the track's ticks.</summary>
    public long EditShift(uint movieTimescale) => (long)Math.Min(EmptyEdit * (decimal)Timescale / movieTimescale, long.MaxValue / 4) - MediaTime;

    /// <summary>Samples listed in the movie box.</summary>
    public uint SampleCount { get; set; }

    /// <summary>Sync samples listed; null when there is no list, and so all are.</summary>
    public uint? SyncSamples { get; set; }

    /// <summary>Whether sample 1 is listed as a sync sample.</summary>
    public bool FirstIsSync { get; set; }

    /// <summary>The first sample's offset in the file by the movie box; -1 when it does not say.</summary>
    public long FirstSampleOffset { get; set; } = -1;

    /// <summary>The decoding time at which the next fragment begins when it does not say so itself.</summary>
    public long NextDecodingTime { get; set; }

    /// <summary>Defaults of the track's fragments, from <c>trex</c>.</summary>
    public Mp4FragmentDefaults Defaults { get; set; }

    /// <summary>Adds a run of <c>stts</c>; false when there are too many to keep.</summary>
    public bool AddDuration(uint count, uint delta) => AddRun(_durations, (count, delta));

    /// <summary>Adds a run of <c>ctts</c>; false when there are too many to keep.</summary>
    public bool AddOffset(uint count, int offset) => AddRun(_offsets, (count, offset));

    /// <summary>Adds the samples of the movie box to the timeline, runs at a time.</summary>
    public void AddTo(VideoTimeline timeline)
    {
        if (SampleCount == 0) return;
        timeline.DurationsAreDecodingSteps = _offsets.Exists(run => run.Offset != _offsets[0].Offset);
        long decoding = 0;
        long left = SampleCount;
        var offset = new RunCursor(_offsets);
        foreach (var (count, delta) in _durations)
        {
            for (long rest = Math.Min(count, left); rest > 0;)
            {
                var run = Math.Min(rest, offset.Left);
                timeline.AddRun(decoding + offset.Value, delta, run, 0, false);
                decoding += run * delta;
                rest -= run;
                left -= run;
                offset.Advance(run);
            }
        }

        if (left > 0) timeline.AddRun(decoding + offset.Value, 0, left, 0, false);
        NextDecodingTime = decoding;
        timeline.SetKeyframes(SyncSamples ?? SampleCount, SyncSamples is null || FirstIsSync);
    }

    private static bool AddRun<T>(List<T> runs, T run)
    {
        if (runs.Count == MaxRuns) return false;
        runs.Add(run);
        return true;
    }

    private struct RunCursor(List<(uint Count, int Offset)> runs)
    {
        private int _index;
        private long _used;

        public int Value { get; private set; } = runs.Count > 0 ? runs[0].Offset : 0;

        // Behind the last run, offsets are 0 for as long as there are samples.
        public readonly long Left => _index < runs.Count ? runs[_index].Count - _used : long.MaxValue;

        public void Advance(long count)
        {
            if (_index < runs.Count) _used += count;
            while (_index < runs.Count && _used >= runs[_index].Count)
            {
                _used = 0;
                _index++;
                Value = _index < runs.Count ? runs[_index].Offset : 0;
            }
        }
    }
}

/// <summary>What samples of a fragment are like unless it says otherwise (<c>trex</c>, <c>tfhd</c>).</summary>
internal readonly record struct Mp4FragmentDefaults(uint Duration, uint Flags);
