namespace Crispy.Muxing.Bitstreams;

/// <summary>Parameter sets of one kind, by the number that they give themselves.</summary>
/// <param name="capacity">How many numbers there are.</param>
internal sealed class ParameterSets<T>(int capacity)
    where T : class
{
    private readonly (byte[] Bytes, T Set)?[] _sets = new (byte[], T)?[capacity];

    /// <summary>The set of that number; null when nobody sent it.</summary>
    public T? this[long id] => id >= 0 && id < _sets.Length ? _sets[id]?.Set : null;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Array.TrueForAll(_sets, set => set is null);

    /// <summary>Whether a unit is not what is known under its number.</summary>
    public bool Differs(int id, ReadOnlySpan<byte> unit) => _sets[id] is not { } known || !unit.SequenceEqual(known.Bytes);

    /// <summary>Puts a set in the place of the one with its number.</summary>
    public void Put(int id, ReadOnlySpan<byte> unit, T set) => _sets[id] = (unit.ToArray(), set);

    /// <summary>Forgets all.</summary>
    public void Clear() => Array.Clear(_sets);

    /// <summary>The units, that of one number before the others.</summary>
    public List<byte[]> Units(int first = 0)
    {
        var units = new List<byte[]>();
        if (_sets[first] is { } leading) units.Add(leading.Bytes);
        for (var id = 0; id < _sets.Length; id++)
        {
            if (id != first && _sets[id] is { } set) units.Add(set.Bytes);
        }

        return units;
    }
}
