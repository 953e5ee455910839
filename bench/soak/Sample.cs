using System.Globalization;

namespace Crispy.Bench;

/// <summary>What one process held at one instant.</summary>
/// <param name="Process">Which process.</param>
/// <param name="Minutes">Since the start of the soak.</param>
/// <param name="RssMb">Resident memory, MB.</param>
/// <param name="PssMb">Its proportional share, MB.</param>
/// <param name="Handles">Open file descriptors.</param>
/// <param name="Threads">Threads.</param>
internal sealed record Sample(string Process, double Minutes, double RssMb, double PssMb, int Handles, int Threads)
{
    /// <summary>Reads <c>/proc</c>; null where the process is gone.</summary>
    public static Sample? Take(string name, int process, double minutes)
    {
        try
        {
            return new(name, minutes, Kilobytes($"/proc/{process}/status", "VmRSS:") / 1000, Kilobytes($"/proc/{process}/smaps_rollup", "Pss:") / 1000,
                Directory.GetFileSystemEntries($"/proc/{process}/fd").Length, Directory.GetDirectories($"/proc/{process}/task").Length);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }

    private static double Kilobytes(string file, string key) => double.Parse(
        File.ReadLines(file).First(line => line.StartsWith(key, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
