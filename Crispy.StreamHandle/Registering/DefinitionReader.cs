using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Contracts;
using Crispy.StreamHandle.Redacting;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Registering;

/// <summary>Reads a stream's definition from JSON by the rules of the configuration.</summary>
internal static class DefinitionReader
{
    private const string UrlRule = "must be an rtsp:, rtsps:, http:, https:, file: or demo: URL or the path of a file";

    /// <summary>Reads a definition.</summary>
    /// <param name="json">Its fields; those that are null count as absent.</param>
    /// <param name="errors">What is wrong with each field; none holds a secret.</param>
    /// <returns>Null where there are errors.</returns>
    public static StreamOptions? Read(JsonObject json, out Dictionary<string, string[]> errors)
    {
        var found = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, node) in json)
            if (node is JsonArray items && name.Equals(nameof(StreamDefinition.Tags), StringComparison.OrdinalIgnoreCase))
                AddItems(name, items);
            else if (node is not null && !values.TryAdd(name, Text(node, () => Tell(name, "must be a single value"))))
                Tell(name, "is given twice");
        var section = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        var options = StreamOptionsReader.Read(
            new(section, (key, message) => Tell(key, key == "Url" ? UrlMessage(values.GetValueOrDefault("url"), message) : message),
                Redaction.InSettings));
        errors = found.ToDictionary(each => each.Key, each => each.Value.ToArray(), StringComparer.Ordinal);
        return errors.Count == 0 ? options : null;

        void AddItems(string name, JsonArray items)
        {
            for (var index = 0; index < items.Count; index++)
            {
                if (items[index] is not JsonValue item || item.GetValueKind() != JsonValueKind.String)
                    Tell(name, "must be a list of texts");
                else if (!values.TryAdd($"{name}:{index}", item.GetValue<string>() is { Length: > 0 } word ? word : " "))
                    Tell(name, "is given twice");
            }
        }

        void Tell(string key, string message)
        {
            var field = JsonNamingPolicy.CamelCase.ConvertName(key);
            if (!found.TryGetValue(field, out var messages)) found[field] = messages = [];
            messages.Add(message);
        }
    }

    /// <summary>Reads a definition that was read before.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="mistakes">Why it is no longer one.</param>
    public static StreamOptions? TryRead(StreamDefinition definition, out IReadOnlyList<string> mistakes)
    {
        var options = Read(ToJson(definition), out var errors);
        mistakes = [.. errors.SelectMany(error => error.Value.Select(message => $"{error.Key} {message}"))];
        return options;
    }

    /// <summary>A definition's fields.</summary>
    public static JsonObject ToJson(StreamDefinition definition) =>
        (JsonObject)JsonSerializer.SerializeToNode(definition, RecordJson.Default.StreamDefinition)!;

    // A number is written without an exponent, which the configuration does not know.
    private static string? Text(JsonNode node, Action onMistake)
    {
        switch (node.GetValueKind())
        {
            case JsonValueKind.String: return node.GetValue<string>();
            case JsonValueKind.True: return "true";
            case JsonValueKind.False: return "false";
            case JsonValueKind.Number when node.AsValue()
                .TryGetValue<decimal>(out var number): return number.ToString(CultureInfo.InvariantCulture);
            case JsonValueKind.Number: return node.ToJsonString();
            default:
                onMistake();
                return null;
        }
    }

    // What a malformed address holds of a password cannot be told, so it is not repeated.
    private static string UrlMessage(string? url, string message) =>
        url is null or "" || url.StartsWith("demo:", StringComparison.OrdinalIgnoreCase) ? message
        : Encoding.UTF8.GetByteCount(url) > SourceUrl.MaxBytes ? $"is longer than {SourceUrl.MaxBytes} bytes"
        : $"is not an address that can be read: {SourceAddress.Mistake(url, File.Exists) ?? UrlRule}";
}
