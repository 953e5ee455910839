namespace Crispy.ChunkLogger.Events;

/// <summary>The latest <paramref name="capacity"/> names that were added. Safe for concurrent use.</summary>
/// <param name="capacity">How many are kept; the one that was added longest ago makes room.</param>
internal sealed class RecentNames(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<string>> _names = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _oldestFirst = new();

    /// <summary>How many are kept now.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _names.Count;
        }
    }

    public bool Contains(string name)
    {
        lock (_lock) return _names.ContainsKey(name);
    }

    /// <summary>Adds a name, or makes it the latest.</summary>
    /// <returns>Whether it was not among the kept ones.</returns>
    public bool Add(string name)
    {
        lock (_lock)
        {
            var isNew = !_names.Remove(name, out var known);
            if (!isNew) _oldestFirst.Remove(known!);
            _names[name] = _oldestFirst.AddLast(name);
            if (_names.Count <= capacity) return isNew;
            _names.Remove(_oldestFirst.First!.Value);
            _oldestFirst.RemoveFirst();
            return isNew;
        }
    }
}
