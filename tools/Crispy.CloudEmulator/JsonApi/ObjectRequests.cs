using System.Buffers;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Receiving;
using Crispy.CloudEmulator.Storing;
using Microsoft.Win32.SafeHandles;

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
            case "PUT":
                var whole = await JsonBody.ReadAsync(request);
                await AnswerAsync(context, await objects.PatchAsync(
                    bucket, name, generation, preconditions, _ => new ObjectAttributes().With(whole), context.BaseUri()));
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

    /// <summary>copyTo answers with the object, rewriteTo with an account of the work, all done in one call.</summary>
    public async Task CopyAsync(HttpContext context, string bucket, string name, string verb, string targetBucket, string targetName)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method)) throw StorageException.MethodNotAllowed();
        var changes = await JsonBody.ReadAsync(request);
        buckets.Get(targetBucket);
        var (source, file) = await objects.OpenAsync(
            bucket, name, Preconditions.Number(request, "sourceGeneration"), Preconditions.FromQuery(request, prefix: "ifSource"));
        StoredObject copy;
        using (file)
        using (var staged = objects.Stage())
        {
            Copy(file, staged, source.Size);
            var draft = new ObjectDraft
            {
                Bucket = targetBucket,
                Name = ObjectDraft.CheckedName(targetName),
                Attributes = source.Attributes.With(changes),
            };
            copy = await objects.FinishAsync(staged, draft, Preconditions.FromQuery(request), context.BaseUri());
        }
        if (verb == "copyTo") await AnswerAsync(context, copy);
        else await JsonBody.WriteAsync(context, Rewritten(context, copy));
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

    private static void Copy(SafeFileHandle source, StagedFile target, long size)
    {
        var block = new byte[(int)Math.Min(256 * 1024, size)];
        for (long offset = 0; offset < size;)
        {
            var read = RandomAccess.Read(source, block, offset);
            if (read == 0) throw new InvalidDataException("The object's file is shorter than its record says");
            target.Write(new ReadOnlySequence<byte>(block, 0, read));
            offset += read;
        }
    }

    private static Task AnswerAsync(HttpContext context, StoredObject stored)
    {
        context.Response.Headers.ETag = stored.ETag;
        return JsonBody.WriteAsync(context, ResourceJson.Object(stored, context.BaseUri(), context.ShownCrc32c()));
    }
}
