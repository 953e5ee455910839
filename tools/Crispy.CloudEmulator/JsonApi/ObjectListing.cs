using System.Text.Json;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.JsonApi;

/// <summary><c>GET /storage/v1/b/{bucket}/o</c>: a page of objects, and of prefixes up to a delimiter.</summary>
internal sealed class ObjectListing(ObjectStore objects, Buckets buckets)
{
    public async Task AnswerAsync(HttpContext context, string bucket)
    {
        buckets.Get(bucket);
        var page = Collect(bucket, ListingQuery.Of(context.Request), Paging.After(context.Request), Paging.Size(context.Request));
        await JsonBody.WriteAsync(context, JsonBody.Compose(json => Write(json, page, context)));
    }

    private Page Collect(string bucket, ListingQuery query, string after, int atMost)
    {
        var page = new Page([], [], null);
        var more = true;
        while (more)
        {
            more = false;
            objects.Scan(bucket, query.From, after, query.Before, stored =>
            {
                if (!stored.Name.StartsWith(query.Prefix, StringComparison.Ordinal)) return false;
                if (query.Pattern?.IsMatch(stored.Name) == false) return true;
                if (page.Objects.Count + page.Prefixes.Count >= atMost)
                {
                    page = page with { NextToken = Paging.Token(after) };
                    return false;
                }
                var group = query.GroupOf(stored.Name);
                if (group is null || (query.WithTrailing && group == stored.Name)) page.Objects.Add(stored);
                after = stored.Name;
                if (group is null) return true;
                page.Prefixes.Add(group);
                after = group + ObjectStore.LastName;
                more = true;
                return false;
            });
        }
        return page;
    }

    private static void Write(Utf8JsonWriter json, Page page, HttpContext context)
    {
        json.WriteStartObject();
        json.WriteString("kind", "storage#objects");
        if (page.NextToken is { } token) json.WriteString("nextPageToken", token);
        if (page.Prefixes.Count > 0)
        {
            json.WriteStartArray("prefixes");
            foreach (var prefix in page.Prefixes) json.WriteStringValue(prefix);
            json.WriteEndArray();
        }
        if (page.Objects.Count > 0)
        {
            json.WriteStartArray("items");
            foreach (var stored in page.Objects) ResourceJson.Write(json, stored, context.BaseUri());
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private sealed record Page(List<StoredObject> Objects, List<string> Prefixes, string? NextToken);
}
