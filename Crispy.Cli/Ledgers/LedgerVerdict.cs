using System.Globalization;
using System.Text.Json.Serialization;
using Crispy.Cli.Checking;
using Crispy.Cli.Reporting;
using Crispy.Contracts;

namespace Crispy.Cli.Ledgers;

/// <summary>What a report came to.</summary>
/// <param name="Place">The file.</param>
/// <param name="Streams">Its accounts.</param>
/// <param name="Findings">What is wrong with the report as a whole.</param>
internal sealed record LedgerVerdict(string Place, IReadOnlyList<LedgerStreamVerdict> Streams, IReadOnlyList<Finding> Findings)
{
    /// <summary>The name (RFC 7638) of the key that signed it, where it is believed.</summary>
    public string? Key { get; init; }

    /// <summary>When it says that it was made, UTC.</summary>
    public DateTimeOffset? Made { get; init; }

    /// <summary>The range's begin, UTC.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The range's end, UTC.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>All that is wrong.</summary>
    [JsonIgnore]
    public IEnumerable<Finding> AllFindings => Findings.Concat(Streams.SelectMany(stream => stream.Findings));
}

/// <summary>What one stream of a report came to.</summary>
/// <param name="Account">The numbers that the report states.</param>
/// <param name="Losses">The losses that a signed record proves.</param>
/// <param name="Proven">How many records and manifests have a good signature.</param>
/// <param name="Findings">What is wrong.</param>
internal sealed record LedgerStreamVerdict(LedgerAccount Account, IReadOnlyList<DeclaredLoss> Losses, int Proven,
    IReadOnlyList<Finding> Findings);

/// <summary>What all reports came to.</summary>
/// <param name="Keys">Names (RFC 7638) of the keys that were believed.</param>
/// <param name="Reports">The reports.</param>
internal sealed record LedgerVerdicts(IReadOnlyList<string> Keys, IReadOnlyList<LedgerVerdict> Reports)
{
    /// <summary>Whether nothing is wrong, and nothing lost.</summary>
    public bool Ok => ExitCode == Cli.ExitCode.Well;

    /// <summary>The process's exit code.</summary>
    [JsonIgnore]
    public int ExitCode => Reports.SelectMany(report => report.AllFindings).Any() ? Cli.ExitCode.Findings
        : Reports.Any(report => report.Streams.Any(stream => stream.Account.Lost > 0)) ? Cli.ExitCode.DeclaredLosses
        : Cli.ExitCode.Well;

    /// <summary>Writes them for people.</summary>
    public void Write(TextWriter output)
    {
        foreach (var report in Reports) Write(report, output);
        var verdict = ExitCode switch
        {
            Cli.ExitCode.Well => "all is well",
            Cli.ExitCode.DeclaredLosses => "what was signed, and complete, but video is declared lost",
            _ => "NOT to be relied on",
        };
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"reports={Reports.Count} streams={Reports.Sum(report => report.Streams.Count)} "
                + $"losses={Reports.Sum(report => report.Streams.Sum(stream => (decimal)stream.Account.Lost))} "
                + $"findings={Reports.Sum(report => report.AllFindings.Count())}: {verdict}"));
    }

    private static void Write(LedgerVerdict report, TextWriter output)
    {
        output.WriteLine($"{report.Place}: {(report.Key is { } key ? $"signed by {key}" : "no signature that can be believed")}");
        if (report is { From: { } from, To: { } to, Made: { } made })
            output.WriteLine($"  {Instants.Format(from)} to {Instants.Format(to)}, made {Instants.Format(made)}");
        foreach (var finding in report.Findings) TextReport.Write(finding, output);
        foreach (var stream in report.Streams)
        {
            var account = stream.Account;
            output.WriteLine(TextReport.Printable(string.Create(CultureInfo.InvariantCulture,
                $"{account.Id}: captured {account.Captured} = stored {account.Stored} + spooled {account.Spooled} + dead {account.Dead} + "
                    + $"lost {account.Lost} + missing {account.Missing}; {stream.Proven} signed records")));
            foreach (var loss in stream.Losses) TextReport.Write(loss, output);
            foreach (var finding in stream.Findings) TextReport.Write(finding, output);
        }
    }
}
