namespace Crispy.Contracts;

/// <summary>What is wrong with a line of the audit log.</summary>
/// <param name="Kind"><c>unreadable</c>, <c>unsigned</c>, <c>altered</c>, <c>unknownKey</c>, <c>missing</c>,
/// <c>moved</c> or <c>brokenLink</c>.</param>
/// <param name="Text">In a sentence.</param>
public sealed record AuditFinding(string Kind, string Text);

/// <summary>Follows the chain of the audit log, line by line, from its first one that is there.</summary>
/// <param name="verifier">Knows the keys of the console, and those that it had before.</param>
public sealed class AuditChain(ManifestVerifier verifier)
{
    private string? _previous;

    /// <summary>Sequence number of the first line; null before it.</summary>
    public long? First { get; private set; }

    /// <summary>The number that the next line must have; null before the first.</summary>
    public long? Next { get; private set; }

    /// <summary>The last entry that a <c>pruned</c> entry says is gone; null where none does.</summary>
    public long? Pruned { get; private set; }

    /// <summary>Looks at the next line.</summary>
    /// <param name="line">Without its newline.</param>
    /// <returns>What is wrong with it; null where it is good. After a finding the rest of the chain says nothing.</returns>
    public AuditFinding? Check(ReadOnlySpan<byte> line)
    {
        var (statement, signature) = AuditLine.Split(line);
        var state = line.Length > AuditLine.MaxBytes
            ? SignatureState.Invalid
            : verifier.Check(statement, signature, AuditLine.SignatureType);
        if (state != SignatureState.Verified) return Words(state, signature);
        try
        {
            return Follow(AuditLine.Read(line), line);
        }
        catch (FormatException unreadable)
        {
            return new("unreadable", unreadable.Message);
        }
    }

    private AuditFinding? Follow(Api.AuditEntry entry, ReadOnlySpan<byte> line)
    {
        if (Next is { } expected)
        {
            if (entry.Sequence > expected) return new("missing", $"entry {entry.Sequence} stands where entry {expected} belongs");
            if (entry.Sequence < expected) return new("moved", $"entry {entry.Sequence} stands where entry {expected} belongs");
            if (entry.Previous != _previous) return new("brokenLink", $"entry {entry.Sequence} was not written behind the line before it");
        }
        else if (entry.Sequence == 0 && entry.Previous is not null)
        {
            return new("brokenLink", "entry 0 names a line before it");
        }
        (First, Next, _previous) = (First ?? entry.Sequence, entry.Sequence + 1, AuditLine.Hash(line));
        if (entry.Action == Api.AuditAction.Pruned && entry.Until > (Pruned ?? -1)) Pruned = entry.Until;
        return null;
    }

    private static AuditFinding Words(SignatureState state, string? signature) => state switch
    {
        SignatureState.Missing => new("unsigned", "it has no signature"),
        SignatureState.UnknownKey =>
            new("unknownKey", $"it is signed by the key {ManifestVerifier.KeyIdOf(signature)}, which is not among those given"),
        _ => new("altered", "it is not what was signed"),
    };
}
