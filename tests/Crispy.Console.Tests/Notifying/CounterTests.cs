using Crispy.Console.Notifying;
using Crispy.Console.StreamHandles;

namespace Crispy.Console.Tests.Notifying;

[Trait("Needs", "nothing")]
public sealed class CounterTests
{
    private static readonly Uri One = new("http://one:8080"), Other = new("http://other:8080");
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(5);
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly Tally _tally = new();

    [Fact]
    public void What_a_stream_has_when_it_is_first_seen_is_history_and_what_comes_is_counted_by_name()
    {
        Take(Noon, Stream("gate", 7), Stream("hall", 0));
        Assert.False(Counter.IsDue(_tally, TimeSpan.Zero, Noon));
        Take(Noon, Stream("gate", 9), Stream("hall", 1));
        Take(Noon, Stream("gate", 10), Stream("hall", 1));
        Assert.False(Counter.IsDue(_tally, Hold, Noon));
        Assert.True(Counter.IsDue(_tally, Hold, Noon + Hold));
        Assert.Equal(new Dictionary<string, long> { ["gate"] = 3, ["hall"] = 1 }, Counter.Empty(_tally, Noon + Hold));
    }

    [Fact]
    public void It_is_told_at_most_once_in_ten_minutes_and_nothing_is_forgotten_meanwhile()
    {
        Take(Noon, Stream("gate", 0));
        var told = new List<(int Second, long Sum)>();
        for (var second = 1; second <= 1500; second++)
        {
            var now = Noon.AddSeconds(second);
            Take(now, Stream("gate", second));
            if (Counter.IsDue(_tally, Hold, now)) told.Add((second, Counter.Empty(_tally, now).Values.Sum()));
        }
        Assert.Equal([(6, 6), (606, 600), (1206, 600)], told);
    }

    [Fact]
    public void Counters_of_two_stream_handles_are_two_and_one_that_starts_again_loses_nothing()
    {
        Take(Noon, Stream("gate", 5));
        Take(Noon, Stream("gate", 0, Other));
        Take(Noon, Stream("gate", 1, Other));
        Take(Noon, Stream("gate", 5));
        Take(Noon, Stream("gate", 2));
        Take(Noon, Stream("gate", 3));
        Assert.Equal(2, Counter.Empty(_tally, Noon)["gate"]);
    }

    [Fact]
    public void A_clock_that_was_set_back_does_not_silence_it()
    {
        Take(Noon, Stream("gate", 0));
        Take(Noon, Stream("gate", 1));
        Counter.Empty(_tally, Noon);
        Take(Noon.AddDays(-1), Stream("gate", 2));
        Assert.True(Counter.IsDue(_tally, Hold, Noon.AddDays(-1) + Hold));
    }

    [Fact]
    public void A_stream_whose_law_is_not_known_yet_counts_nothing()
    {
        Take(Noon, new KnownStream(new() { Id = "gate" }, One, 1));
        Take(Noon, Stream("gate", 7));
        Assert.Empty(_tally.Untold);
    }

    private static KnownStream Stream(string id, long lost, Uri? streamHandle = null) =>
        new(new() { Id = id, Law = new(100, 100 - lost, 0, 0, lost) }, streamHandle ?? One, 1);

    private void Take(DateTimeOffset now, params KnownStream[] streams) => Counter.Take(_tally, streams, law => law.Lost, now);
}
