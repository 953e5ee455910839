using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Supervising;

/// <summary>One stream that there is, wherever it comes from.</summary>
/// <param name="Options">What it is.</param>
/// <param name="IsConfigured">Whether it stands in the configuration, where alone it can be changed.</param>
/// <param name="IsEnabled">Whether it must be recorded; false while it is paused.</param>
/// <param name="Version">Counts what the API decided about it; 0 for a configured one about which it decided nothing.</param>
/// <param name="Restarts">How often a restart was asked for.</param>
public sealed record StreamEntry(StreamOptions Options, bool IsConfigured, bool IsEnabled, long Version, int Restarts);
