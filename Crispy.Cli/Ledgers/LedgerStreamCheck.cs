using System.Globalization;
using Crispy.Cli.Checking;
using Crispy.Contracts;

namespace Crispy.Cli.Ledgers;

/// <summary>Checks one stream of a report.</summary>
/// <param name="verifier">The keys that are believed for records.</param>
/// <param name="file">The report.</param>
/// <param name="stream">The stream.</param>
/// <param name="signer">The key that the report names as its own: it signs no records.</param>
internal sealed class LedgerStreamCheck(ManifestVerifier verifier, LedgerFile file, LedgerFileStream stream, string? signer)
{
    private readonly List<Finding> _findings = [];
    private readonly LedgerAccount _account = stream.Account;
    private int _proven;

    /// <summary>Runs all checks.</summary>
    public LedgerStreamVerdict Run()
    {
        var losses = stream.LossRecords.Select(Loss).OfType<LossRecord>().ToList();
        Manifest(stream.First, "first");
        Manifest(stream.Last, "last");
        CheckSums(losses);
        return new(_account, [.. losses.Select(loss => new DeclaredLoss(loss.Chunk, loss.Reason, loss.From, loss.To))], _proven, _findings);
    }

    private void CheckSums(List<LossRecord> losses)
    {
        // Decimals: numbers that somebody made up must not overflow.
        var sum = (decimal)_account.Stored + _account.Spooled + _account.Dead + _account.Lost + _account.Balance;
        if (_account.Captured != sum || _account.Balance != _account.Missing)
            Unbalanced($"captured {_account.Captured} is not stored {_account.Stored} + spooled {_account.Spooled} + dead {_account.Dead} "
                + $"+ lost {_account.Lost} + missing {_account.Missing} (balance {_account.Balance})");
        if (_account.Losses.Sum(loss => (decimal)loss.Chunks) is var listed && listed != _account.Lost)
            Unbalanced($"lost are {_account.Lost}, and the list names {listed}");
        if (_account.Holes.Sum(hole => (decimal)hole.Last - hole.First + 1) is var holes && holes != _account.Missing)
            Unbalanced($"missing are {_account.Missing}, and the list names {holes}");
        var chunks = losses.DistinctBy(loss => loss.Chunk).Count();
        if (stream.LossRecords.Count != _account.Lost || chunks != losses.Count)
            Unbalanced($"lost are {_account.Lost}, and the records in the report are {stream.LossRecords.Count}, of {chunks} chunks");
        else if (losses.Count == stream.LossRecords.Count && !Reasons(_account.Losses.Select(loss => (loss.Reason, loss.Chunks)))
            .SequenceEqual(Reasons(losses.Select(loss => (loss.Reason, 1L)))))
            Unbalanced("the reasons in the list are not those of the records");
        if (_account.Missing > 0)
        {
            var spools = file.Spool == "away" ? "; the spools were not asked, and may hold them" : "";
            Add(FindingKind.Missing,
                $"{_account.Missing} numbers are nowhere: {string.Join(", ", _account.Holes.Select(Numbers))}{spools}");
        }
    }

    private static IEnumerable<(string Reason, decimal Chunks)> Reasons(IEnumerable<(string Reason, long Chunks)> losses) =>
        losses.GroupBy(loss => loss.Reason, StringComparer.Ordinal).Select(same => (same.Key, same.Sum(loss => (decimal)loss.Chunks)))
        .OrderBy(sum => sum.Key, StringComparer.Ordinal);

    private LossRecord? Loss(LedgerStatement statement) => Read(statement, "loss record", bytes =>
    {
        var record = LossJson.Read(bytes);
        return (record, record.Object, record.Stream, record.From, record.To);
    });

    private void Manifest(LedgerStatement? statement, string which)
    {
        if (statement is null && _account.Stored > 0) Add(FindingKind.Missing, $"the manifest of the {which} chunk is not in the report");
        if (statement is null) return;
        Read(statement, $"manifest of the {which} chunk", bytes =>
        {
            var manifest = ManifestJson.Read(bytes);
            return (manifest, manifest.Object, manifest.Stream, manifest.From, manifest.To);
        });
    }

    /// <returns>Null where it proves nothing.</returns>
    private T? Read<T>(LedgerStatement statement, string what,
        Func<byte[], (T Statement, string Object, string Stream, DateTimeOffset From, DateTimeOffset To)> read) where T : class
    {
        if (statement.Bytes is not { } bytes) return Refuse<T>(FindingKind.Unreadable, statement, $"the {what} is not in the report");
        try
        {
            var (stated, name, owner, from, to) = read(bytes);
            if (signer is not null && ManifestVerifier.KeyIdOf(statement.Signature) == signer)
                return Refuse<T>(FindingKind.Forged, statement, $"the {what} is signed by the report's own key, which signs no recordings");
            var state = verifier.Check(bytes, statement.Signature);
            if (state != SignatureState.Verified) return Refuse<T>(ItemCheck.Kind(state), statement, $"the {what}: {Reason(state)}");
            if (name != statement.Object || owner != _account.Id)
                return Refuse<T>(FindingKind.Moved, statement, $"the {what} is that of {name}");
            if (from >= file.To || to < file.From)
                return Refuse<T>(FindingKind.Moved, statement,
                    $"the {what} is of another time, {Instants.Format(from)} to {Instants.Format(to)}");
            _proven++;
            return stated;
        }
        catch (FormatException malformed)
        {
            return Refuse<T>(FindingKind.Unreadable, statement, malformed.Message);
        }
    }

    private T? Refuse<T>(string kind, LedgerStatement statement, string message) where T : class
    {
        _findings.Add(new(kind, _account.Id, $"{statement.Object}: {message}") { Place = statement.Object });
        return null;
    }

    private void Unbalanced(string message) => Add(FindingKind.Unbalanced, message);

    private void Add(string kind, string message) => _findings.Add(new(kind, _account.Id, message));

    private static string Reason(SignatureState state) => state switch
    {
        SignatureState.Missing => "there is no signature",
        SignatureState.UnknownKey => "signed by a key that is not among the given ones",
        _ => "the signature was not made over it",
    };

    private static string Numbers(LedgerHoles hole) =>
        hole.First == hole.Last
        ? hole.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{hole.First} to {hole.Last}");
}
