using System.Globalization;
using System.Text.RegularExpressions;

namespace Crispy.Cli.Times;

/// <summary>A time as people say it: ISO 8601, <c>14:03</c>, <c>-15m</c>, <c>yesterday 14:03</c>, <c>now</c>. Which instant it is depends
/// on when and where it is said.</summary>
internal sealed partial class TimeExpression
{
    /// <summary>The forms, for messages.</summary>
    public const string Forms = "ISO 8601 (2026-11-22T14:03:05Z), 14:03, yesterday 14:03, -15m, now";

    private readonly Func<Said, DateTimeOffset> _resolve;

    private TimeExpression(Func<Said, DateTimeOffset> resolve) => _resolve = resolve;

    /// <summary>Reads it.</summary>
    /// <returns>False where it has none of the forms.</returns>
    public static bool TryParse(string text, out TimeExpression expression)
    {
        expression = (Relative(text) ?? Day(text) ?? TimeOfDay(text) ?? Iso(text)) is { } resolve ? new(resolve) : null!;
        return expression is not null;
    }

    /// <summary>The instant, UTC.</summary>
    /// <param name="now">When it is said.</param>
    /// <param name="zone">Whose clock is meant where no offset is said.</param>
    /// <param name="after">The beginning of a range that this ends; null otherwise. With it, a time of day is the first one after it, and
    /// <c>+5m</c> counts from it. Without it, a time of day is the latest one that has passed.</param>
    public DateTimeOffset Resolve(DateTimeOffset now, TimeZoneInfo zone, DateTimeOffset? after = null) =>
        _resolve(new(now, zone, after)).ToUniversalTime();

    private static Func<Said, DateTimeOffset>? Relative(string text)
    {
        if (text == "now") return said => said.Now;
        if (RelativeForm().Match(text) is not { Success: true } match) return null;
        var span = TimeSpan.Zero;
        foreach (var part in PartForm().EnumerateMatches(match.Groups["parts"].Value))
        {
            var value = match.Groups["parts"].Value.AsSpan(part.Index, part.Length);
            if (!double.TryParse(value[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                || number > 1_000_000)
                return null;
            span += value[^1] switch { 'd' => TimeSpan.FromDays(1), 'h' => TimeSpan.FromHours(1), 'm' => TimeSpan.FromMinutes(1),
                _ => TimeSpan.FromSeconds(1) } * number;
            if (span > TimeSpan.FromDays(36500)) return null;
        }
        return match.Groups["sign"].Value == "-" ? said => said.Now - span : said => (said.After ?? said.Now) + span;
    }

    private static Func<Said, DateTimeOffset>? Day(string text)
    {
        if (text.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is not [var word, .. var rest])
            return null;
        if (word is not ("today" or "yesterday")) return null;
        var time = TimeSpan.Zero;
        if (rest is [var clock] && !TryClock(clock, out time)) return null;
        return said => said.At(said.Today.AddDays(word == "yesterday" ? -1 : 0), time);
    }

    private static Func<Said, DateTimeOffset>? TimeOfDay(string text)
    {
        if (!TryClock(text, out var time)) return null;
        return said =>
        {
            if (said.After is { } after)
            {
                var day = said.DayOf(after);
                return said.At(day, time) is var first && first > after ? first : said.At(day.AddDays(1), time);
            }
            return said.At(said.Today, time) is var today && today <= said.Now ? today : said.At(said.Today.AddDays(-1), time);
        };
    }

    private static Func<Said, DateTimeOffset>? Iso(string text)
    {
        if (!IsoForm().IsMatch(text)) return null;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return null;
        return OffsetForm().IsMatch(text) ? _ => time : said => said.At(DateOnly.FromDateTime(time.DateTime), time.TimeOfDay);
    }

    private static bool TryClock(string text, out TimeSpan time)
    {
        time = default;
        if (!ClockForm().IsMatch(text)) return false;
        if (!TimeOnly.TryParse(text, CultureInfo.InvariantCulture, out var parsed)) return false;
        time = parsed.ToTimeSpan();
        return true;
    }

    [GeneratedRegex(@"^(?<sign>[-+])(?<parts>(\d+(\.\d+)?[dhms])+)$")]
    private static partial Regex RelativeForm();

    [GeneratedRegex(@"\d+(\.\d+)?[dhms]")]
    private static partial Regex PartForm();

    [GeneratedRegex(@"^\d{1,2}:\d{2}(:\d{2}(\.\d{1,7})?)?$")]
    private static partial Regex ClockForm();

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[-+]\d{2}:?\d{2})?)?$")]
    private static partial Regex IsoForm();

    // A date alone ends like an offset (-22), so only what has a time can have one.
    [GeneratedRegex(@"[T ]\d{2}:\d{2}.*(Z|[-+]\d{2}:?\d{2})$")]
    private static partial Regex OffsetForm();

    /// <summary>When and where something is said.</summary>
    private sealed record Said(DateTimeOffset Now, TimeZoneInfo Zone, DateTimeOffset? After)
    {
        public DateOnly Today => DayOf(Now);

        public DateOnly DayOf(DateTimeOffset instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Zone).DateTime);

        // An hour that a change of clocks left out or repeats is read with the zone's standard offset.
        public DateTimeOffset At(DateOnly day, TimeSpan time)
        {
            var local = day.ToDateTime(TimeOnly.MinValue) + time;
            return new(local, Zone.GetUtcOffset(local));
        }
    }
}
