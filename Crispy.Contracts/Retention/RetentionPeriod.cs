using System.Globalization;

namespace Crispy.Contracts;

/// <summary>How long something is kept: a number of days, or forever.</summary>
/// <param name="Days">1 to <see cref="MostDays"/>; null for ever.</param>
public readonly record struct RetentionPeriod(int? Days) : IComparable<RetentionPeriod>
{
    /// <summary>Most days: a hundred years.</summary>
    public const int MostDays = 36_500;

    /// <summary>What it is written as where nothing is ever deleted.</summary>
    public const string ForeverText = "forever";

    /// <summary>What a text must be, to follow "must be".</summary>
    public const string Rule = "a whole number of days from 1 to 36500, or forever";

    /// <summary>Nothing is deleted.</summary>
    public static RetentionPeriod Forever => default;

    /// <summary>As a length of time; null for ever.</summary>
    public TimeSpan? Span => Days is { } days ? TimeSpan.FromDays(days) : null;

    /// <summary>For people: <c>30 days</c>, <c>for good</c>.</summary>
    public string Words => Days switch { null => "for good", 1 => "1 day",
        var days => string.Create(CultureInfo.InvariantCulture, $"{days} days") };

    /// <summary>Reads <c>30</c> or <c>forever</c>; null where it is neither.</summary>
    public static RetentionPeriod? Parse(string? text)
    {
        if (string.Equals(text, ForeverText, StringComparison.OrdinalIgnoreCase)) return Forever;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= MostDays
            ? new(days) : null;
    }

    /// <summary>The longer of two.</summary>
    public static RetentionPeriod Longer(RetentionPeriod left, RetentionPeriod right) => left >= right ? left : right;

    /// <inheritdoc />
    public int CompareTo(RetentionPeriod other) => (Days ?? int.MaxValue).CompareTo(other.Days ?? int.MaxValue);

    /// <summary>Whether one is shorter.</summary>
    public static bool operator <(RetentionPeriod left, RetentionPeriod right) => left.CompareTo(right) < 0;

    /// <summary>Whether one is longer.</summary>
    public static bool operator >(RetentionPeriod left, RetentionPeriod right) => left.CompareTo(right) > 0;

    /// <summary>Whether one is not longer.</summary>
    public static bool operator <=(RetentionPeriod left, RetentionPeriod right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one is not shorter.</summary>
    public static bool operator >=(RetentionPeriod left, RetentionPeriod right) => left.CompareTo(right) >= 0;

    /// <inheritdoc />
    public override string ToString() => Days?.ToString(CultureInfo.InvariantCulture) ?? ForeverText;
}
