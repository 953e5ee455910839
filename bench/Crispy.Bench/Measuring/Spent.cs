namespace Crispy.Bench.Measuring;

/// <summary>What the processes of one name used in a time.</summary>
/// <param name="Name">Their name.</param>
/// <param name="Processes">Most of them at once.</param>
/// <param name="CpuSeconds">User and system time.</param>
/// <param name="PeakRssMb">Greatest resident memory of a single one, MB.</param>
/// <param name="PeakPssMb">Greatest proportional share of all together, MB.</param>
/// <param name="PssMb">Median of it.</param>
internal sealed record Spent(string Name, int Processes, double CpuSeconds, double PeakRssMb, double PeakPssMb, double PssMb);

/// <summary>What all processes used in a time.</summary>
internal static class SpentByName
{
    /// <summary>That of one name; nothing where no process had it.</summary>
    public static Spent Of(this IEnumerable<Spent> processes, string name) =>
        processes.FirstOrDefault(spent => spent.Name == name) ?? new(name, 0, 0, 0, 0, 0);
}
