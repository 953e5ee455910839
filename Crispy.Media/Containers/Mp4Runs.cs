using Crispy.Media.Bytes;

namespace Crispy.Media.Containers;

/// <summary>The runs of <c>stts</c> or <c>ctts</c>: how many samples follow each other with one value.</summary>
internal sealed class Mp4Runs
{
    // A day of frames with a new value each.
    private const int Most = 4 * 1024 * 1024;

    private readonly List<(uint Count, uint Value)> _runs = [];

    /// <summary>Samples of all runs.</summary>
    public long Samples { get; private set; }

    /// <summary>Whether not all samples have the same value.</summary>
    public bool Varies => _runs.Count > 1;

    /// <summary>Adds a run; false when there are too many to keep.</summary>
    public bool Add(uint count, uint value)
    {
        if (count == 0) return true;
        Samples += count;
        var last = _runs.Count - 1;
        if (last >= 0 && _runs[last].Value == value && _runs[last].Count <= uint.MaxValue - count)
        {
            _runs[last] = (_runs[last].Count + count, value);
            return true;
        }

        if (_runs.Count == Most) return false;
        _runs.Add((count, value));
        return true;
    }

    /// <summary>Begins before the first sample.</summary>
    public Cursor Start() => new(_runs);

    /// <summary>Goes forwards over the runs.</summary>
    internal struct Cursor(List<(uint Count, uint Value)> runs)
    {
        private int _index;
        private long _used;

        /// <summary>Whether the last run is passed.</summary>
        public readonly bool IsBehind => _index >= runs.Count;

        /// <summary>The next sample's value; 0 behind the last run.</summary>
        public readonly uint Value => IsBehind ? 0 : runs[_index].Value;

        /// <summary>How many samples from the next one on have the same value.</summary>
        public readonly long Left => IsBehind ? long.MaxValue : runs[_index].Count - _used;

        /// <summary>Passes samples of one run.</summary>
        public void Advance(long count)
        {
            Work.Count();
            if (IsBehind) return;
            _used += count;
            if (_used < runs[_index].Count) return;
            _used = 0;
            _index++;
        }
    }
}
