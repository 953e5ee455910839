using System.Globalization;
using System.Text;
using System.Text.Json;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.JsonApi;

/// <summary><c>GET /storage/v1/b/{bucket}/o</c>: a page of objects, and of prefixes up to a delimiter.</summary>
internal sealed class ObjectListing(ObjectStore objects, Buckets buckets)
{
    private const int LargestPage = 1000;

    // Greater than any name can be, and than any name that begins with what it follows.
    private const string Last = "\U0010FFFF";

    public async Task AnswerAsync(HttpContext context, string bucket)
    {
        buckets.Get(bucket);
        var query = context.Request.Query;
        var page = Collect(bucket, query["prefix"].ToString(), query["delimiter"].ToString(),
            query["startOffset"].ToString(), query["endOffset"].ToString(), ParseToken(query["pageToken"]), PageSize(context.Request));
        await JsonBody.WriteAsync(context, JsonBody.Compose(json => Write(json, page, context)));
    }

    private Page Collect(string bucket, string prefix, string delimiter, string start, string end, string after, int atMost)
    {
        var page = new Page([], [], null);
        var from = string.CompareOrdinal(prefix, start) > 0 ? prefix : start;
        var more = true;
        while (more)
        {
            more = false;
            objects.Scan(bucket, from, after, end.Length > 0 ? end : Last, stored =>
            {
                if (!stored.Name.StartsWith(prefix, StringComparison.Ordinal)) return false;
                if (page.Objects.Count + page.Prefixes.Count == atMost)
                {
                    page = page with { NextToken = Convert.ToBase64String(Encoding.UTF8.GetBytes(after)) };
                    return false;
                }
                var cut = delimiter.Length == 0 ? -1 : stored.Name.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
                if (cut < 0)
                {
                    page.Objects.Add(stored);
                    after = stored.Name;
                    return true;
                }
                var group = stored.Name[..(cut + delimiter.Length)];
                page.Prefixes.Add(group);
                after = group + Last;
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

    private static int PageSize(HttpRequest request)
    {
        var text = request.Query["maxResults"].ToString();
        if (text.Length == 0) return LargestPage;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0
            ? Math.Min(size, LargestPage)
            : throw StorageException.Invalid($"Invalid value for maxResults: '{text}'");
    }

    private static string ParseToken(string? token)
    {
        if (string.IsNullOrEmpty(token)) return "";
        var bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token, bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw StorageException.Invalid($"Invalid value for pageToken: '{token}'");
    }

    private sealed record Page(List<StoredObject> Objects, List<string> Prefixes, string? NextToken);
}
