using System.Globalization;
using System.Text.Json.Serialization;

namespace Crispy.Contracts.Api;

/// <summary>How bad a condition is, worst first.</summary>
[JsonConverter(typeof(ApiEnumConverter<Level>))]
public enum Level
{
    /// <summary>In trouble: it does not record although it should, or something needs a person. What a newer version says and this one
    /// does not know counts as bad.</summary>
    Bad,

    /// <summary>Needs a look: it records, and something is not as it should be.</summary>
    Warning,

    /// <summary>Fine: it records.</summary>
    Good,

    /// <summary>It need not record.</summary>
    Idle,
}

/// <summary>How a stream is, in words for people: the one place that says what "in trouble" and "needs a look" mean.</summary>
/// <param name="Level">How bad it is.</param>
/// <param name="Text">One or two words.</param>
/// <param name="Detail">The reason; null where there is none to tell.</param>
/// <param name="IsRecording">Whether it records.</param>
public sealed record Condition(Level Level, string Text, string? Detail, bool IsRecording)
{
    /// <summary>How long the oldest waiting chunk may wait before that needs a look.</summary>
    public static readonly TimeSpan LongWait = TimeSpan.FromSeconds(30);

    // A window is 3 s by default and an hour at most. What is longer than a minute behind its own last chunk's length has stopped.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Judges a stream by what its stream-handle says of it.</summary>
    /// <param name="report">What it says.</param>
    /// <param name="now">Now, UTC.</param>
    public static Condition Of(StreamReport report, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(report);
        return report.State switch
        {
            StreamState.Failed => new(Level.Bad, "Failed", report.Error, false),
            StreamState.Backoff => new(Level.Bad, "No signal", report.Error, false),
            // One that is tried again keeps its trouble until a picture comes.
            StreamState.Starting when report is { Error: not null } or { LastError: not null, LastChunk: null } =>
                new(Level.Bad, "No signal", report.Error ?? report.LastError!.Error, false),
            StreamState.Starting => new(Level.Warning, "Connecting", null, false),
            StreamState.Paused => new(Level.Idle, "Paused", null, false),
            StreamState.Standby => new(Level.Idle, "Standby", "another stream-handle records it", false),
            StreamState.Removed => new(Level.Idle, "Removed", report.Spooled > 0 ? "its last chunks are being stored" : null, false),
            StreamState.Ended when report.Dead > 0 => new(Level.Warning, "Ended", Dead(report), false),
            StreamState.Ended when Late(report, now) is { } late => new(Level.Warning, "Ended", late, false),
            StreamState.Ended => new(Level.Idle, "Ended", null, false),
            StreamState.Running => Running(report, now),
            _ => new(Level.Bad, "Unknown", "its stream-handle tells a state that this version does not know", false),
        };
    }

    private static Condition Running(StreamReport report, DateTimeOffset now)
    {
        if (report.Paused) return new(Level.Warning, "Held back", "the spool has no room", true);
        if (report is { Kind: not StreamKind.Finite, LastChunk: { At: { } news } last }
            && now - news > (last.To - last.From) * 2 + Patience)
            return new(Level.Bad, "No chunks", $"none for {Span(now - news)}", true);
        if (report.Dead > 0) return new(Level.Warning, "Recording", Dead(report), true);
        if (Late(report, now) is { } late) return new(Level.Warning, "Recording", late, true);
        return new(Level.Good, "Recording", null, true);
    }

    private static string? Late(StreamReport report, DateTimeOffset now) => now - report.WaitingSince is { } age && age > LongWait
        ? $"not stored for {Span(age)}: {Count(report.Spooled, "chunk waits", "chunks wait")}"
        : null;

    private static string Dead(StreamReport report) => Count(report.Dead, "dead letter", "dead letters");

    /// <summary>A number with its noun: <c>1 chunk</c>, <c>12 chunks</c>.</summary>
    public static string Count(long number, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {(number == 1 ? one : many)}");

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

    /// <summary>A number of bytes in the unit that suits it: <c>12 kB</c>, <c>88 MB</c>, <c>1.2 GB</c>.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000_000 => (bytes / 1e3).ToString("0", CultureInfo.InvariantCulture) + " kB",
        < 1_000_000_000 => (bytes / 1e6).ToString("0", CultureInfo.InvariantCulture) + " MB",
        < 1_000_000_000_000 => (bytes / 1e9).ToString("0.0", CultureInfo.InvariantCulture) + " GB",
        _ => (bytes / 1e12).ToString("0.0", CultureInfo.InvariantCulture) + " TB",
    };
}
