using System.Text.Json;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.JsonApi;

/// <summary><c>POST /storage/v1/b/{bucket}/o/{object}/compose</c>: up to 32 objects of a bucket, one after the other, become one.</summary>
internal sealed class ComposeRequests(ObjectStore objects, Buckets buckets)
{
    private const int MostSources = 32;

    public async Task AnswerAsync(HttpContext context, string bucket, string name)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method)) throw StorageException.MethodNotAllowed();
        var body = await JsonBody.ReadAsync(request);
        buckets.Get(bucket);
        using var staged = objects.Stage();
        var components = 0;
        foreach (var source in Sources(body))
        {
            var (part, file) = await objects.OpenAsync(bucket, source.Name, source.Generation, new(source.GenerationMatch));
            using (file) staged.Append(file, part.Size);
            components += part.Components ?? 1;
        }
        var destination = body.TryGetProperty("destination", out var given) ? given : JsonBody.Parse(default);
        var draft = new ObjectDraft
        {
            Bucket = bucket,
            Name = ObjectDraft.CheckedName(name),
            Attributes = new ObjectAttributes().With(destination),
            Components = components,
        };
        var composed = await objects.FinishAsync(staged, draft, Preconditions.FromQuery(request), context.BaseUri());
        await JsonBody.WriteAsync(context, ResourceJson.Object(composed, context.BaseUri(), context.ShownCrc32c()));
    }

    private static List<Source> Sources(JsonElement body)
    {
        if (!body.TryGetProperty("sourceObjects", out var list) || list.ValueKind != JsonValueKind.Array
            || list.GetArrayLength() is 0 or > MostSources)
            throw StorageException.Invalid($"sourceObjects must be 1 to {MostSources} objects");
        return [.. list.EnumerateArray().Select(item => new Source(
            JsonBody.Text(item, "name") ?? throw StorageException.Required("sourceObjects[].name"),
            JsonBody.Number(item, "generation"),
            item.TryGetProperty("objectPreconditions", out var conditions) ? JsonBody.Number(conditions, "ifGenerationMatch") : null))];
    }

    private readonly record struct Source(string Name, long? Generation, long? GenerationMatch);
}
