namespace Crispy.Bench.Measuring;

/// <summary>What the processes of one name hold and have used.</summary>
/// <param name="Processes">How many there are.</param>
/// <param name="CpuSeconds">User and system time since they began, and that of their children that have ended.</param>
/// <param name="RssMb">Resident memory, MB (10^6), all together.</param>
/// <param name="GreatestRssMb">Of the largest one.</param>
/// <param name="PssMb">Proportional share, MB (10^6): pages that several processes share count in parts.</param>
internal sealed record Use(int Processes, double CpuSeconds, double RssMb, double GreatestRssMb, double PssMb)
{
    /// <summary>None at all.</summary>
    public static readonly Use Nothing = new(0, 0, 0, 0, 0);

    /// <summary>Both together.</summary>
    public static Use operator +(Use one, Use other) => new(one.Processes + other.Processes, one.CpuSeconds + other.CpuSeconds,
        one.RssMb + other.RssMb, Math.Max(one.GreatestRssMb, other.GreatestRssMb), one.PssMb + other.PssMb);
}
