using System.Text.Json.Nodes;

namespace Crispy.Bench.Function;

/// <summary>A process that starts for an event.</summary>
/// <param name="ServingMs">Until it accepts connections.</param>
/// <param name="FirstAnswerMs">Until its first event is answered.</param>
/// <param name="CpuSeconds">CPU time until then.</param>
internal sealed record ColdStart(double ServingMs, double FirstAnswerMs, double CpuSeconds)
{
    public static async Task<ColdStart> MeasureAsync(WholeSystem system, string lines, Events events, JsonNode item)
    {
        await system.ChunkLogger.KillAsync();
        system.ChunkLogger.Environment["Crispy__ChunkLogger__File"] = lines;
        var begin = TimeProvider.System.GetTimestamp();
        await system.ChunkLogger.StartAsync();
        await system.ChunkLogger.UntilServingAsync();
        var serving = TimeProvider.System.GetElapsedTime(begin);
        await events.SendAsync(item);
        var first = TimeProvider.System.GetElapsedTime(begin);
        return new(serving.TotalMilliseconds, first.TotalMilliseconds, ProcessTree.Read(memory: false)["chunk-logger"].CpuSeconds);
    }
}
