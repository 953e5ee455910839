using System.Diagnostics.Metrics;

namespace Crispy.Console.Recorders;

/// <summary>How the console finds the stream-handles, as metrics.</summary>
public sealed class RecorderGauges(Fleet fleet, RecorderDirectory directory, IMeterFactory meters)
{
    /// <summary>Lets it be asked for, for as long as the process lives.</summary>
    public void Observe()
    {
        var meter = meters.Create("Crispy.Console");
        meter.CreateObservableGauge(
            "crispy.console.stream_handles", Read, "{process}", "stream-handles that are known, by whether they answer");
    }

    private Measurement<int>[] Read()
    {
        var troubled = fleet.Troubles.Select(trouble => trouble.Address).ToHashSet();
        var known = directory.Known;
        var well = known.Count(recorder => fleet.HasHeard(recorder) && !troubled.Contains(recorder));
        return [Count("away", known.Count - well), Count("well", well)];
    }

    private static Measurement<int> Count(string state, int count) => new(count, new KeyValuePair<string, object?>("state", state));
}
