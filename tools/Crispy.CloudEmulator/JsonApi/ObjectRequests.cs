using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Sending;
using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.JsonApi;

/// <summary><c>/storage/v1/b/{bucket}/o/{object}</c>, its download, and its copies.</summary>
internal sealed class ObjectRequests(ObjectStore objects, Buckets buckets)
{
    public async Task HandleAsync(HttpContext context, string bucket, string name)
    {
        var request = context.Request;
        var (generation, preconditions) = (Preconditions.Number(request, "generation"), Preconditions.FromQuery(request));
        switch (request.Method)
        {
            case "GET" when request.Query["alt"] == "media":
                await DownloadAsync(context, bucket, name);
                break;
            case "GET":
                await AnswerAsync(context, objects.Get(bucket, name, generation, preconditions));
                break;
            case "PATCH":
                var patch = await JsonBody.ReadAsync(request);
                await AnswerAsync(context, await objects.PatchAsync(
                    bucket, name, generation, preconditions, present => present.With(patch), context.BaseUri()));
                break;
            case "DELETE":
                await objects.DeleteAsync(bucket, name, generation, preconditions, context.BaseUri());
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            default:
                throw StorageException.MethodNotAllowed();
        }
    }

    public async Task DownloadAsync(HttpContext context, string bucket, string name)
    {
        var (stored, file) = await objects.OpenAsync(
            bucket, name, Preconditions.Number(context.Request, "generation"), Preconditions.FromQuery(context.Request));
        using (file) await Download.SendAsync(context, stored, file);
    }

    /// <summary>rewriteTo, all done in one call: answers with an account of the work.</summary>
    public async Task CopyAsync(HttpContext context, string bucket, string name, string targetBucket, string targetName) =>
        await JsonBody.WriteAsync(context, Rewritten(context, await StoreCopyAsync(context, bucket, name, targetBucket, targetName)));

    /// <summary>Another name in the same bucket, which the service changes at once.</summary>
    public async Task MoveAsync(HttpContext context, string bucket, string name, string targetName)
    {
        if (name == targetName) throw StorageException.Invalid("The source and the destination object must differ.");
        if (objects.Get(bucket, name, null, Preconditions.None).Attributes.ActiveHold is { } hold) throw StorageException.Held(bucket,
            name, hold);
        var moved = await StoreCopyAsync(context, bucket, name, bucket, targetName);
        await objects.DeleteAsync(bucket, name, null, Preconditions.None, context.BaseUri());
        await AnswerAsync(context, moved);
    }

    private async Task<StoredObject> StoreCopyAsync(HttpContext context, string bucket, string name, string targetBucket, string targetName)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method)) throw StorageException.MethodNotAllowed();
        var changes = await JsonBody.ReadAsync(request);
        buckets.Get(targetBucket);
        var (source, file) = await objects.OpenAsync(
            bucket, name, Preconditions.Number(request, "sourceGeneration"), Preconditions.FromQuery(request, prefix: "ifSource"));
        using (file)
        using (var staged = objects.Stage())
        {
            staged.Append(file, source.Size);
            var draft = new ObjectDraft
            {
                Bucket = targetBucket,
                Name = ObjectDraft.CheckedName(targetName),
                // What the request says of the copy replaces all that the source says of itself.
                Attributes = changes.EnumerateObject().Any() ? new ObjectAttributes().With(changes) : source.Attributes.ForCopy(),
                Components = source.Components,
            };
            return await objects.FinishAsync(staged, draft, Preconditions.FromQuery(request), context.BaseUri());
        }
    }

    private static byte[] Rewritten(HttpContext context, StoredObject copy) => JsonBody.Compose(json =>
    {
        json.WriteStartObject();
        json.WriteString("kind", "storage#rewriteResponse");
        json.WriteString("totalBytesRewritten", ResourceJson.Number(copy.Size));
        json.WriteString("objectSize", ResourceJson.Number(copy.Size));
        json.WriteBoolean("done", true);
        json.WritePropertyName("resource");
        ResourceJson.Write(json, copy, context.BaseUri());
        json.WriteEndObject();
    });

    private static Task AnswerAsync(HttpContext context, StoredObject stored)
    {
        context.Response.Headers.ETag = stored.ETag;
        return JsonBody.WriteAsync(context, ResourceJson.Object(stored, context.BaseUri(), context.ShownCrc32c()));
    }
}
