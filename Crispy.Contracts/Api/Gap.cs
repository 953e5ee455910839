using System.Text.Json.Serialization;

namespace Crispy.Contracts.Api;

/// <summary>Why there is no video for a time.</summary>
[JsonConverter(typeof(ApiEnumConverter<GapKind>))]
public enum GapKind
{
    /// <summary>A kind that this version does not know.</summary>
    Unknown,

    /// <summary>The camera could not be read: <see cref="Gap.Reason"/> is its error.</summary>
    Camera,

    /// <summary>The connection to the camera ended and was made again.</summary>
    Reconnect,

    /// <summary>The camera sent nothing for so long that the connection was made again.</summary>
    Stalled,

    /// <summary>The spool was full, and the stream is set to stop then.</summary>
    SpoolFull,

    /// <summary>stream-handle was not running.</summary>
    Restart,

    /// <summary>A person had paused the stream.</summary>
    Paused,

    /// <summary>A person changed the stream or began it again.</summary>
    Changed,

    /// <summary>The source's own clock jumped, or it sent nothing for a while.</summary>
    Discontinuity,

    /// <summary>Another replica took the stream over after its holder had gone.</summary>
    Takeover,

    /// <summary>The stream moved to a replica with fewer streams.</summary>
    Rebalance,

    /// <summary>The lease was lost and got again.</summary>
    Lease,

    /// <summary>It was recorded and declared lost; a signed record says so.</summary>
    Loss,
}

/// <summary>Time that a stream has no video of.</summary>
/// <param name="From">UTC time at which it begins: the end of the last frame before it.</param>
/// <param name="To">UTC time at which it ends.</param>
/// <param name="Reason">Why: one of <c>restart</c>, <c>paused</c>, <c>changed</c>, <c>takeover</c>, <c>rebalance</c>,
/// <c>lease</c>, <c>discontinuity</c>,
/// <c>reconnect</c>, <c>stalled</c>, <c>spoolFull</c>, a <see cref="LossReason"/>, or else a camera's error in words.</param>
public sealed record Gap(DateTimeOffset From, DateTimeOffset To, string Reason)
{
    /// <summary>How many of the newest gaps of a stream are remembered.</summary>
    public const int Kept = 50;

    /// <summary>stream-handle was not running.</summary>
    public const string Restart = "restart";

    /// <summary>A person had paused the stream.</summary>
    public const string Paused = "paused";

    /// <summary>A person changed the stream or began it again.</summary>
    public const string Changed = "changed";

    /// <summary>Another replica took the stream over.</summary>
    public const string Takeover = "takeover";

    /// <summary>The stream moved to a replica with fewer streams.</summary>
    public const string Rebalance = "rebalance";

    /// <summary>The lease was lost and got again.</summary>
    public const string Lease = "lease";

    /// <summary>The source's own clock jumped, or it sent nothing for a while.</summary>
    public const string Discontinuity = "discontinuity";

    /// <summary>The connection to the camera ended and was made again.</summary>
    public const string Reconnect = "reconnect";

    /// <summary>The camera sent nothing for so long that the connection was made again.</summary>
    public const string Stalled = "stalled";

    /// <summary>The spool was full, and the stream is set to stop then.</summary>
    public const string SpoolFull = "spoolFull";

    /// <summary>What <see cref="Reason"/> stands for.</summary>
    public GapKind Kind => Reason switch
    {
        Restart => GapKind.Restart,
        Paused => GapKind.Paused,
        Changed => GapKind.Changed,
        Takeover => GapKind.Takeover,
        Rebalance => GapKind.Rebalance,
        Lease => GapKind.Lease,
        Discontinuity => GapKind.Discontinuity,
        Reconnect => GapKind.Reconnect,
        Stalled => GapKind.Stalled,
        SpoolFull => GapKind.SpoolFull,
        _ when LossReason.IsKnown(Reason) => GapKind.Loss,
        _ => GapKind.Camera,
    };

    /// <summary>Why, in a sentence for people.</summary>
    [JsonIgnore]
    public string Text => Kind switch
    {
        GapKind.Restart => "Crispy was not running",
        GapKind.Paused => "it was paused",
        GapKind.Changed => "it was changed or begun again by a person",
        GapKind.Takeover => "the stream-handle that recorded it had gone, and another one took over",
        GapKind.Rebalance => "it moved to another stream-handle",
        GapKind.Lease => "stream-handle lost its lease and got it again",
        GapKind.Reconnect => "no connection to the camera",
        GapKind.Stalled => "the camera sent nothing",
        GapKind.SpoolFull => "the spool was full",
        GapKind.Discontinuity => "the camera's clock jumped, or the camera sent nothing",
        GapKind.Loss => $"recorded and lost: {Reason}",
        _ => Cause.Of(Reason),
    };

    /// <summary>The newest gaps with some more; one that goes on where one with the same reason ends lengthens it.</summary>
    public static IReadOnlyList<Gap> Append(IReadOnlyList<Gap> gaps, IEnumerable<Gap> more)
    {
        ArgumentNullException.ThrowIfNull(more);
        var all = gaps.ToList();
        foreach (var gap in more)
        {
            if (all.Contains(gap)) continue;
            if (all.Count > 0 && all[^1] is { } last && last.Reason == gap.Reason && last.To == gap.From)
                all[^1] = last with { To = gap.To };
            else all.Add(gap);
        }
        return all.Count > Kept ? all[^Kept..] : all;
    }
}
