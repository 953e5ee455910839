using System.Diagnostics;

namespace Crispy.Media.Bytes;

/// <summary>
/// Counts the steps of reading: a byte that is looked at or moved, an entry of a table. So tests can show that the steps grow no faster
/// than the bytes. Release builds do not count.
/// </summary>
internal static class Work
{
    [ThreadStatic]
    private static long _steps;

    [ThreadStatic]
    private static long _most;

    /// <summary>Steps of this thread so far; always 0 in a release build.</summary>
    public static long Steps => _steps;

    /// <summary>Counts steps.</summary>
    [Conditional("DEBUG")]
    public static void Count(long steps = 1)
    {
        _steps += steps;
        if (_most > 0 && _steps > _most) throw new InvalidOperationException("reading takes more steps than it may");
    }

    /// <summary>Makes this thread's reading fail once it has taken so many more steps, also where it would never end; 0 for no
    /// limit.</summary>
    public static void Limit(long steps) => _most = steps == 0 ? 0 : _steps + steps;
}
