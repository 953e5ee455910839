using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Crispy.ChunkLogger.Events;

/// <summary>The latest <paramref name="capacity"/> names that were added. Holds 128 bits of each name's SHA-256, about 60 bytes a name,
/// where the names themselves would take some 300. Safe for concurrent use.</summary>
/// <param name="capacity">How many are kept; the one that was added first makes room.</param>
internal sealed class RecentNames(int capacity)
{
    private readonly Lock _lock = new();
    private readonly HashSet<UInt128> _names = [];
    private readonly Queue<UInt128> _oldestFirst = new();

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
        var hash = Hash(name);
        lock (_lock) return _names.Contains(hash);
    }

    /// <summary>Adds a name.</summary>
    /// <returns>Whether it was not among the kept ones.</returns>
    public bool Add(string name)
    {
        var hash = Hash(name);
        lock (_lock)
        {
            if (!_names.Add(hash)) return false;
            _oldestFirst.Enqueue(hash);
            if (_names.Count > capacity) _names.Remove(_oldestFirst.Dequeue());
            return true;
        }
    }

    private static UInt128 Hash(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
