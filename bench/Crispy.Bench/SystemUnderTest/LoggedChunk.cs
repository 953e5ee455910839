using System.Text.Json.Nodes;

namespace Crispy.Bench.SystemUnderTest;

/// <summary>A chunk, as its log line tells of it.</summary>
/// <param name="Stream">Its stream.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="From">When its first frame was filmed, UTC.</param>
/// <param name="To">When its last frame ended, UTC.</param>
/// <param name="LoggedAt">When the line was made, UTC.</param>
/// <param name="LatencyMs">From the end of the last frame to the line, as the line says.</param>
internal sealed record LoggedChunk(
    string Stream, string Epoch, DateTimeOffset From, DateTimeOffset To, DateTimeOffset LoggedAt, double LatencyMs)
{
    /// <summary>Reads a line.</summary>
    public static LoggedChunk Read(JsonNode line) => new((string)line["labels"]!["stream"]!, (string)line["labels"]!["epoch"]!,
        line["duration"]!["from"].Time(), line["duration"]!["to"].Time(), line["time"].Time(), (double?)line["latencyMs"] ?? double.NaN);
}
