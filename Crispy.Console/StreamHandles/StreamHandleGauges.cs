using System.Diagnostics.Metrics;

namespace Crispy.Console.StreamHandles;

/// <summary>How the console finds the stream-handles, as metrics.</summary>
public sealed class StreamHandleGauges(KnownStreams streams, StreamHandleDirectory directory, IMeterFactory meters)
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
        var troubled = streams.Troubles.Select(trouble => trouble.Address).ToHashSet();
        var known = directory.Known;
        var well = known.Count(streamHandle => streams.HasHeard(streamHandle) && !troubled.Contains(streamHandle));
        return [Count("away", known.Count - well), Count("well", well)];
    }

    private static Measurement<int> Count(string state, int count) => new(count, new KeyValuePair<string, object?>("state", state));
}
