using System.Diagnostics.Metrics;
using Crispy.StreamHandle.Measuring;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Supervising;
using OpenTelemetry.Metrics;

namespace Crispy.StreamHandle.Watching;

/// <summary>What can be read of streams at any moment, as metrics. Each has a series for each stream there is.</summary>
internal sealed class StreamGauges(StreamSupervisor supervisor, SpoolGauge spool, TimeProvider clock)
{
    private const string State = "crispy.stream.state";
    private const string LawChunks = "crispy.law.chunks";

    // Series of one metric at most: enough for 2000 streams. What is beyond becomes one series without a stream's name.
    private const int MostSeries = 16_000;

    private static readonly string[] Long = [State, LawChunks, "crispy.chunks", "crispy.chunks.lost"];
    private static readonly TimeSpan LawAge = TimeSpan.FromSeconds(1);
    private static readonly StreamState[] States = [.. Enum.GetValues<StreamState>().Where(state => state != StreamState.Unknown)];

    private readonly Lock _gate = new();
    private (long At, IReadOnlyList<(string Stream, Conservation Law)> Laws)? _laws;

    /// <summary>Makes room for the metrics that have several series for each stream.</summary>
    public static void Limit(MeterProviderBuilder metrics) =>
        metrics.AddView(each => Long.Contains(each.Name) ? new MetricStreamConfiguration { CardinalityLimit = MostSeries } : null);

    /// <summary>Lets all of it be asked for, for as long as the process lives.</summary>
    public void Observe()
    {
        var meter = Telemetry.Meter;
        meter.CreateObservableGauge(State, ReadStates, "{stream}", "1 for the state that the stream is in, 0 for each other");
        ForEachStream("crispy.chunks.waiting", id => spool.FillOf(id).Waiting, "{chunk}", "Chunks that wait for their upload");
        ForEachStream("crispy.chunks.dead", id => spool.FillOf(id).Dead, "{chunk}", "Chunks in the spool that no retry can store");
        ForEachStream("crispy.oldest.waiting", id => spool.OldestAgeOf(id).TotalSeconds, "s", "How long the oldest chunk has waited");
        meter.CreateObservableGauge(LawChunks, ReadLaws, "{chunk}", "Where the stream's chunks are, since the spool exists");
        meter.CreateObservableGauge("crispy.law.balance", ReadBalances, "{chunk}", "Captured chunks that are nowhere: 0");

        void ForEachStream(string name, Func<string, double> read, string unit, string description) => meter.CreateObservableGauge(name,
            () => supervisor.Streams.Select(stream => new Measurement<double>(read(stream.Options.Id), Tag("stream", stream.Options.Id))),
            unit, description);
    }

    private IEnumerable<Measurement<int>> ReadStates() =>
        from stream in supervisor.Streams
        let now = stream.Status.State
        from state in States
        select new Measurement<int>(state == now ? 1 : 0, Tag("stream", stream.Options.Id), Tag("state", ApiEnum.Name(state)));

    private IEnumerable<Measurement<long>> ReadLaws() =>
        from each in Laws()
        from part in Parts(each.Law)
        select new Measurement<long>(part.Count, Tag("stream", each.Stream), Tag("state", part.State));

    private static (string State, long Count)[] Parts(Conservation law) =>
        [("captured", law.Captured), ("stored", law.Stored), ("spooled", law.Spooled), ("dead", law.Dead), ("lost", law.Lost)];

    private IEnumerable<Measurement<long>> ReadBalances() =>
        Laws().Select(each => new Measurement<long>(each.Law.Balance, Tag("stream", each.Stream)));

    // To count a spool takes a while: once for all metrics that are asked for together. What was not counted yet is left out: a 0 that
    // becomes more would look like a loss.
    private IReadOnlyList<(string Stream, Conservation Law)> Laws()
    {
        lock (_gate)
        {
            if (_laws is { } known && clock.GetElapsedTime(known.At) < LawAge) return known.Laws;
            var laws = supervisor.Streams.Select(stream => (stream.Options.Id, stream.Law))
                .Where(each => each.Law is not null).Select(each => (each.Id, each.Law!.Value)).ToList();
            _laws = (clock.GetTimestamp(), laws);
            return laws;
        }
    }

    private static KeyValuePair<string, object?> Tag(string key, string value) => new(key, value);
}
