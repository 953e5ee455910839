using System.Text.Json.Nodes;

namespace Crispy.Contracts;

/// <summary>How long everything in a bucket must be kept, and the lifecycle rules of Cloud Storage that carry it out.</summary>
/// <param name="Video">The video of each stream that has nothing of its own.</param>
/// <param name="LossRecords">Loss records of all streams.</param>
/// <param name="Streams">Every stream that is known, with what is its own; null for those that have nothing of their own.</param>
/// <remarks>
/// A condition of a rule can name prefixes, but not exclude any. So the rule without prefixes is that of what is kept longest, and
/// where that is not the default, all others are named. A stream that the rules do not know
/// yet is kept too long, and never deleted too soon.
/// </remarks>
public sealed record RetentionPlan(RetentionPeriod Video, RetentionPeriod LossRecords, IReadOnlyDictionary<string,
    RetentionPeriod?> Streams)
{
    /// <summary>What is kept longest.</summary>
    public RetentionPeriod Longest => Streams.Values.Aggregate(Video, (longest, own) => RetentionPeriod.Longer(longest, own ?? Video));

    /// <summary>How long loss records are kept: they outlive all video.</summary>
    public RetentionPeriod KeptLossRecords => RetentionPeriod.Longer(LossRecords, Longest);

    /// <summary>How many streams are named only because another one is kept longer than the default.</summary>
    public int NamedForDefault => Longest == Video ? 0 : Streams.Values.Count(own => own is null);

    /// <summary>Makes a plan that takes nothing from streams which the settings no longer know, but the bucket does: what its rules say of
    /// them stays.</summary>
    /// <param name="video">The default.</param>
    /// <param name="losses">That of loss records.</param>
    /// <param name="known">The streams of the settings, with what is their own.</param>
    /// <param name="stored">The streams that have anything in the bucket.</param>
    /// <param name="present">The bucket's rules.</param>
    /// <param name="whole">Whether the settings know all streams that are recorded: then what they do not know was removed, and keeps what
    /// it had at least.</param>
    public static RetentionPlan For(RetentionPeriod video, RetentionPeriod losses, IReadOnlyDictionary<string, RetentionPeriod?> known,
        IEnumerable<string> stored, JsonArray present, bool whole)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(present);
        var streams = known.ToDictionary(StringComparer.Ordinal);
        var (named, ours) = (LifecycleRules.NamedStreams(present),
            new JsonArray([.. present.Where(LifecycleRules.IsOurs).Select(rule => rule!.DeepClone())]));
        // Who does not know all streams may leave out one that has nothing stored yet.
        foreach (var stream in (whole ? stored : stored.Union(named.Keys)).Where(stream => !streams.ContainsKey(stream)).ToList())
        {
            var had = whole && ours.Count > 0 ? LifecycleRules.VideoOf(ours, stream) : video;
            streams[stream] = named.TryGetValue(stream, out var period) ? period : had > video ? had : null;
        }
        return new(video, losses, streams);
    }

    /// <summary>The rules. There is one for each number of days of streams that are named, the shortest first. Then comes that of all
    /// others, then that of loss records.</summary>
    public IReadOnlyList<JsonObject> Rules()
    {
        var rules = new List<JsonObject>();
        var (longest, namesAll) = (Longest, Longest != Video);
        var named = Streams.Where(stream => stream.Value is not null || namesAll)
            .Select(stream => (stream.Key, (stream.Value ?? Video).Days));
        foreach (var group in named.Where(stream => stream.Days is not null).GroupBy(stream => stream.Days!.Value)
            .OrderBy(group => group.Key))
            rules.Add(LifecycleRules.Video(group.Key, [.. group.Select(stream => stream.Key).Order(StringComparer.Ordinal)]));
        if (longest.Days is { } days) rules.Add(LifecycleRules.Video(days, []));
        if (KeptLossRecords.Days is { } records) rules.Add(LifecycleRules.Losses(records));
        return rules;
    }
}
