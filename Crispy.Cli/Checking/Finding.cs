namespace Crispy.Cli.Checking;

/// <summary>Something that is not as it was recorded.</summary>
/// <param name="Kind">One of <see cref="FindingKind"/>.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Message">What, in one line, for people.</param>
internal sealed record Finding(string Kind, string Stream, string Message)
{
    /// <summary>The object, or the file, that is to blame; null where something is not there at all.</summary>
    public string? Place { get; init; }

    /// <summary>The chunk's id, where one is known.</summary>
    public string? Chunk { get; init; }

    /// <summary>First sequence number concerned.</summary>
    public long? FromSequence { get; init; }

    /// <summary>Last sequence number concerned.</summary>
    public long? ToSequence { get; init; }
}

/// <summary>The kinds of findings, as they stand in the report.</summary>
internal static class FindingKind
{
    /// <summary>An object's bytes are not those that were signed.</summary>
    public const string Altered = "altered";

    /// <summary>An object holds a chunk that belongs under another name.</summary>
    public const string Moved = "moved";

    /// <summary>The manifest or loss record is absent or malformed.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>There is no signature.</summary>
    public const string Unsigned = "unsigned";

    /// <summary>The signature does not fit.</summary>
    public const string Forged = "forged";

    /// <summary>The signature names a key that was not given.</summary>
    public const string UnknownKey = "unknownKey";

    /// <summary>Links of the chain are not there.</summary>
    public const string Missing = "missing";

    /// <summary>Two links with consecutive numbers do not fit together.</summary>
    public const string BrokenLink = "brokenLink";

    /// <summary>Two links follow the same one.</summary>
    public const string Fork = "fork";

    /// <summary>The numbers of a ledger's report exclude each other.</summary>
    public const string Unbalanced = "unbalanced";

    /// <summary>Chunks do not stand in the order in which they were recorded.</summary>
    public const string Reordered = "reordered";

    /// <summary>A chain ends without a final chunk, and nobody knows whether it went on.</summary>
    public const string OpenEnd = "openEnd";
}

/// <summary>A place in a stream's chain whose signature, or whose successor's, was believed.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Chunk">The chunk's id.</param>
/// <param name="Sequence">Its number.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Hash">What the next link must hold: SHA-256, lower-case hexadecimal.</param>
/// <param name="Previous">What the link before must have; null for the first of a chain.</param>
/// <param name="From">UTC.</param>
/// <param name="To">UTC.</param>
/// <param name="Place">Where it lies.</param>
internal sealed record Link(string Stream, string Chunk, long Sequence, string Epoch, string Hash, string? Previous, DateTimeOffset From,
    DateTimeOffset To, string Place)
{
    /// <summary>Whether its source ended or its recorder stopped in order after it.</summary>
    public bool IsFinal { get; init; }

    /// <summary>Why the chunk is lost; null where it is there.</summary>
    public string? LossReason { get; init; }

    /// <summary>Whether its signature is good. If not, it counts only where a believed link holds the hash of its own bytes.</summary>
    public bool IsSigned { get; init; }

    /// <summary>The spool that recorded it, where several recorders share the stream: each has a chain of its own.
    /// Null otherwise.</summary>
    public string? Spool { get; init; }

    /// <summary>The last link of another recorder's chain that it names, since it recorded on from there;
    /// null on all but the first after a change.</summary>
    public Contracts.ChainEnd? After { get; init; }

    /// <summary>Whether a hold keeps it, at any age.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Whether <see cref="Hash"/> is of its own bytes; a loss record may name that of the lost chunk's manifest instead.</summary>
    public bool IsOwnHash { get; init; } = true;
}
