using System.Globalization;

namespace Crispy.Console.Recorders;

/// <summary>How bad a condition is, worst first.</summary>
public enum Level
{
    /// <summary>It does not record although it should, or something needs a person.</summary>
    Bad,

    /// <summary>It records, and something is not as it should be.</summary>
    Warning,

    /// <summary>It records.</summary>
    Good,

    /// <summary>It need not record.</summary>
    Idle,
}

/// <summary>How a stream is, in words for people.</summary>
/// <param name="Level">How bad it is.</param>
/// <param name="Text">One or two words.</param>
/// <param name="Detail">The reason; null where there is none to tell.</param>
/// <param name="IsRecording">Whether it records.</param>
public sealed record Condition(Level Level, string Text, string? Detail, bool IsRecording)
{
    // A window is 3 s by default and an hour at most; what is longer than a minute behind its own last chunk's length has stopped.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongDelay = TimeSpan.FromSeconds(30);

    /// <summary>Judges a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="fleet">Where it is from: what its stream-handle says is old while that one is away.</param>
    /// <param name="now">Now, UTC.</param>
    public static Condition Of(FleetStream stream, Fleet fleet, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(fleet);
        var report = stream.Report;
        if (fleet.Troubles.FirstOrDefault(trouble => trouble.Address == stream.Recorder) is { } away) return new(Level.Bad, "Unknown", $"stream-handle is away: {away.Error}", false);
        return report.State switch
        {
            "failed" => new(Level.Bad, "Failed", report.Error, false),
            "backoff" => new(Level.Bad, "No signal", report.Error, false),
            "starting" => new(Level.Warning, "Connecting", report.Error, false),
            "paused" => new(Level.Idle, "Paused", null, false),
            "standby" => new(Level.Idle, "Standby", "another stream-handle records it", false),
            "removed" => new(Level.Idle, "Removed", report.Spooled > 0 ? "its last chunks are being stored" : null, false),
            "ended" when report.Dead > 0 => new(Level.Warning, "Ended", Dead(report), false),
            "ended" => new(Level.Idle, "Ended", null, false),
            _ => Running(stream, now),
        };
    }

    private static Condition Running(FleetStream stream, DateTimeOffset now)
    {
        var report = stream.Report;
        if (report.Paused) return new(Level.Warning, "Held back", "the spool has no room", true);
        if (report.Kind != "finite" && report.LastChunk is { } last && stream.NewsAt is { } news && now - news > (last.To - last.From) * 2 + Patience)
            return new(Level.Bad, "No chunks", $"none for {Span(now - news)}", true);
        if (report.Dead > 0) return new(Level.Warning, "Recording", Dead(report), true);
        if (report.Spooled > 1 && stream.Delay > LongDelay) return new(Level.Warning, "Recording", $"{Span(stream.Delay.Value)} behind in storing", true);
        return new(Level.Good, "Recording", null, true);
    }

    private static string Dead(StreamReport report) => report.Dead == 1 ? "1 dead letter" : $"{report.Dead} dead letters";

    /// <summary>A length of time in the unit that suits it: <c>0.4 s</c>, <c>12 s</c>, <c>4 min</c>, <c>3 h</c>, <c>2 days</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 10 } => span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        { TotalSeconds: < 90 } => span.TotalSeconds.ToString("0", CultureInfo.InvariantCulture) + " s",
        { TotalMinutes: < 90 } => span.TotalMinutes.ToString("0", CultureInfo.InvariantCulture) + " min",
        { TotalHours: < 48 } => span.TotalHours.ToString("0", CultureInfo.InvariantCulture) + " h",
        _ => span.TotalDays.ToString("0", CultureInfo.InvariantCulture) + " days",
    };

    /// <summary>A rate in the unit that suits it: <c>850 kbit/s</c>, <c>4.2 Mbit/s</c>.</summary>
    public static string Rate(double? bits) => bits switch
    {
        null => "–",
        < 1e6 => (bits.Value / 1e3).ToString("0", CultureInfo.InvariantCulture) + " kbit/s",
        < 1e9 => (bits.Value / 1e6).ToString("0.0", CultureInfo.InvariantCulture) + " Mbit/s",
        _ => (bits.Value / 1e9).ToString("0.0", CultureInfo.InvariantCulture) + " Gbit/s",
    };
}
