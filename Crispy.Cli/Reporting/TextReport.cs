using System.Globalization;
using Crispy.Cli.Checking;
using Crispy.Contracts;

namespace Crispy.Cli.Reporting;

/// <summary>A report for people: a line a stream, a line for each thing to tell of it, and the sum.</summary>
internal static class TextReport
{
    /// <summary>Writes it.</summary>
    public static void Write(VerifyReport report, TextWriter output)
    {
        foreach (var stream in report.Streams) Write(stream, output);
        foreach (var remark in report.Remarks ?? []) output.WriteLine(Printable(remark));
        var (chunks, losses, findings) = (report.Streams.Sum(stream => stream.Chunks), report.Streams.Sum(stream => stream.Losses.Count),
            report.Streams.Sum(stream => stream.Findings.Count));
        var verdict = report.ExitCode switch
        {
            ExitCode.Well => "all is well",
            ExitCode.DeclaredLosses => "nothing was tampered with, but video is declared lost",
            _ => chunks + losses == 0 ? "there is nothing to verify" : "NOT as it was recorded",
        };
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"streams={report.Streams.Count} chunks={chunks} losses={losses} findings={findings}: {verdict}{Still(report)}"));
    }

    private static string Still(VerifyReport report)
    {
        if (report.Recording is not true) return "";
        var waiting = report.Streams.Sum(stream => stream.OnTheirWay ?? 0);
        return "; recording still: " + waiting switch
        {
            0 => "none on its way",
            1 => "1 chunk on its way",
            _ => $"{waiting} chunks on their way",
        };
    }

    private static void Write(VerifiedStream stream, TextWriter output)
    {
        var time = stream is { From: { } from, To: { } to } ? $", {Instants.Format(from)} to {Instants.Format(to)}" : "";
        output.WriteLine($"{stream.Stream}: {stream.Chunks} chunks in {stream.Chains} {(stream.Chains == 1 ? "chain" : "chains")}{time}");
        foreach (var expired in stream.Expired ?? []) output.WriteLine(Line(expired));
        foreach (var pause in stream.Pauses)
            output.WriteLine($"  pause       {Instants.Format(pause.From)} to {Instants.Format(pause.To)}: nothing was recorded");
        foreach (var loss in stream.Losses) Write(loss, output);
        foreach (var finding in stream.Findings) Write(finding, output);
    }

    private static string Line(ExpiredLinks expired)
    {
        var chunks = expired.FromSequence == expired.ToSequence
            ? $"chunk {expired.FromSequence} is"
            : $"chunks {expired.FromSequence} to {expired.ToSequence} are";
        return string.Create(CultureInfo.InvariantCulture,
            $"  expired     {chunks} older than the {new RetentionPeriod(expired.Days).Words} for which video is kept ({expired.By}); "
                + $"the next one begins at {Instants.Format(expired.KeptFrom)}");
    }

    /// <summary>Writes the line of a loss.</summary>
    public static void Write(DeclaredLoss loss, TextWriter output) =>
        output.WriteLine(
            $"  lost        {Printable($"{loss.Chunk}: {loss.Reason}, {Instants.Format(loss.From)} to {Instants.Format(loss.To)}")}");

    /// <summary>Writes the line of a finding.</summary>
    public static void Write(Finding finding, TextWriter output) =>
        output.WriteLine($"  {finding.Kind.ToUpperInvariant(),-11} {Printable(finding.Message)}");

    /// <summary>Without what steers a terminal: names of objects are anybody's.</summary>
    public static string Printable(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));
}
