using Crispy.Console.StreamHandles;

namespace Crispy.Console.Pages;

/// <summary>What a tile shows.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Condition">How it is.</param>
/// <param name="Behind">How far storing is behind, to the second, so that a tile is drawn again at most once a second.</param>
public sealed record Tile(KnownStream Stream, Condition Condition, TimeSpan? Behind);
