namespace Crispy.Muxing.Writing.Mp4;

/// <summary>How a track's ticks become an MP4's: whole parts of a second.</summary>
internal readonly struct Mp4Timescale
{
    // Composition offsets have 31 bits: 214 s of these. Finer clocks are rounded to microseconds.
    private const long Finest = 10_000_000;

    private readonly Tick _tick;
    private readonly Tick _unit;

    /// <summary>Exact unless the tick is finer than a ten-millionth of a second.</summary>
    public Mp4Timescale(Tick tick)
    {
        _tick = tick;
        _unit = tick.Denominator <= Finest ? new(1, tick.Denominator) : new(1, 1_000_000);
    }

    /// <summary>Parts of a second.</summary>
    public uint PerSecond => (uint)_unit.Denominator;

    /// <summary>Parts of a second in which the times of both tracks are whole, if there are such.</summary>
    public uint With(Mp4Timescale other)
    {
        var divisor = (ulong)System.Numerics.BigInteger.GreatestCommonDivisor(PerSecond, other.PerSecond);
        var product = (ulong)PerSecond * other.PerSecond / divisor;
        return product <= uint.MaxValue ? (uint)product : Math.Max(PerSecond, other.PerSecond);
    }

    /// <summary>A number of these parts in others.</summary>
    public long In(uint perSecond, long parts) => _unit.In(new(1, perSecond), parts);

    /// <summary>A number of the track's ticks in these parts.</summary>
    public long Of(long ticks) => _unit.Denominator == _tick.Denominator ? ticks * _tick.Numerator : _tick.In(_unit, ticks);
}
