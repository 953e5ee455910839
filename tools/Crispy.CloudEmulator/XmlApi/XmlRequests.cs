using System.Globalization;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.JsonApi;
using Crispy.CloudEmulator.Receiving;
using Crispy.CloudEmulator.Sending;
using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.XmlApi;

/// <summary><c>/{bucket}/{object}</c>: the XML API's part that concerns objects, and so what signed URLs address.</summary>
internal sealed class XmlRequests(ObjectStore objects, Buckets buckets, UploadSessions sessions, UploadRequests uploads)
{
    public async Task HandleAsync(HttpContext context, string bucket, string name)
    {
        var request = context.Request;
        var preconditions = Preconditions.FromHeaders(request);
        var generation = Preconditions.Number(request, "generation");
        switch (request.Method)
        {
            case "PUT" or "DELETE" when request.Query["upload_id"].ToString() is { Length: > 0 } session:
                await uploads.ContinueAsync(context, session, stored => Stored(context, stored));
                break;
            case "PUT":
                await PutAsync(context, bucket, name, preconditions);
                break;
            case "POST" when request.Headers["x-goog-resumable"] == "start":
                await StartAsync(context, bucket, name, preconditions);
                break;
            case "GET" or "HEAD":
                var (stored, file) = await objects.OpenAsync(bucket, name, generation, preconditions);
                using (file) await Download.SendAsync(context, stored, file);
                break;
            case "DELETE":
                await objects.DeleteAsync(bucket, name, generation, preconditions, context.BaseUri());
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            default:
                throw StorageException.MethodNotAllowed();
        }
    }

    private async Task PutAsync(HttpContext context, string bucket, string name, Preconditions preconditions)
    {
        var request = context.Request;
        buckets.Get(bucket);
        var draft = Draft(request, bucket, name);
        using var staged = objects.Stage();
        await staged.WriteAllAsync(request.BodyReader, long.MaxValue, context.RequestAborted);
        await Stored(context, await objects.FinishAsync(staged, draft, preconditions, context.BaseUri()));
    }

    private async Task StartAsync(HttpContext context, string bucket, string name, Preconditions preconditions)
    {
        var session = await sessions.StartAsync(Draft(context.Request, bucket, name), preconditions, null);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location =
            $"{context.BaseUri()}/{bucket}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}?upload_id={session.Id}";
        context.Response.ContentLength = 0;
    }

    private static Task Stored(HttpContext context, StoredObject stored)
    {
        var headers = context.Response.Headers;
        headers["x-goog-generation"] = stored.Generation.ToString(CultureInfo.InvariantCulture);
        headers["x-goog-metageneration"] = stored.Metageneration.ToString(CultureInfo.InvariantCulture);
        headers["x-goog-stored-content-length"] = stored.Size.ToString(CultureInfo.InvariantCulture);
        headers["x-goog-stored-content-encoding"] = stored.Attributes.ContentEncoding ?? "identity";
        if (stored.Md5 is { } md5) headers.ETag = $"\"{Convert.ToHexStringLower(Convert.FromBase64String(md5))}\"";
        Download.WriteHash(context, stored);
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private static ObjectDraft Draft(HttpRequest request, string bucket, string name)
    {
        const string custom = "x-goog-meta-";
        var headers = request.Headers;
        var attributes = new ObjectAttributes
        {
            ContentType = request.ContentType,
            ContentEncoding = Text(headers.ContentEncoding),
            ContentDisposition = Text(headers.ContentDisposition),
            ContentLanguage = Text(headers.ContentLanguage),
            CacheControl = Text(headers.CacheControl),
            CustomTime = Text(headers["x-goog-custom-time"]),
            StorageClass = Text(headers["x-goog-storage-class"]),
        };
        foreach (var (key, value) in headers)
        {
            if (key.StartsWith(custom, StringComparison.OrdinalIgnoreCase))
                attributes.Metadata[key[custom.Length..].ToLowerInvariant()] = value.ToString();
        }
        var draft = new ObjectDraft
        {
            Bucket = bucket,
            Name = ObjectDraft.CheckedName(name),
            Attributes = attributes.Checked(),
            Md5 = Text(headers.ContentMD5),
        };
        return draft.WithHashes(headers);
    }

    private static string? Text(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
