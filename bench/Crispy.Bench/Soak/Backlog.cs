namespace Crispy.Bench.Soak;

/// <summary>What waits at one instant.</summary>
/// <param name="Minutes">Since the start of the soak.</param>
/// <param name="SpoolMb">Size of the spool, MB.</param>
/// <param name="Spooled">Chunks in it.</param>
/// <param name="Logged">Lines that chunk-logger has written.</param>
internal sealed record Backlog(double Minutes, double SpoolMb, long Spooled, long Logged);
