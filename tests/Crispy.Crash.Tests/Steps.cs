namespace Crispy.Crash.Tests;

/// <summary>The places at which something dies, and how often each did. One seed, printed, decides all that is random.</summary>
internal sealed class Steps(int seed)
{
    /// <summary>Of stream-handle, in the order in which a chunk passes them.</summary>
    public static readonly string[] OfStreamHandle =
        ["segment-closed", "manifest-made", "chunk-moved", "manifest-pending", "journal-written", "manifest-ready",
            "queued-reported", "message-confirmed"];

    /// <summary>Of upload-worker.</summary>
    public static readonly string[] OfWorker =
        ["message-taken", "object-stored", "stored-reported", "file-removed", "chunk-removed", "message-acknowledged"];

    /// <summary>At any instant.</summary>
    public static readonly string[] AtAnyInstant =
        ["rabbitmq", "redis", "emulator", "chunk-logger", "ffmpeg", "stream-handle", "upload-worker"];

    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, int> _kills = OfStreamHandle.Concat(OfWorker).Concat(AtAnyInstant)
        .ToDictionary(step => step, _ => 0);

    /// <summary>All kills so far.</summary>
    public int Total { get { lock (_lock) return _kills.Values.Sum(); } }

    /// <summary>The steps at which nothing has died yet.</summary>
    public IReadOnlyList<string> Missing
    {
        get
        {
            lock (_lock) return [.. _kills.Where(pair => pair.Value == 0).Select(pair => pair.Key)];
        }
    }

    /// <summary>One of these, of those that were chosen least.</summary>
    public string Next(IEnumerable<string> among)
    {
        lock (_lock)
        {
            var least = among.GroupBy(step => _kills[step]).MinBy(group => group.Key)!.ToList();
            return least[_random.Next(least.Count)];
        }
    }

    /// <summary>A whole number from 1 to <paramref name="most"/>.</summary>
    public int UpTo(int most)
    {
        lock (_lock) return _random.Next(most) + 1;
    }

    /// <summary>Notes that something died there.</summary>
    public void Count(string step)
    {
        lock (_lock) _kills[step]++;
    }

    /// <inheritdoc />
    public override string ToString()
    {
        lock (_lock) return string.Join('\n', _kills.Select(pair => $"  {pair.Key,-20} {pair.Value,4}"));
    }
}
