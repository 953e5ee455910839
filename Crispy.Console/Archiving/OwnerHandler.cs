using System.Net.Http.Headers;
using Crispy.Console.People;
using Crispy.Console.StreamHandles;

namespace Crispy.Console.Archiving;

/// <summary>Brings what the archive asks of stream-handle to the one that has the stream, with the token.</summary>
internal sealed class OwnerHandler(HttpMessageInvoker transport, KnownStreams streams, StreamHandleDirectory directory, AccessToken token)
    : HttpMessageHandler
{
    /// <summary>The address that the archive asks at; every request goes on from there to a real one.</summary>
    public static readonly Uri Anywhere = new("http://stream-handle.invalid/");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.PathAndQuery;
        // Several stream-handles: which streams there are is known here already.
        if (directory.Known.Count > 1 && request.RequestUri.AbsolutePath == "/api/streams")
            return new() { Content = JsonContent.Create(
                new Page<Named>([.. streams.All.Select(stream => new Named(stream.Report.Id))], null), options: ApiJson.Options) };
        request.RequestUri = new(Owner(request.RequestUri.AbsolutePath), path);
        if (token.Value is { } bearer) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        return await transport.SendAsync(request, cancellationToken);
    }

    private Uri Owner(string path) =>
        (path.Split('/', StringSplitOptions.RemoveEmptyEntries) is ["api", "streams", var id, ..] ? streams.Find(id)?.StreamHandle : null)
        ?? (directory.Known.Count > 0 ? directory.Known[0] : throw new HttpRequestException("no stream-handle is known"));

    private sealed record Named(string Id);
}
