using System.Text.Json.Serialization;
using Crispy.Contracts;

namespace Crispy.Cli.Audits;

/// <summary>The first line that is wrong.</summary>
/// <param name="File">Its file.</param>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Kind">What is wrong (<see cref="AuditFinding"/>).</param>
/// <param name="Text">In a sentence.</param>
internal sealed record AuditFault(string File, int Line, string Kind, string Text);

/// <summary>What files of an audit log came to.</summary>
/// <param name="Entries">Good entries, up to the first that is wrong.</param>
/// <param name="First">The number of the first; null where there is none.</param>
/// <param name="Last">The number of the last good one.</param>
/// <param name="Files">How many files were read.</param>
/// <param name="Finding">The first line that is wrong; null where none is.</param>
internal sealed record AuditVerdict(long Entries, long? First, long? Last, int Files, AuditFault? Finding)
{
    /// <summary>Bytes of a last line that is not finished: the log is being written, or its writer was killed;
    /// its next start cuts them off.</summary>
    public long Unfinished { get; init; }

    /// <summary>SHA-256 of the last good line, as the console's own log has it beside the number.</summary>
    public string? Head { get; init; }

    /// <summary>The process's exit code.</summary>
    [JsonIgnore]
    public int ExitCode => Finding is null ? Cli.ExitCode.Well : Cli.ExitCode.Findings;
}

/// <summary>Checks signatures and chain of an audit log, line by line and across its files.</summary>
internal static class AuditVerification
{
    private const string Pattern = "audit-*.jsonl";

    /// <summary>The files that a place names: the file itself, those of a log's folder, or those of a run's data folder.</summary>
    /// <returns>The files, oldest first, and whether they should be the whole log.</returns>
    /// <exception cref="FileNotFoundException">There are none.</exception>
    public static (IReadOnlyList<string> Files, bool IsWhole) Open(string place)
    {
        if (File.Exists(place)) return ([place], false);
        if (!Directory.Exists(place)) throw new FileNotFoundException($"{place}: there is no such file or folder");
        foreach (var folder in (string[])[place, Path.Combine(place, "audit")])
        {
            if (!Directory.Exists(folder)) continue;
            if (Directory.GetFiles(folder, Pattern) is { Length: > 0 } files) return ([.. files.Order(StringComparer.Ordinal)], true);
        }
        throw new FileNotFoundException($"{place}: there is no file {Pattern}");
    }

    /// <summary>Keys that lie beside the files: those of a local run, and one that the console made.</summary>
    public static IReadOnlyList<string> OwnKeys(IReadOnlyList<string> files)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(files[0]))!;
        return [.. new[] { Path.Combine(folder, "audit.pem"), Path.Combine(folder, "..", "keys", "report.pem") }.Where(File.Exists)];
    }

    /// <summary>Checks.</summary>
    /// <param name="files">Oldest first.</param>
    /// <param name="isWhole">Whether they are to begin with the log's first entry,
    /// or with one before which a signed entry says that others were deleted.</param>
    /// <param name="verifier">Knows the console's keys.</param>
    public static AuditVerdict Check(IReadOnlyList<string> files, bool isWhole, ManifestVerifier verifier)
    {
        var chain = new AuditChain(verifier);
        var (entries, unfinished, first) = (0L, 0L, (File: files[0], Line: 1));
        string? head = null;
        foreach (var file in files)
        {
            ReadOnlySpan<byte> rest = File.ReadAllBytes(file);
            for (var line = 1; rest.Length > 0; line++)
            {
                var end = rest.IndexOf((byte)'\n');
                // Only the newest file can be in the middle of a line.
                if (end < 0 && file == files[^1])
                {
                    unfinished = rest.Length;
                    break;
                }
                var text = end < 0 ? rest : rest[..end];
                if (chain.Check(text) is { } wrong) return Verdict(new(file, line, wrong.Kind, wrong.Text));
                (entries, head) = (entries + 1, AuditLine.Hash(text));
                rest = end < 0 ? [] : rest[(end + 1)..];
            }
        }
        if (isWhole && chain.First > 0 && !(chain.Pruned >= chain.First - 1))
            return Verdict(
                new(first.File, first.Line, "missing",
                    $"the log begins with entry {chain.First}, and no entry says that those before it were deleted"));
        return Verdict(null);

        AuditVerdict Verdict(AuditFault? fault) =>
            new(entries, chain.First, chain.Next - 1, files.Count, fault) { Unfinished = unfinished, Head = head };
    }
}
