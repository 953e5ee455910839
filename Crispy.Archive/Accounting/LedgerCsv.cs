using System.Globalization;
using System.Text;
using Crispy.Contracts;
using static System.FormattableString;

namespace Crispy.Archive;

/// <summary>A ledger as comma-separated values (RFC 4180): a header, then for each stream one line <c>total</c> and lines of events. One
/// line stands for each loss, each unexplained hole, each time that was not recorded, and each step of the source's clock.</summary>
public static class LedgerCsv
{
    /// <summary>The media type of RFC 4180, section 3.</summary>
    public const string MediaType = "text/csv; charset=utf-8; header=present";

    private const string Header =
        "stream,row,from,to,reason,captured,stored,spooled,dead,lost,missing,balance,capturedSeconds,lostSeconds,gapSeconds,object";

    /// <summary>Writes it.</summary>
    public static string Write(Ledger ledger)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        var text = new StringBuilder(Header).Append("\r\n");
        foreach (var stream in ledger.Streams)
        {
            Line(text, stream.Id, "total", ledger.From, ledger.To, "", stream.Captured, stream.Stored, stream.Spooled, stream.Dead,
                stream.Lost, stream.Missing, stream.Balance,
                stream.Seconds.Captured, stream.Seconds.Lost, stream.Seconds.Gaps, "");
            foreach (var loss in stream.Losses)
                Line(text, stream.Id, "loss", loss.From, loss.To, loss.Reason, "", "", "", "", loss.Chunks, "", "", "",
                    (loss.To - loss.From).TotalSeconds, "", loss.Object);
            foreach (var hole in stream.Holes)
                Line(text, stream.Id, "missing", hole.From, hole.To, $"numbers {hole.First} to {hole.Last}", "", "", "", "", "",
                    hole.Last - hole.First + 1, "", "", "", (hole.To - hole.From).TotalSeconds, "");
            foreach (var gap in stream.Gaps.Where(gap => gap.Reason != GapReason.Missing))
                Line(text, stream.Id, "gap", gap.From, gap.To, gap.Reason, "", "", "", "", "", "", "", "", "",
                    (gap.To - gap.From).TotalSeconds, "");
            foreach (var step in stream.ClockSteps)
                Line(text, stream.Id, "clock", step.At, step.At, Invariant($"the source's clock was stepped by {step.Seconds:0.###} s"), "",
                    "", "", "", "", "", "", "", "", "", "");
        }
        return text.ToString();
    }

    private static void Line(StringBuilder text, params object[] fields) =>
        text.AppendJoin(',', fields.Select(field => Quoted(field is DateTimeOffset instant
        ? Instants.Format(instant)
        : Convert.ToString(field, CultureInfo.InvariantCulture)!))).Append("\r\n");

    // RFC 4180, section 2, rules 5 to 7.
    private static string Quoted(string field) =>
        field.AsSpan().ContainsAny(",\"\r\n") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
}
