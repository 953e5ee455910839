using System.Globalization;

namespace Crispy.Bench.Measuring;

/// <summary>What the kernel tells of a process in <c>/proc/PID/</c> (man 5 proc).</summary>
internal static class Proc
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux that .NET runs on.

    /// <summary>Kilobytes (2^10) that a line of a file tells; null where the process or the line is gone.</summary>
    /// <param name="process">The process's id.</param>
    /// <param name="file">The file, such as <c>status</c>.</param>
    /// <param name="key">How the line begins, such as <c>VmRSS:</c>.</param>
    public static double? Kilobytes(int process, string file, string key) =>
        Read(process, file)?.Split('\n').FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line
            ? double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) : null;

    /// <summary>The parent and the time used by a process and by its children that ended; null where it is gone.</summary>
    public static ProcessTimes? Times(int process)
    {
        if (Read(process, "stat") is not { Length: > 0 } stat) return null;
        // Fields are counted from behind the name, which may hold blanks.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return new(int.Parse(fields[1], CultureInfo.InvariantCulture), Seconds(11) + Seconds(12), Seconds(13) + Seconds(14));

        double Seconds(int field) => double.Parse(fields[field], CultureInfo.InvariantCulture) / TicksPerSecond;
    }

    /// <summary>A file's text; null where the process is gone, or is somebody else's.</summary>
    public static string? Read(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>A process's place in the tree, and its time on the processors.</summary>
/// <param name="Parent">The parent's id.</param>
/// <param name="CpuSeconds">Its own user and system time.</param>
/// <param name="ReapedCpuSeconds">That of its children that have ended.</param>
internal sealed record ProcessTimes(int Parent, double CpuSeconds, double ReapedCpuSeconds);
