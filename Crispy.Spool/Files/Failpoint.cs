using System.Diagnostics;
using System.Globalization;

namespace Crispy.Spool;

/// <summary>
/// Places between the steps of the data's way at which a power cut can be rehearsed. With <c>CRISPY_FAILPOINT=manifest-ready:3</c> in its
/// environment, a process kills itself (SIGKILL) the third time it comes by that place. Read once; without it a place costs one comparison.
/// </summary>
public static class Failpoint
{
    /// <summary>The environment variable: a place's name, a colon, and a number from 1.</summary>
    public const string Variable = "CRISPY_FAILPOINT";

    private static readonly string? Wanted;
    private static readonly long Nth;
    private static long _passed;

    static Failpoint()
    {
        var text = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(text)) return;
        if (text.Split(':') is not [var name, var number]
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var nth))
            throw new InvalidOperationException($"{Variable} is '{text}': must be a name and a number, as in manifest-ready:3");
        (Wanted, Nth) = (name, nth);
    }

    /// <summary>Does not return when it is here that the process is to die.</summary>
    /// <param name="name">The place.</param>
    public static void Pass(string name)
    {
        if (Wanted is null || Wanted != name || Interlocked.Increment(ref _passed) != Nth) return;
        Process.GetCurrentProcess().Kill();
    }
}
