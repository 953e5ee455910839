namespace Crispy.Muxing;

/// <summary>The unit of a track's times: a fraction of a second.</summary>
/// <param name="Numerator">Above 0.</param>
/// <param name="Denominator">Above 0.</param>
public readonly record struct Tick(long Numerator, long Denominator)
{
    /// <summary>A billionth of a second.</summary>
    public static Tick Nanosecond => new(1, 1_000_000_000);

    /// <summary>What a number of these ticks is in another unit, to the nearest.</summary>
    public long In(Tick unit, long ticks)
    {
        var scaled = (Int128)ticks * Numerator * unit.Denominator;
        var divisor = (Int128)Denominator * unit.Numerator;
        return (long)((scaled + (scaled < 0 ? -divisor : divisor) / 2) / divisor);
    }

    /// <summary>What a number of these ticks is as a time span, to the nearest 100 ns.</summary>
    public TimeSpan Span(long ticks) => TimeSpan.FromTicks(In(new(1, TimeSpan.TicksPerSecond), ticks));

    /// <summary>A time span in these ticks, to the nearest.</summary>
    public long From(TimeSpan span) => new Tick(1, TimeSpan.TicksPerSecond).In(this, span.Ticks);
}
