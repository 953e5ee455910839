using Crispy.Console.Recorders;

namespace Crispy.Console.Pages;

/// <summary>What a tile shows.</summary>
public sealed record Tile(FleetStream Stream, Condition Condition);
