using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Archive;
using Crispy.Cli.Terminal;
using Crispy.Contracts;
using Spectre.Console;

namespace Crispy.Cli.Retaining;

/// <summary>What a bucket's rules are, and what of them is to change.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Plan">What is wanted.</param>
/// <param name="Change">What changes for it.</param>
internal sealed record ChangeReport(string Bucket, RetentionPlan Plan, LifecycleChange Change)
{
    private const int Named = 10;

    /// <summary>Reckons it.</summary>
    /// <exception cref="Api.UnableException">Nobody says what some stream keeps, or Cloud Storage would not take the rules.</exception>
    public static ChangeReport Of(string bucket, Wanted wanted, StoredRules present, IReadOnlyList<string> stored)
    {
        var ours = present.Rules.Where(LifecycleRules.IsOurs).ToList();
        if (!wanted.IsWhole && wanted.Video.Days is not null && LifecycleRules.NamedStreams(present.Rules).Count > 0
            && LifecycleRules.VideoOf([.. ours.Select(rule => rule!.DeepClone())], "-").Days is null)
            throw new Api.UnableException(
                $"the rules of '{bucket}' keep some streams forever, and only the API knows which: "
                    + "run this without --days, where the API can be asked");
        var plan = RetentionPlan.For(wanted.Video, wanted.LossRecords, wanted.Streams, stored, present.Rules, wanted.IsWhole);
        var change = LifecycleChange.Of(present.Rules, plan.Rules());
        if (LifecycleRules.Excess(change.Rules) is { } excess)
            throw new Api.UnableException($"this does not fit into one bucket: {excess}. {Remedy(plan)}");
        return new(bucket, plan, change);
    }

    /// <summary>Rules of others that delete something sooner than it is wanted.</summary>
    public IReadOnlyList<string> Sooner()
    {
        JsonArray foreign = [.. Change.Foreign.Select(rule => rule.DeepClone())];
        var (others, told) = (LifecycleRules.VideoOf(foreign, "-"), new List<string>());
        if (others < Plan.Video) told.Add(
            $"Another rule of the bucket deletes video after {others.Words}, sooner than the {Plan.Video.Words} that are wanted. "
                + "It is not Crispy's, and stays.");
        foreach (var (stream, own) in Plan.Streams.Where(stream =>
            LifecycleRules.VideoOf(foreign, stream.Key) is var by && by < (stream.Value ?? Plan.Video)
            && (by != others || others >= Plan.Video)))
            told.Add($"Another rule of the bucket deletes video of {stream} after {LifecycleRules.VideoOf(foreign, stream).Words}, "
                + $"sooner than the {(own ?? Plan.Video).Words} that are wanted.");
        return told;
    }

    /// <summary>As one JSON document.</summary>
    public JsonObject ToJson(bool isSet) => new()
    {
        ["bucket"] = Bucket, ["changed"] = isSet, ["differs"] = Change.IsAny,
        ["removed"] = Copies(Change.Removed), ["added"] = Copies(Change.Added), ["kept"] = Copies(Change.Kept),
            ["foreign"] = Copies(Change.Foreign),
        ["rules"] = Change.Rules.DeepClone(), ["warnings"] = new JsonArray([.. Sooner().Select(text => JsonValue.Create(text))]),
    };

    /// <summary>Prints what is there and what changes.</summary>
    public void Write()
    {
        Screen.Line($"gs://{Bucket}: video must be kept {Plan.Video.Words}, loss records {Plan.KeptLossRecords.Words}; "
            + "days count from the time that is recorded");
        foreach (var group in Plan.Streams.Where(stream => stream.Value is not null).GroupBy(stream => stream.Value!.Value)
            .OrderBy(group => group.Key))
            Screen.Line($"  {group.Key.Words}: {Names([.. group.Select(stream => stream.Key).Order(StringComparer.Ordinal)])}");
        foreach (var rule in Change.Foreign) Tell(" ", rule, "  (not Crispy's: stays)", new(decoration: Decoration.Dim));
        foreach (var rule in Change.Kept) Tell("=", rule, "", null);
        foreach (var rule in Change.Removed) Tell("-", rule, "", new(Color.Red));
        foreach (var rule in Change.Added) Tell("+", rule, "", new(Color.Green));
        foreach (var warning in Sooner()) Screen.Remark($"crispy: {warning}", new(Color.Yellow));
        if (!Change.IsAny) Screen.Line("Nothing changes: the rules are so already.");
    }

    private static string Remedy(RetentionPlan plan) => plan.NamedForDefault > 0
        ? $"{plan.NamedForDefault} streams are named only because some are kept longer ({plan.Longest.Words}) "
            + $"than the default ({plan.Video.Words}): make that the default, or keep those in a bucket of their own"
        : "Use fewer different numbers of days, or buckets of their own";

    private static string Names(List<string> streams) =>
        streams.Count <= Named ? string.Join(", ", streams) : $"{string.Join(", ", streams.Take(Named))} and {streams.Count - Named} more";

    private static void Tell(string sign, JsonNode rule, string remark, Style? style) =>
        Screen.Line(Screen.Printable($"  {sign} {JsonSerializer.Serialize(rule, Compact)}{remark}"), style);

    private static readonly JsonSerializerOptions Compact =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonArray Copies(IEnumerable<JsonNode> rules) => [.. rules.Select(rule => rule.DeepClone())];
}
