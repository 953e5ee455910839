using System.Text.Json.Serialization;

namespace Crispy.Contracts.Api;

/// <summary>What was done.</summary>
[JsonConverter(typeof(ApiEnumConverter<AuditAction>))]
public enum AuditAction
{
    /// <summary>Not known to this version.</summary>
    Unknown,

    /// <summary>A stream was added.</summary>
    Added,

    /// <summary>A stream's definition was changed.</summary>
    Changed,

    /// <summary>A stream was paused.</summary>
    Paused,

    /// <summary>A stream was resumed.</summary>
    Resumed,

    /// <summary>A stream was started again.</summary>
    Restarted,

    /// <summary>A stream was removed.</summary>
    Removed,

    /// <summary>An address was tried.</summary>
    Probed,

    /// <summary>Dead chunks were sent again.</summary>
    Replayed,

    /// <summary>Dead chunks were given up.</summary>
    Discarded,

    /// <summary>A range of video, an account or a report of losses was taken out.</summary>
    Exported,

    /// <summary>A chunk was taken out, by a signed URL.</summary>
    Downloaded,

    /// <summary>A range was held: it is kept at any age.</summary>
    Held,

    /// <summary>A range's hold was ended.</summary>
    Released,

    /// <summary>A test notice was sent.</summary>
    Tested,

    /// <summary>Something else was asked of stream-handle; <c>detail</c> says what.</summary>
    Asked,

    /// <summary>Somebody signed in.</summary>
    SignedIn,

    /// <summary>Somebody signed out.</summary>
    SignedOut,

    /// <summary>Somebody was refused; <c>detail</c> says what.</summary>
    Refused,

    /// <summary>The oldest file of this log was deleted, since there were more than are kept; <c>until</c> is its last entry.</summary>
    Pruned,
}

/// <summary>An entry of the console's audit log: who did what to what, when, and how it ended. It holds no secret.</summary>
/// <param name="Schema">Name and version of the form.</param>
/// <param name="Sequence">Counts the log's entries, from 0.</param>
/// <param name="Id">Names what was done; no other entry has it.</param>
/// <param name="At">When it was asked for, UTC.</param>
/// <param name="Subject">Who: the <c>sub</c> of OpenID Connect, <c>token</c>, or <c>token:</c> and a token's name;
/// empty where nobody signed in.</param>
/// <param name="Name">What that person or program is called.</param>
/// <param name="Role">The role in which it was done.</param>
/// <param name="Way">How they signed in.</param>
/// <param name="Action">What.</param>
public sealed record AuditEntry(
    string Schema, long Sequence, string Id, DateTimeOffset At, string Subject, string Name, Role Role, SignInWay Way, AuditAction Action)
{
    /// <summary>The stream's id; null where it was none, or several.</summary>
    public string? Stream { get; init; }

    /// <summary>Ids of the chunks; null where it were none.</summary>
    public IReadOnlyList<string>? Chunks { get; init; }

    /// <summary>Begin of the range, UTC; null where there was none.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>End of the range, UTC; null where there was none.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>What else there is to say.</summary>
    public string? Detail { get; init; }

    /// <summary>The network address from which a request came; null for what was done on a page.</summary>
    public string? Client { get; init; }

    /// <summary>Of <c>pruned</c>: the last entry that is no longer there.</summary>
    public long? Until { get; init; }

    /// <summary>How it ended, as a status of HTTP; null where the console ended before that was known.</summary>
    public int? Status { get; init; }

    /// <summary>SHA-256 of the line before, in hex; null in the first.</summary>
    public string? Previous { get; init; }
}

/// <summary>A page of the audit log: <c>GET /api/audit</c>.</summary>
/// <param name="Items">Entries, newest first.</param>
/// <param name="Next">The <c>after</c> of the next page; null where this is the last.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Items, string? Next);
