using Crispy.StreamHandle.Spooling;
using Microsoft.Extensions.Time.Testing;

namespace Crispy.StreamHandle.Tests;

[Trait("Needs", "nothing")]
public sealed class SpoolForecastTests
{
    private const long Much = 1_000_000_000_000;

    private readonly FakeTimeProvider _time = new();
    private readonly SpoolForecast _forecast;

    public SpoolForecastTests() => _forecast = new(_time);

    [Fact]
    public void Nobody_knows_before_ten_seconds_have_passed()
    {
        Assert.Equal(double.PositiveInfinity, _forecast.SecondsUntilFull(1000, Much));
        Grow(seconds: 9, bytesEach: 100);
        Assert.Equal(double.PositiveInfinity, _forecast.SecondsUntilFull(1000, Much));
        Grow(seconds: 2, bytesEach: 100);
        Assert.Equal(10, _forecast.SecondsUntilFull(1000, Much), 3);
    }

    [Fact]
    public void A_spool_that_is_emptied_as_fast_as_it_fills_is_never_full()
    {
        for (var second = 0; second < 60; second++) Add(second % 2 == 0 ? 5_000_000 : 5_000_100, Much);
        Add(5_000_000, Much);
        Assert.Equal(double.PositiveInfinity, _forecast.SecondsUntilFull(1000, Much));
    }

    [Fact]
    public void Only_the_last_two_minutes_count()
    {
        Grow(seconds: 600, bytesEach: 1000);
        Grow(seconds: 121, bytesEach: 10);
        Assert.Equal(100, _forecast.SecondsUntilFull(1000, Much), 3);
    }

    [Fact]
    public void What_others_take_of_the_volume_counts_too()
    {
        for (var second = 0; second <= 20; second++) Add(1000, Much - second * 500);
        Assert.Equal(4, _forecast.SecondsUntilFull(Much, 2000), 3);
    }

    [Fact]
    public void What_is_full_is_full_at_any_rate()
    {
        Assert.Equal(0, _forecast.SecondsUntilFull(0, Much));
        Assert.Equal(0, _forecast.SecondsUntilFull(Much, -5));
    }

    private long _bytes;

    private void Grow(int seconds, long bytesEach)
    {
        for (var second = 0; second < seconds; second++) Add(_bytes += bytesEach, Much);
    }

    private void Add(long bytes, long free)
    {
        _bytes = bytes;
        _forecast.Add(bytes, free);
        _time.Advance(TimeSpan.FromSeconds(1));
    }
}
