namespace Crispy.Spool;

/// <summary>How much had been read of a file that others still wrote. By it the rest is found as its continuation, and not as another
/// file.</summary>
/// <param name="Length">Bytes that there were when it was opened.</param>
/// <param name="Fingerprint">What tells them from any others.</param>
/// <param name="Cut">What decides where segments end and what they hold.</param>
public sealed record SourceGrowth(long Length, string Fingerprint, string Cut);
