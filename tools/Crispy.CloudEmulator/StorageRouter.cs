using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.JsonApi;
using Crispy.CloudEmulator.Signing;
using Crispy.CloudEmulator.XmlApi;
using Microsoft.AspNetCore.Connections;
using Microsoft.Data.Sqlite;

namespace Crispy.CloudEmulator;

/// <summary>Every request of Cloud Storage's own APIs, by its path as it came.</summary>
internal sealed class StorageRouter(
    BucketRequests buckets, ObjectRequests objects, ObjectListing listing, ComposeRequests composing, UploadRequests uploads,
    NotificationRequests notifications, XmlRequests xml, SignedUrl signed, SignedUrlV2 signedV2, ILogger<StorageRouter> log)
{
    public async Task HandleAsync(HttpContext context)
    {
        var target = RequestTarget.Of(context);
        try
        {
            await (target.IsJsonApi ? JsonAsync(context, target) : XmlAsync(context, target));
        }
        catch (StorageException error)
        {
            await ErrorAnswer.WriteAsync(context, error);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
        }
        catch (Exception error) when (error is ConnectionResetException or BadHttpRequestException)
        {
            context.Abort();
        }
        catch (Exception error) when (error is SqliteException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Log.RequestFailed(log, error, context.Request.Method, target.RawPath);
            await ErrorAnswer.WriteAsync(context,
                new(500, "backendError", "InternalError", "We encountered an internal error. Please try again."));
        }
    }

    /// <summary>Whether a request has a signature, and is one that is refused unless the signature is right.</summary>
    public static bool WillCheckSignature(HttpRequest request) => !RequestTarget.Of(request.HttpContext).IsJsonApi
        && !request.Path.StartsWithSegments("/_emulator", StringComparison.OrdinalIgnoreCase)
        && (SignedUrl.IsIn(request) || SignedUrlV2.IsIn(request));

    private Task JsonAsync(HttpContext context, RequestTarget target)
    {
        var segments = target.Segments;
        return segments switch
        {
            ["storage", "v1", "b"] => buckets.AllAsync(context),
            ["storage", "v1", "b", _] => buckets.OneAsync(context, target.Decoded(3)),
            ["storage", "v1", "b", _, "o"] when HttpMethods.IsGet(context.Request.Method) =>
                listing.AnswerAsync(context, target.Decoded(3)),
            ["storage", "v1", "b", _, "o", _] => objects.HandleAsync(context, target.Decoded(3), target.Decoded(5)),
            ["storage", "v1", "b", _, "o", _, "rewriteTo", "b", _, "o", _] =>
                objects.CopyAsync(context, target.Decoded(3), target.Decoded(5), target.Decoded(8), target.Decoded(10)),
            ["storage", "v1", "b", _, "o", _, "moveTo", "o", _] =>
                objects.MoveAsync(context, target.Decoded(3), target.Decoded(5), target.Decoded(8)),
            ["storage", "v1", "b", _, "o", _, "compose"] => composing.AnswerAsync(context, target.Decoded(3), target.Decoded(5)),
            ["storage", "v1", "b", _, "o", _, "acl", ..] => throw StorageException.UniformAccess(),
            ["storage", "v1", "projects", _, "serviceAccount"] => BucketRequests.ServiceAccountAsync(context, target.Decoded(3)),
            ["storage", "v1", "b", _, "notificationConfigs"] => notifications.AllAsync(context, target.Decoded(3)),
            ["storage", "v1", "b", _, "notificationConfigs", _] => notifications.OneAsync(context, target.Decoded(3), target.Decoded(5)),
            ["upload", "storage", "v1", "b", _, "o"] => uploads.HandleAsync(context, target.Decoded(4)),
            ["download", "storage", "v1", "b", _, "o", _] when HttpMethods.IsGet(context.Request.Method) =>
                objects.DownloadAsync(context, target.Decoded(4), target.Decoded(6)),
            _ => throw StorageException.NotFound("Not Found"),
        };
    }

    private Task XmlAsync(HttpContext context, RequestTarget target)
    {
        if (target.Segments.Length < 2 || target.Segments[1].Length == 0 && target.Segments.Length == 2)
            throw StorageException.NotFound("Only objects are served here: /{bucket}/{object}");
        signed.Check(context.Request, target);
        signedV2.Check(context.Request, target);
        return xml.HandleAsync(context, target.Decoded(0), target.DecodedFrom(1));
    }
}
