using System.Globalization;
using Spectre.Console;

namespace Crispy.Cli.Terminal;

/// <summary>Values as people read them.</summary>
internal static class Words
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>Bytes, in powers of 1000.</summary>
    public static string Bytes(double bytes)
    {
        var unit = 0;
        for (; bytes >= 1000 && unit < Units.Length - 1; unit++) bytes /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(bytes, unit == 0 || bytes >= 100 ? 0 : 1)} {Units[unit]}");
    }

    /// <summary>Bits a second.</summary>
    public static string Bitrate(double? bits) =>
        bits is not { } value ? "" : value >= 1e6
        ? string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0.0} Mbit/s")
        : string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:0} kbit/s");

    /// <summary>Seconds.</summary>
    public static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0##} s");

    /// <summary>How long ago, or how long it took.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { Ticks: < 0 } => "0s",
        { TotalSeconds: < 60 } => $"{(int)span.TotalSeconds}s",
        { TotalMinutes: < 60 } => $"{(int)span.TotalMinutes}m{span.Seconds:00}s",
        { TotalHours: < 48 } => $"{(int)span.TotalHours}h{span.Minutes:00}m",
        _ => $"{(int)span.TotalDays}d{span.Hours:00}h",
    };

    /// <summary>A time to the millisecond, with <c>Z</c> or its offset.</summary>
    public static string Time(DateTimeOffset? instant, TimeZoneInfo zone) => instant is not { } time ? ""
        : zone.Equals(TimeZoneInfo.Utc) ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
        : TimeZoneInfo.ConvertTime(time, zone).ToString("yyyy-MM-dd HH:mm:ss.fffzzz", CultureInfo.InvariantCulture);

    /// <summary>A number, or nothing.</summary>
    public static string Number(double? number) => number is { } value ? value.ToString("0.###", CultureInfo.InvariantCulture) : "";

    /// <summary>A state, as the API writes it.</summary>
    public static string Name(this StreamState state) => ApiEnum.Name(state);

    /// <inheritdoc cref="StateStyle(string)"/>
    public static Style? StateStyle(StreamState state) => StateStyle(state.Name());

    /// <summary>How a state looks: red wants a person, yellow an eye.</summary>
    public static Style? StateStyle(string state) => state switch
    {
        "failed" or "backoff" or "dead" or "lost" => new(Color.Red),
        "starting" or "spooled" or "removed" => new(Color.Yellow),
        "paused" or "standby" or "ended" => new(decoration: Decoration.Dim),
        "running" or "stored" => new(Color.Green),
        _ => null,
    };
}
