using System.Globalization;

namespace Crispy.AppHost.Showing;

/// <summary>Values as people read them.</summary>
internal static class Spell
{
    /// <summary>A length of time.</summary>
    public static string Of(TimeSpan span) => span switch
    {
        { Ticks: < 0 } => "0 s",
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalSeconds} s"),
        { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min {span.Seconds:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes:00} min"),
    };

    /// <summary>A time of day, UTC.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Bytes, in powers of 1000.</summary>
    public static string Bytes(double bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        var unit = 0;
        for (; bytes >= 1000 && unit < units.Length - 1; unit++) bytes /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(bytes, unit == 0 || bytes >= 100 ? 0 : 1)} {units[unit]}");
    }

    /// <summary>Bits a second.</summary>
    public static string Bitrate(double bits) => bits >= 1e6
        ? string.Create(CultureInfo.InvariantCulture, $"{bits / 1e6:0.0} Mbit/s")
        : string.Create(CultureInfo.InvariantCulture, $"{bits / 1e3:0} kbit/s");

    /// <summary>So many of something.</summary>
    public static string Count(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many ?? $"{one}s")}");

    /// <summary>Without what steers a terminal: errors are anybody's.</summary>
    public static string Printable(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter)) : text;
}
