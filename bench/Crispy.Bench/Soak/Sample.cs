namespace Crispy.Bench.Soak;

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
        var (rss, pss) = (Proc.Kilobytes(process, "status", "VmRSS:"), Proc.Kilobytes(process, "smaps_rollup", "Pss:"));
        if (rss is null || pss is null) return null;
        try
        {
            return new(name, minutes, rss.Value / 1000, pss.Value / 1000,
                Directory.GetFileSystemEntries($"/proc/{process}/fd").Length, Directory.GetDirectories($"/proc/{process}/task").Length);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
