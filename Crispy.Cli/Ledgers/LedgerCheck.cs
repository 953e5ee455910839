using System.Text;
using Crispy.Cli.Checking;
using Crispy.Cli.Sources;
using Crispy.Contracts;

namespace Crispy.Cli.Ledgers;

/// <summary>Holds a report of the ledger against its own signature, against those of the records in it,
/// and against the conservation law.</summary>
/// <param name="reports">The keys that are believed for reports.</param>
/// <param name="recordings">The keys that are believed for records.</param>
/// <param name="streams">Only these streams; all where empty.</param>
internal sealed class LedgerCheck(ManifestVerifier reports, ManifestVerifier recordings, IReadOnlyList<string> streams)
{
    /// <summary>Whether a place is a file, and so must be a report: chunks lie in folders and buckets.</summary>
    public static bool IsOne(string place) => !place.StartsWith("gs://", StringComparison.Ordinal) && File.Exists(place);

    /// <summary>Checks one report.</summary>
    /// <exception cref="SourceException">The file is no report, or not one of a size that is read.</exception>
    public LedgerVerdict Check(string place)
    {
        var content = new FileInfo(place).Length <= LedgerFile.MaxBytes
            ? File.ReadAllBytes(place)
            : throw new SourceException($"{place}: larger than any report that is read");
        if (!LedgerReport.IsOne(content))
            throw new SourceException($"{place}: not a report of the ledger; chunks are verified in their folder or bucket");
        var findings = new List<Finding>();
        var verdict = new LedgerVerdict(place, [], findings);
        var (json, key) = CheckSignature(content, place, findings);
        try
        {
            var file = LedgerFile.Read(json);
            var wanted = file.Streams.Where(stream => streams.Count == 0 || streams.Contains(stream.Account.Id, StringComparer.Ordinal));
            var signer = SignerOf(content);
            return verdict
                with { Key = key, Made = file.Made, From = file.From, To = file.To,
                    Streams = [.. wanted.Select(stream => new LedgerStreamCheck(recordings, file, stream, signer).Run())] };
        }
        catch (FormatException unreadable)
        {
            findings.Add(new(FindingKind.Unreadable, "", unreadable.Message) { Place = place });
            return verdict with { Key = key };
        }
    }

    /// <returns>The JSON's bytes, and the key that signed them, where it is believed.</returns>
    private (byte[] Json, string? Key) CheckSignature(byte[] content, string place, List<Finding> findings)
    {
        LedgerReport report;
        try
        {
            report = LedgerReport.Read(content);
        }
        catch (FormatException altered)
        {
            findings.Add(new(FindingKind.Forged, "", altered.Message) { Place = place });
            return (SignedLines.FirstLine(content).ToArray(), null);
        }
        var state = report.Check(reports);
        if (state == SignatureState.Verified) return (report.Json, ManifestVerifier.KeyIdOf(report.Signature));
        var (kind, message) = state switch
        {
            SignatureState.Missing => (FindingKind.Unsigned, "nobody signed the report: only the records in it prove themselves"),
            SignatureState.UnknownKey => (FindingKind.UnknownKey, "the report is signed by a key that is not among the given ones"),
            _ => (FindingKind.Forged, "the signature was not made over this report: a byte of it is another one, "
                + "or it was signed for something else"),
        };
        findings.Add(new(kind, "", message) { Place = place });
        return (report.Json, null);
    }

    // Of a report that is altered too.
    private static string? SignerOf(byte[] content) =>
        ManifestVerifier.KeyIdOf(
            Encoding.Latin1.GetString(content.AsSpan(Math.Min(content.Length, SignedLines.FirstLine(content).Length + 1))).TrimEnd('\n'));
}
