using System.Diagnostics;

namespace Crispy.Media.Bytes;

/// <summary>
/// Counts the steps of reading, so that tests can show that they grow no faster than the bytes: a byte that is looked at or moved, an
/// entry of a table. Release builds do not count.
/// </summary>
internal static class Work
{
    [ThreadStatic]
    private static long _steps;

    /// <summary>Steps of this thread so far; always 0 in a release build.</summary>
    public static long Steps => _steps;

    /// <summary>Counts steps.</summary>
    [Conditional("DEBUG")]
    public static void Count(long steps = 1) => _steps += steps;
}
