using System.Text.Json.Nodes;
using Crispy.Console.StreamHandles;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Crispy.Console.Forwarding;

/// <summary>The OpenAPI document of all that the console's address serves: its own archive's, and stream-handle's.</summary>
public sealed class MergedDocument(
    [FromKeyedServices(MergedDocument.Own)] IOpenApiDocumentProvider archive, StreamHandleDirectory directory,
    StreamHandleClient client, KnownStreams streams)
{
    /// <summary>Name of the console's own document, at <c>/openapi/archive.json</c>.</summary>
    public const string Own = "archive";

    /// <summary>Answers with it. Where no stream-handle answers it is the archive's alone.</summary>
    public async Task GetAsync(HttpContext context)
    {
        var whole = JsonNode.Parse(await (await archive.GetOpenApiDocumentAsync(context.RequestAborted))
            .SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, context.RequestAborted))!.AsObject();
        whole["info"]!["title"] = "Crispy";
        whole["info"]!["description"] = "Streams, dead letters, events and what needs a person; chunks, timelines, pictures and accounts. "
            + "Errors are problem details (RFC 9457); those of a field name it in errors.";
        foreach (var streamHandle in streams.Answering(directory.Known).Take(1))
        {
            try
            {
                Add(whole, await client.GetAsync<JsonObject>(streamHandle, "/openapi/v1.json", context.RequestAborted));
            }
            catch (Exception away) when (away is RefusedException || StreamHandleClient.IsNoAnswer(away, context.RequestAborted))
            {
                // The archive's part is better than nothing.
            }
        }
        await Results.Json(whole).ExecuteAsync(context);
    }

    /// <summary>Adds the paths, schemas and tags of another document; where both have the same the first one's counts.</summary>
    internal static void Add(JsonObject whole, JsonObject other)
    {
        var names = Rename(whole, other);
        foreach (var (path, operations) in other["paths"]!.AsObject()) Child(whole, "paths").TryAdd(path, operations!.DeepClone());
        foreach (var (name, schema) in Schemas(other))
            if (!names.Contains(name)) Child(Child(whole, "components"), "schemas").TryAdd(name, schema!.DeepClone());
        var tags = whole["tags"] as JsonArray ?? [];
        if (tags.Parent is null) whole["tags"] = tags;
        foreach (var tag in other["tags"] as JsonArray ?? [])
            if (!tags.Any(known => (string?)known!["name"] == (string?)tag!["name"])) tags.Add(tag!.DeepClone());
    }

    // Two schemas of one name that differ are told apart by a longer name of the second.
    private static HashSet<string> Rename(JsonObject whole, JsonObject other)
    {
        var same = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, schema) in Schemas(other).ToList())
        {
            if (Schemas(whole)[name] is not { } known) continue;
            if (JsonNode.DeepEquals(known, schema)) same.Add(name);
            else Rename(other, name, $"StreamHandle{name}");
        }
        return same;
    }

    private static void Rename(JsonObject document, string before, string after)
    {
        var schema = Schemas(document)[before]!.DeepClone();
        Schemas(document).Remove(before);
        Schemas(document)[after] = schema;
        Point(document, $"#/components/schemas/{before}", $"#/components/schemas/{after}");
    }

    private static void Point(JsonNode? node, string before, string after)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array) Point(item, before, after);
        }
        if (node is not JsonObject members) return;
        if (members["$ref"] is JsonValue reference && (string?)reference == before) members["$ref"] = after;
        foreach (var (_, value) in members.ToList()) Point(value, before, after);
    }

    private static JsonObject Schemas(JsonObject document) => Child(Child(document, "components"), "schemas");

    private static JsonObject Child(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject child) parent[name] = child = [];
        return child;
    }
}
