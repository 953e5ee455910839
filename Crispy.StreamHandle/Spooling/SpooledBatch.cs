using Crispy.Spool;

namespace Crispy.StreamHandle.Spooling;

/// <summary>What became of some segments.</summary>
/// <param name="Chunks">Those that are ready.</param>
/// <param name="Losses">Records of those that could not be kept.</param>
public sealed record SpooledBatch(IReadOnlyList<SpooledChunk> Chunks, IReadOnlyList<SpooledLoss> Losses);
