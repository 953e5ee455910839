using System.Text.Json.Nodes;
using Crispy.StreamHandle.Redacting;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Supervising;

namespace Crispy.StreamHandle.Registering;

/// <summary>What a person decides about streams through the API. Each decision is durable first, then told to the other replicas, then
/// carried out here; when a call returns, it is.</summary>
public sealed class StreamEditor(StreamRegistry registry, StreamSupervisor supervisor, DefinitionShare share, RetentionSettings retention,
    ILogger<StreamEditor> log)
{
    /// <summary>Makes a stream.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="RefusalException">The definition is wrong (400), or there is a stream of that id (409).</exception>
    public async Task<string> CreateAsync(JsonObject definition)
    {
        var options = Read(definition, null);
        await DecideAsync(options.Id, "created", null, (entry, before) =>
        {
            if (entry is not null) throw Exists(entry);
            RequireAgreement(options);
            return new() { Id = options.Id, Version = 0, Changed = default, Restarts = before?.Restarts ?? 0,
                Definition = options.Definition };
        });
        return options.Id;
    }

    /// <summary>Replaces the definition of a stream of the API.</summary>
    /// <param name="id">The stream.</param>
    /// <param name="given">The whole definition, or a merge patch (RFC 7396).</param>
    /// <param name="isPatch">Which of them.</param>
    /// <param name="version">The version that the change is meant for; null for whichever there is.</param>
    /// <exception cref="RefusalException">There is no such stream (404), it is configured (409), another version (412),
    /// or the definition is wrong (400).</exception>
    public Task ChangeAsync(string id, JsonObject given, bool isPatch, long? version) =>
        DecideAsync(id, "changed", version, (entry, before) =>
    {
        var present = RequireMade(id, entry, before);
        var options = Read(isPatch ? Merge(present.Definition!, given) : given, present.Definition);
        RequireAgreement(options);
        return present with { Definition = options.Definition };
    });

    /// <summary>Removes a stream of the API. What lies in its spool is still published.</summary>
    /// <exception cref="RefusalException">There is no such stream (404), it is configured (409), or another version (412).</exception>
    public Task RemoveAsync(string id, long? version) => DecideAsync(id, "removed", version, (entry, before) =>
    {
        var present = RequireMade(id, entry, before);
        return present with { Removed = true, Enabled = true, Definition = present.Definition!.Redacted() };
    });

    /// <summary>Ends the recording of a stream, and keeps it so through restarts; or goes on with it.</summary>
    /// <exception cref="RefusalException">There is no such stream (404), or another version (412).</exception>
    public Task EnableAsync(string id, bool enabled, long? version)
    {
        if (registry.Find(id) is { } present && present.IsEnabled == enabled && version is null) return supervisor.ApplyAsync(id);
        return DecideAsync(id, enabled ? "resumed" : "paused", version,
            (entry, before) => Any(id, entry, before) with { Enabled = enabled });
    }

    /// <summary>Ends the recording of a stream and starts it again, in a new epoch.</summary>
    /// <exception cref="RefusalException">There is no such stream (404), it is paused (409), or another version (412).</exception>
    public Task RestartAsync(string id, long? version) => DecideAsync(id, "restarted", version, (entry, before) =>
    {
        var present = Any(id, entry, before);
        if (!present.Enabled)
            throw RefusalException.Conflict(ProblemTypes.StreamPaused, "Stream is paused",
                $"The stream '{id}' is paused; resume it instead.");
        return present with { Restarts = present.Restarts + 1 };
    });

    /// <summary>Reads the definition of a new stream, or one that replaces another.</summary>
    /// <exception cref="RefusalException">It is wrong (400).</exception>
    internal static StreamOptions Check(JsonObject given, StreamEntry? present) => Read(given, present?.Options.Definition);

    private async Task DecideAsync(string id, string decision, long? version, Func<StreamEntry?, StreamRecord?, StreamRecord> decide)
    {
        var record = registry.Decide(id, (entry, before) =>
        {
            if (version is { } expected && entry is not null && entry.Version != expected)
                throw new RefusalException(StatusCodes.Status412PreconditionFailed, ProblemTypes.AnotherVersion, "Another version",
                    $"If-Match asks for version {expected} of the stream '{id}', which is at version {entry.Version}.");
            return decide(entry, before);
        });
        Log.StreamDecided(log, id, decision, record.Version);
        share.Tell(id);
        await supervisor.ApplyAsync(id);
    }

    private static StreamRecord Any(string id, StreamEntry? entry, StreamRecord? before)
    {
        if (entry is null) throw RefusalException.UnknownStream(id);
        return before is { Removed: false } ? before : new() { Id = id, Version = 0, Changed = default };
    }

    private static StreamRecord RequireMade(string id, StreamEntry? entry, StreamRecord? before)
    {
        if (entry is null) throw RefusalException.UnknownStream(id);
        if (entry.IsConfigured)
            throw RefusalException.Conflict(ProblemTypes.StreamConfigured, "Stream is configured",
                $"The stream '{id}' stands in the configuration ({entry.Options.ConfiguredAt}), and only there it can be changed or "
                    + $"removed. It can be paused, resumed and restarted.");
        return before!;
    }

    private static RefusalException Exists(StreamEntry entry) => RefusalException.Conflict(ProblemTypes.StreamExists, "Stream exists",
        entry.IsConfigured
            ? $"The id '{entry.Options.Id}' is that of a stream of the configuration ({entry.Options.ConfiguredAt})."
            : $"There is a stream with the id '{entry.Options.Id}'.");

    // All shares together are at most the whole, and loss records outlive all video.
    private void RequireAgreement(StreamOptions options)
    {
        if (retention.Mistake(options) is { } mistake) throw RefusalException.BadField("retentionDays", mistake);
        var others = registry.Entries.Where(entry => entry.Options.Id != options.Id).Sum(entry => entry.Options.SpoolShare ?? 0);
        if (options.SpoolShare is { } own && others + own > 1.000001)
            throw RefusalException.BadField("spoolShare",
                FormattableString.Invariant($"is {own}, and those of the other streams together are {others}: the sum must be at most 1"));
    }

    private static JsonObject Merge(StreamDefinition present, JsonObject patch)
    {
        var merged = DefinitionReader.ToJson(present);
        foreach (var (name, value) in patch) merged[name] = value?.DeepClone();
        return merged;
    }

    private static StreamOptions Read(JsonObject sent, StreamDefinition? present)
    {
        var json = (JsonObject)sent.DeepClone();
        Dictionary<string, string[]> errors = [];
        if (present is not null)
        {
            if (json["id"] is { } id && Text(id) != present.Id) errors["id"] = ["is for good: remove the stream and make another one"];
            json["id"] = present.Id;
            if (json["url"] is not { } given || Text(given) == SourceUrl.Parse(present.Url!).Redacted) json["url"] = present.Url;
        }
        var options = DefinitionReader.Read(json, out var found);
        foreach (var (field, messages) in found) errors.TryAdd(field, messages);
        if (options?.Url is { Scheme: not ("file" or "demo") } url && url.Secret.Contains(Redaction.Mask, StringComparison.Ordinal))
            errors["url"] = ["is shown without its secrets: give the whole address"];
        return errors.Count == 0 ? options! : throw RefusalException.BadFields(errors);
    }

    private static string? Text(JsonNode node) =>
        node.GetValueKind() == System.Text.Json.JsonValueKind.String ? node.GetValue<string>() : null;
}
