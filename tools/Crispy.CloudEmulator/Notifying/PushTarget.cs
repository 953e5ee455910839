using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.Notifying;

/// <summary>A receiver of events: where it is, and what it wants to hear of.</summary>
internal sealed record PushTarget
{
    /// <summary>Unique among all targets.</summary>
    public required string Key { get; init; }

    public required Uri Endpoint { get; init; }

    /// <summary>Null for every bucket.</summary>
    public string? Bucket { get; init; }

    /// <summary>Empty for all.</summary>
    public IReadOnlyList<string> EventTypes { get; init; } = [];

    public string NamePrefix { get; init; } = "";

    /// <summary>False when only attributes are wanted (payload format NONE).</summary>
    public bool WithResource { get; init; } = true;

    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    public bool Wants(ObjectEvent happened, StoredObject subject) =>
        (Bucket is null || Bucket == subject.Bucket)
        && subject.Name.StartsWith(NamePrefix, StringComparison.Ordinal)
        && (EventTypes.Count == 0 || EventTypes.Contains(EventNames.PubSub(happened)));
}

/// <summary>The names of events on the wire.</summary>
internal static class EventNames
{
    public static readonly string[] All = [.. Enum.GetValues<ObjectEvent>().Select(PubSub)];

    public static string PubSub(ObjectEvent happened) => happened switch
    {
        ObjectEvent.Finalize => "OBJECT_FINALIZE",
        ObjectEvent.Delete => "OBJECT_DELETE",
        _ => "OBJECT_METADATA_UPDATE",
    };
}
