using System.Net;
using System.Net.Http.Headers;
using Crispy.Console.People;
using Crispy.Console.StreamHandles;
using Yarp.ReverseProxy.Forwarder;

namespace Crispy.Console.Forwarding;

/// <summary>Makes the console's address serve the whole API. Every request under <c>/api</c> that is not the archive's goes to the
/// stream-handle that it is for, with the token.</summary>
public sealed class ApiForwarder(IHttpForwarder forwarder, HttpMessageInvoker transport, KnownStreams streams,
    StreamHandleDirectory directory, AccessToken token)
{
    /// <summary>Bytes of a body at most.</summary>
    public const int MaxBody = 128 * 1024;

    private static readonly ForwarderRequestConfig Patience = new() { ActivityTimeout = TimeSpan.FromSeconds(100) };

    /// <summary>Passes a request on, answer and all.</summary>
    /// <param name="context">The request.</param>
    /// <param name="path">Another path than the request's; null for that.</param>
    /// <param name="to">The stream-handle; null for the one whose stream the path names, else any.</param>
    public async Task ForwardAsync(HttpContext context, string? path = null, Uri? to = null)
    {
        if (context.Request.ContentLength > MaxBody)
        {
            await Results.Problem($"A body has at most {MaxBody} bytes.", statusCode: StatusCodes.Status413PayloadTooLarge,
                title: "Body too large").ExecuteAsync(context);
            return;
        }
        var streamHandle = to ?? Owner(context.Request.Path) ?? Any(context.Request);
        if (streamHandle is null)
        {
            await Results.Problem("No stream-handle is known: see Crispy:Console:StreamHandle.",
                statusCode: StatusCodes.Status503ServiceUnavailable, title: "No stream-handle").ExecuteAsync(context);
            return;
        }
        var error = await forwarder.SendAsync(context, streamHandle.ToString(), transport, Patience, new WithToken(token.Value, path));
        if (error is ForwarderError.None or ForwarderError.RequestCanceled or ForwarderError.ResponseBodyCanceled
            || context.Response.HasStarted)
            return;
        context.Response.Clear();
        await Results.Problem($"stream-handle at {StreamHandleClient.Redacted(streamHandle)} did not answer.",
            statusCode: StatusCodes.Status502BadGateway, title: "stream-handle is away").ExecuteAsync(context);
    }

    // /api/streams/{id}/... and /api/dead/{stream}/{epoch}/{sequence}, or the chunk's id as one percent-encoded segment.
    private Uri? Owner(PathString path)
    {
        var parts = (path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["api", "streams" or "dead", var id, ..]) return null;
        return streams.Find(Uri.UnescapeDataString(id).Split('/')[0])?.StreamHandle;
    }

    // A new stream goes to the one with the fewest; what is only read, to any that answers.
    private Uri? Any(HttpRequest request) =>
        (HttpMethods.IsPost(request.Method) ? null : streams.Answering(directory.Known).FirstOrDefault())
        ?? streams.LeastLoaded(directory.Known);

    // A person's cookie is the console's affair, and where the request came from was judged here.
    private sealed class WithToken(string? bearer, string? path) : HttpTransformer
    {
        private static readonly string[] Browsers =
            ["Cookie", "Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Fetch-User",
            // Another method than the one that was judged here.
            "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override"];

        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest,
            string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.Headers.Host = null;
            foreach (var header in Browsers) proxyRequest.Headers.Remove(header);
            proxyRequest.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
            if (path is not null) proxyRequest.RequestUri = new(new Uri(destinationPrefix), path);
        }

        public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse,
            CancellationToken cancellationToken)
        {
            // What stream-handle asks its client for is asked of the console, which answered it.
            if (proxyResponse?.StatusCode is HttpStatusCode.Unauthorized) proxyResponse.Headers.WwwAuthenticate.Clear();
            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        }
    }
}
