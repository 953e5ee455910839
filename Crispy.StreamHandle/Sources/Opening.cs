using Crispy.StreamHandle.Launching;

namespace Crispy.StreamHandle.Sources;

/// <summary>What opening a source takes.</summary>
/// <param name="Ffmpeg">The program.</param>
/// <param name="Connects">Whose turn it is.</param>
/// <param name="Gate">Which addresses no source may have.</param>
public sealed record Opening(Ffmpeg Ffmpeg, ConnectLimiter Connects, SourceGate Gate);
