using Crispy.Coordination;
using Crispy.Spool;

namespace Crispy.StreamHandle.Spooling;

/// <summary>What became of some segments.</summary>
/// <param name="Chunks">Those that are ready.</param>
/// <param name="Losses">Records of those that could not be kept.</param>
/// <param name="GapReason">Why what comes next does not follow on, where it does not; null where its time has no gaps to tell of.</param>
/// <param name="End">The last link of the stream's chain after them; null before the first.</param>
public sealed record SpooledBatch(
    IReadOnlyList<SpooledChunk> Chunks, IReadOnlyList<SpooledLoss> Losses, string? GapReason, LeasedLink? End);
