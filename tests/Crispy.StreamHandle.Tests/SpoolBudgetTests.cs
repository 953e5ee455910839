using Crispy.Coordination;
using Crispy.Spool;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;
using Microsoft.Extensions.Time.Testing;

namespace Crispy.StreamHandle.Tests;

/// <summary>Who gives when the volume is full: a spool on a volume of 64 MiB, where others hold as much as the test says.</summary>
[Trait("Needs", "nothing")]
public sealed class SpoolBudgetTests : IDisposable
{
    private const long Total = 64 * MiB;
    private const long MiB = 1024 * 1024;
    private const long Floor = 4 * MiB;

    private readonly TempFolder _folder = new();
    private readonly SpoolLayout _spool;
    private readonly StreamOptions _stream = new() { Id = "gate", Url = SourceUrl.Parse("demo:") };
    private SpoolGauge _gauge;
    private SpoolBudget _budget;
    private long _others = MiB;
    private readonly FakeTimeProvider _clock = new();
    private int _chunks;

    public SpoolBudgetTests()
    {
        _spool = new(_folder.Path);
        Directory.CreateDirectory(_spool.Ready("gate"));
        (_gauge, _budget) = Start();
    }

    private bool LosesNewest => _budget.LosesNewest(_stream);

    public void Dispose()
    {
        _gauge.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Others_who_fill_the_volume_at_once_cost_nothing_that_waits()
    {
        Record(30);
        Assert.Equal((false, false), (_budget.IsFull, LosesNewest));
        _others = Total - Own();
        Look();
        Assert.True(_budget.IsFull && _budget.Droppable <= 0);
        Look();
        Assert.True(_budget is { IsFull: true, IsTaken: true, Droppable: <= 0 } && LosesNewest);
    }

    [Fact]
    public void Others_who_fill_the_volume_bit_by_bit_cost_nothing_that_waits()
    {
        Record(30);
        for (; _others < Total - Own(); _others += 50_000)
        {
            Look();
            Assert.True(_budget.Droppable <= 0, $"{_budget.Droppable} bytes of the spool for {_others} of others");
        }
        Assert.True(_budget.IsTaken);
    }

    [Fact]
    public void What_the_spool_itself_puts_on_a_small_volume_costs_its_oldest()
    {
        Record(62);
        Assert.Equal((true, false, false), (_budget.IsFull, _budget.IsTaken, LosesNewest));
        Assert.InRange(_budget.Droppable, 1, 4 * MiB);
        Drop(_budget.Droppable);
        Look();
        Assert.True(_budget is { Droppable: <= 0, IsFull: false });
    }

    [Fact]
    public void Without_a_budget_the_spool_takes_what_the_volume_has_less_a_tenth_and_others_take_nothing_back()
    {
        _others = 24 * MiB;
        (_gauge, _budget) = Start(maxBytes: null);
        Assert.False(_budget.IsSized || _budget.IsFull);
        Look();
        Assert.Equal(36 * MiB, _budget.MaxBytes);
        Record(35);
        Look();
        Assert.False(_budget.IsFull);
        _others += 4 * MiB;
        Look();
        Assert.Equal((36 * MiB, false), (_budget.MaxBytes, _budget.Droppable > 0));
        _others = 4 * MiB;
        Look();
        Assert.Equal(54 * MiB, _budget.MaxBytes);
    }

    [Theory]
    [InlineData(20L << 30, 18L << 30)]
    [InlineData(1000L << 30, 984L << 30)]
    [InlineData(0, 0)]
    public void The_reserve_is_a_tenth_and_no_more_than_16_GiB(long room, long budget) => Assert.Equal(budget, SpoolBudget.Of(room));

    [Fact]
    public void A_log_that_grows_beside_the_spool_does_not_turn_the_policy_around()
    {
        Record(60);
        for (var hour = 0; hour < 100; hour++)
        {
            _others += 8 * 1024;
            Record(1);
            Assert.False(LosesNewest);
            var before = Own();
            Drop(_budget.Droppable);
            Assert.InRange(before - Own(), 0, 2 * MiB);
            Look();
            Assert.True(_budget.Droppable <= 0);
        }
        Assert.InRange(Own(), 57 * MiB, 61 * MiB);
    }

    [Fact]
    public void A_start_on_a_volume_that_others_have_filled_costs_nothing_that_waits()
    {
        Record(30);
        _others = Total - Own();
        _gauge.Dispose();
        (_gauge, _budget) = Start();
        for (var look = 0; look < 3; look++)
        {
            Look();
            Assert.True(_budget.Droppable <= 0);
        }
        Assert.True(LosesNewest);
    }

    [Fact]
    public void The_budget_holds_also_where_others_have_filled_the_volume()
    {
        (_gauge, _budget) = Start(maxBytes: 20 * MiB);
        Record(21);
        _others = Total - Own();
        Look();
        Look();
        Assert.True(_budget.IsTaken);
        Assert.Equal(MiB, _budget.Droppable);
    }

    [Fact]
    public void Recording_goes_on_only_once_there_is_clearly_room_again()
    {
        Record(30);
        _others = Total - Own();
        Look();
        Look();
        _others -= Floor + MiB / 2;
        Look();
        Assert.True(_budget.IsTaken && LosesNewest);
        _others -= MiB;
        Look();
        Assert.Equal((false, false, false), (_budget.IsTaken, _budget.IsFull, LosesNewest));
    }

    [Fact]
    public void What_workers_store_makes_room_although_the_others_stay()
    {
        Record(30);
        _others = Total - Own();
        Look();
        Look();
        Drop(6 * MiB);
        Look();
        Assert.Equal((false, false), (_budget.IsTaken, _budget.IsFull));
    }

    [Fact]
    public void Without_a_floor_a_write_that_was_refused_tells_who_has_filled_the_volume()
    {
        (_gauge, _budget) = Start(floor: 0);
        Record(30);
        _others = Total - Own();
        _budget.Refused();
        Look();
        Look();
        Assert.True(_budget is { IsTaken: true, Droppable: <= 0 } && LosesNewest);

        (_others, _chunks) = (MiB, 0);
        Drop(Own());
        (_gauge, _budget) = Start(floor: 0);
        Record(63);
        _budget.Refused();
        Look();
        Look();
        Assert.False(_budget.IsTaken);
        Assert.InRange(_budget.Droppable, 1, MiB);
    }

    [Theory]
    [InlineData(OnFull.DropOldest, false, true)]
    [InlineData(OnFull.DropNewest, true, true)]
    [InlineData(OnFull.Stop, false, false)]
    public void A_policy_says_what_becomes_of_the_newest(OnFull policy, bool byOurselves, bool byOthers)
    {
        Record(62);
        Assert.Equal(byOurselves, _budget.LosesNewest(_stream with { OnFull = policy }));
        Drop(30 * MiB);
        _others = Total - Own();
        Look();
        Look();
        Assert.Equal(byOthers, _budget.LosesNewest(_stream with { OnFull = policy }));
    }

    [Fact]
    public void A_spool_whose_oldest_chunks_are_dropped_is_full_all_the_time_for_people_and_no_longer_once_it_has_kept_its_room()
    {
        _gauge.Dispose();
        (_gauge, _budget) = Start(maxBytes: 8 * MiB);
        Record(8);
        Drop(MiB);
        Look();
        Assert.Equal((false, true), (_budget.IsFull, _budget.IsFullLately));
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.True(_budget.IsFullLately);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(_budget.IsFullLately);
    }

    [Fact]
    public void Room_is_what_the_budget_and_the_volume_leave()
    {
        Record(30);
        Assert.Equal(29 * MiB, _budget.Room);
        (_gauge, _budget) = Start(maxBytes: 40 * MiB);
        Look();
        Assert.Equal((10 * MiB, double.PositiveInfinity), (_budget.Room, _budget.SecondsUntilFull));
        Record(12);
        Assert.Equal((0, 0), (_budget.Room, _budget.SecondsUntilFull));
    }

    [Fact]
    public void A_stream_without_a_share_has_an_equal_part_of_what_the_others_leave()
    {
        Assert.Equal([0.5, 0.25, 0.25], Shares(0.5, null, null));
        Assert.Equal([0.7, 0.6, 0], Shares(0.7, 0.6, null));

        static IEnumerable<double> Shares(params double?[] shares) => SpoolBudget.Shares([.. shares.Select((share, index) =>
            new StreamOptions { Id = $"s{index}", Url = SourceUrl.Parse("demo:"), SpoolShare = share })]).Values;
    }

    [Fact]
    public void A_file_fills_the_budget_but_beside_a_live_stream_only_its_share_and_goes_on_at_four_fifths()
    {
        (_gauge, _budget) = Start(maxBytes: 20 * MiB);
        _budget.Share([_stream with { SpoolShare = 0.5 }, _stream with { Id = "live", SpoolShare = 0.5 }]);
        List<string> answers = [];
        for (var recorded = 1; recorded <= 20; recorded++)
        {
            Record(1);
            var (admits, again) = (_budget.Admits("gate", false), _budget.HasRoomAgain("gate", false));
            answers.Add($"{(admits ? 'a' : '-')}{(again ? 'g' : '-')}{(_budget.Admits("gate", true) ? 'A' : '-')}"
                + $"{(_budget.HasRoomAgain("gate", true) ? 'G' : '-')}");
        }
        Assert.Equal([.. Enumerable.Repeat("agAG", 7), .. Enumerable.Repeat("agA-", 2), .. Enumerable.Repeat("ag--", 6),
            .. Enumerable.Repeat("a---", 4), "----"], answers);
    }

    [Fact]
    public void A_disk_that_refused_is_full_until_it_has_clearly_room_again()
    {
        (_gauge, _budget) = Start(floor: 0);
        Record(10);
        _budget.Refused();
        Assert.True(_budget.IsFull);
        _others = Total - Own() - MiB + 1;
        Look();
        _budget.Restore();
        Assert.True(_budget.IsFull);
        _others = MiB;
        Look();
        _budget.Restore();
        Assert.False(_budget.IsFull);
    }

    private (SpoolGauge, SpoolBudget) Start(long? maxBytes = 2048 * MiB, long floor = Floor)
    {
        var options = new SpoolOptions { Path = _folder.Path, MaxBytes = maxBytes, MinFreeBytes = floor };
        var gauge = new SpoolGauge(_spool, TimeProvider.System, () => new(Total, Math.Max(0, Total - _others - Own())));
        var budget = new SpoolBudget(options, _spool, gauge, _clock);
        budget.Share([_stream]);
        return (gauge, budget);
    }

    // As the keeper does it.
    private void Look()
    {
        _gauge.Measure();
        _budget.Look();
    }

    private void Record(int megabytes)
    {
        for (var i = 0; i < megabytes; i++)
        {
            using (var file = File.Create(Path.Combine(_spool.Ready("gate"), $"{_chunks++:D8}.mkv"))) file.SetLength(MiB);
            Look();
        }
    }

    private void Drop(long bytes)
    {
        foreach (var file in new DirectoryInfo(_spool.Ready("gate")).GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            if (bytes <= 0) return;
            bytes -= file.Length;
            file.Delete();
        }
    }

    private long Own() => new DirectoryInfo(_spool.Ready("gate")).GetFiles().Sum(file => file.Length);
}
