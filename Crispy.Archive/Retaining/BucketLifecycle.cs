using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Cloud.Storage.V1;

namespace Crispy.Archive;

/// <summary>A bucket's lifecycle rules as they are. They are read and written as JSON: the client's own classes would lose what they do
/// not know.</summary>
/// <param name="storage">The bucket's client.</param>
/// <param name="bucket">The bucket's name.</param>
internal sealed class BucketLifecycle(StorageClient storage, string bucket)
{
    /// <summary>Reads them.</summary>
    /// <exception cref="HttpRequestException">The bucket does not answer, or refuses; with its status.</exception>
    public async Task<StoredRules> ReadAsync(CancellationToken cancellation)
    {
        var answer = await SendAsync(HttpMethod.Get, "?fields=metageneration,lifecycle", null, cancellation).ConfigureAwait(false);
        var rules = answer["lifecycle"]?["rule"] as JsonArray;
        rules?.Parent!.AsObject().Remove("rule");
        var metageneration = (string?)answer["metageneration"];
        return new(rules ?? [], long.TryParse(metageneration, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : 0);
    }

    /// <summary>Replaces them all, unless somebody else has changed the bucket since they were read.</summary>
    /// <exception cref="HttpRequestException">The bucket does not answer, or refuses; with its status, which is 412 where it was
    /// changed.</exception>
    public Task WriteAsync(JsonArray rules, long metageneration, CancellationToken cancellation)
    {
        var body = new JsonObject { ["lifecycle"] = new JsonObject { ["rule"] = rules.DeepClone() } };
        return SendAsync(HttpMethod.Patch, string.Create(CultureInfo.InvariantCulture,
            $"?ifMetagenerationMatch={metageneration}&fields=metageneration"), body, cancellation);
    }

    private async Task<JsonNode> SendAsync(HttpMethod method, string query, JsonObject? body, CancellationToken cancellation)
    {
        var service = storage.Service;
        using var request = new HttpRequestMessage(method, new Uri(new Uri(service.BaseUri),
            $"/storage/v1/b/{Uri.EscapeDataString(bucket)}{query}"));
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await service.HttpClient.SendAsync(request, cancellation).ConfigureAwait(false);
        var text = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException(
                $"the bucket '{bucket}' answers {(int)response.StatusCode}: {Message(text) ?? response.ReasonPhrase}", null,
                response.StatusCode);
        return Parse(text) ?? throw new HttpRequestException($"the bucket '{bucket}' gives an answer that cannot be read", null,
            HttpStatusCode.OK);
    }

    private static string? Message(string text) => Parse(text)?["error"] is JsonObject error ? (string?)error["message"] : null;

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A bucket's rules.</summary>
/// <param name="Rules">All of them.</param>
/// <param name="Metageneration">The bucket's, for a change of nothing else.</param>
internal sealed record StoredRules(JsonArray Rules, long Metageneration);
