using System.Globalization;
using Crispy.Cli.Terminal;
using Crispy.Contracts;
using Spectre.Console;

namespace Crispy.Cli.Commands;

/// <summary>Streams as a table, trouble first.</summary>
internal static class StreamTable
{
    private static readonly StreamState[] Order =
    [
        StreamState.Unknown, StreamState.Failed, StreamState.Backoff, StreamState.Starting, StreamState.Running,
        StreamState.Standby, StreamState.Paused,
        StreamState.Ended, StreamState.Removed,
    ];

    /// <summary>Makes it.</summary>
    /// <param name="streams">The streams.</param>
    /// <param name="now">What the ages of their newest chunks are reckoned from.</param>
    /// <param name="most">No more than so many.</param>
    public static Listing Of(IEnumerable<StreamReport> streams, DateTimeOffset now, int most = int.MaxValue)
    {
        var table = new Listing(new("STREAM", Cut.Middle), new("STATE"), new("FPS", Right: true, Optional: true),
            new("BITRATE", Right: true, Optional: true), new("NEWEST", Right: true), new("STORED", Right: true, Optional: true),
            new("SPOOLED", Right: true),
            new("DEAD", Right: true), new("LOST", Right: true), new("SOURCE", Cut.End));
        foreach (var stream in streams.OrderBy(stream => Condition.Of(stream, now).Level)
            .ThenBy(stream => Array.IndexOf(Order, stream.State)).ThenBy(stream => stream.Id, StringComparer.Ordinal).Take(most))
        {
            table.Add(stream.Id, new(stream.State.Name(), Words.StateStyle(stream.State)),
                Words.Number(stream.FpsNow is { } fps ? Math.Round(fps, 1) : null), Words.Bitrate(stream.BitrateNow),
                stream.LastChunk is { } last ? Words.Span(now - last.To) : "", Count(stream.Law?.Stored), Count(stream.Spooled),
                Warned(stream.Dead), Count(stream.Law?.Lost),
                stream.Error is { } error ? new(Cause.Of(error, stream.Url), new Style(Color.Red), Whole: true) : new(stream.Url));
        }
        return table;
    }

    private static Cell Warned(long count) => new(Count(count), count > 0 ? new Style(Color.Red) : default(Style?));

    private static string Count(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "";
}
