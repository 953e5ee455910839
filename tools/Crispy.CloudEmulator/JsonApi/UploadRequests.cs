using System.Globalization;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Receiving;
using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.JsonApi;

/// <summary><c>/upload/storage/v1/b/{bucket}/o</c>.</summary>
internal sealed class UploadRequests(ObjectStore objects, Buckets buckets, UploadSessions sessions)
{
    /// <summary>Nginx's "client closed request": how Cloud Storage answers the cancelling of an upload.</summary>
    private const int ClientClosedRequest = 499;

    public async Task HandleAsync(HttpContext context, string bucket)
    {
        var request = context.Request;
        var query = request.Query;
        if (query["upload_id"].ToString() is { Length: > 0 } session)
        {
            await ContinueAsync(context, session, completed => AnswerAsync(context, completed));
            return;
        }
        if (!HttpMethods.IsPost(request.Method) && !HttpMethods.IsPut(request.Method)) throw StorageException.MethodNotAllowed();
        buckets.Get(bucket);
        var type = query["uploadType"].ToString();
        if (type == "resumable")
        {
            await StartAsync(context, bucket);
            return;
        }
        await AnswerAsync(context, type switch
        {
            "multipart" => await MultipartAsync(request, bucket),
            "media" => await MediaAsync(request, bucket),
            _ => throw StorageException.Invalid($"Invalid value for uploadType: '{type}'; it is media, multipart or resumable"),
        });
    }

    /// <summary>A further request of a resumable upload, of either API.</summary>
    public async Task ContinueAsync(HttpContext context, string session, Func<StoredObject, Task> complete)
    {
        if (HttpMethods.IsDelete(context.Request.Method))
        {
            await sessions.CancelAsync(session);
            context.Response.StatusCode = ClientClosedRequest;
            return;
        }
        var (finished, received) = await sessions.TakeAsync(context.Request, session);
        if (finished is not null)
        {
            await complete(finished);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        context.Response.ContentLength = 0;
        if (received > 0) context.Response.Headers.Range = $"bytes=0-{received - 1}";
    }

    private async Task<StoredObject> MultipartAsync(HttpRequest request, string bucket)
    {
        var parts = new MultipartRelated(request);
        var resource = JsonBody.Parse(await parts.ReadResourceAsync());
        var mediaType = await parts.ReadMediaTypeAsync();
        var draft = ObjectDraft.FromJson(bucket, resource, request.Query["name"], mediaType).WithHashes(request.Headers);
        using var staged = objects.Stage();
        await parts.CopyMediaAsync(staged);
        return await objects.FinishAsync(staged, draft, Preconditions.FromQuery(request), request.HttpContext.BaseUri());
    }

    private async Task<StoredObject> MediaAsync(HttpRequest request, string bucket)
    {
        var draft = ObjectDraft.FromJson(bucket, JsonBody.Parse(default), request.Query["name"], request.ContentType)
            .WithHashes(request.Headers);
        if (request.Query["contentEncoding"].ToString() is { Length: > 0 } encoding)
            draft = draft with { Attributes = draft.Attributes with { ContentEncoding = encoding } };
        using var staged = objects.Stage();
        await staged.WriteAllAsync(request.BodyReader, long.MaxValue, request.HttpContext.RequestAborted);
        return await objects.FinishAsync(staged, draft, Preconditions.FromQuery(request), request.HttpContext.BaseUri());
    }

    private async Task StartAsync(HttpContext context, string bucket)
    {
        var request = context.Request;
        var resource = await JsonBody.ReadAsync(request);
        var draft = ObjectDraft.FromJson(bucket, resource, request.Query["name"], request.Headers["X-Upload-Content-Type"]);
        var preconditions = Preconditions.FromQuery(request);
        var session = await sessions.StartAsync(draft, preconditions, AnnouncedSize(request));
        context.Response.Headers.Location =
            $"{context.BaseUri()}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&name={Uri.EscapeDataString(draft.Name)}"
                + $"&upload_id={session.Id}";
        context.Response.Headers["X-GUploader-UploadID"] = session.Id;
        context.Response.ContentLength = 0;
    }

    private static long? AnnouncedSize(HttpRequest request)
    {
        var text = request.Headers["X-Upload-Content-Length"].ToString();
        if (text.Length == 0) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : throw StorageException.Invalid($"Invalid value for X-Upload-Content-Length: '{text}'");
    }

    private static Task AnswerAsync(HttpContext context, StoredObject stored)
    {
        context.Response.Headers.ETag = stored.ETag;
        return JsonBody.WriteAsync(context, ResourceJson.Object(stored, context.BaseUri(), context.ShownCrc32c()));
    }
}
