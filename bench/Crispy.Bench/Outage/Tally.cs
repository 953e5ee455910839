using System.Text.Json.Nodes;

namespace Crispy.Bench.Outage;

/// <summary>What was asked for.</summary>
/// <param name="Streams">How many streams.</param>
/// <param name="Hours">Stream time of each.</param>
/// <param name="Window">Seconds of a chunk.</param>
/// <param name="Seed">Decides who is killed, and when.</param>
internal sealed record Asked(int Streams, double Hours, double Window, int Seed);

/// <summary>The time in which the bucket refused.</summary>
/// <param name="Time">How long it was.</param>
/// <param name="Kills">Processes killed.</param>
/// <param name="PeakSpoolBytes">The most that the spool held.</param>
internal sealed record Refused(TimeSpan Time, int Kills, long PeakSpoolBytes);

/// <summary>What came of all chunks.</summary>
/// <param name="Captured">Chunks that were cut.</param>
/// <param name="Stored">Objects in the bucket.</param>
/// <param name="Distinct">Different chunks among them.</param>
/// <param name="Differences">All that differs from the source.</param>
internal sealed record Tally(long Captured, long Stored, long Distinct, IReadOnlyList<string> Differences)
{
    private static readonly string[] Tracks = ["v:0", "a:0"];

    /// <summary>Chunks that are in no object.</summary>
    public long Lost => Captured - Distinct;

    /// <summary>Objects too many.</summary>
    public long Duplicates => Stored - Distinct;

    /// <summary>Compares all that a system stored with the one source of its streams.</summary>
    public static async Task<Tally> OfAsync(WholeSystem system, string source, int streams)
    {
        var packets = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var track in Tracks) packets[track] = await Comparison.PacketsAsync(source, track);
        long captured = 0, stored = 0, distinct = 0;
        var differences = new List<string>();
        for (var index = 0; index < streams; index++)
        {
            var id = $"cam-{index}";
            captured += (long)JsonNode.Parse(await File.ReadAllTextAsync(system.Spool.Journal(id)))!["captured"]!["chunks"]!;
            var objects = await system.ObjectsAsync(id);
            stored += objects.Count;
            distinct += objects.Select(item => (string?)item["metadata"]!["crispy-chunk"]).Distinct().Count();
            differences.AddRange(await Comparison.DifferencesAsync(system, id, packets));
        }
        return new(captured, stored, distinct, differences);
    }
}
