using Microsoft.AspNetCore.Http;

namespace Microsoft.Extensions.Hosting;

/// <summary>Whether a page of another site made a browser send a request. Browsers say where a request comes from, by <c>Origin</c> (RFC
/// 6454) and by <c>Sec-Fetch-Site</c> (Fetch Metadata). They add <c>Origin</c> to all that is not a plain GET. Programs say
/// nothing.</summary>
internal static class RequestSource
{
    /// <summary>Whether a request may change something, or opens a connection that may.</summary>
    /// <param name="request">The request.</param>
    public static bool Changes(HttpRequest request) => !IsPlain(request.Method) || HttpMethods.IsConnect(request.Method)
        || request.HttpContext.WebSockets.IsWebSocketRequest
        || request.Headers.Upgrade.Any(protocol => protocol?.Contains("websocket", StringComparison.OrdinalIgnoreCase) == true);

    /// <summary>Whether it comes from another origin than the one that it is sent to. Each thing that a browser says must agree.</summary>
    /// <param name="request">The request, whose host is known to be this service's own.</param>
    public static bool IsForeign(HttpRequest request)
    {
        var (site, origin) = (request.Headers["Sec-Fetch-Site"], request.Headers.Origin);
        if (site.Count > 0 && site is not [("same-origin" or "none")]) return true;
        return origin.Count > 0 && !(origin is [{ } only] && IsOwn(only, request));
    }

    private static bool IsPlain(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    // A proxy in front that speaks TLS leaves the scheme of the request plain; the other way round is another origin.
    private static bool IsOwn(string origin, HttpRequest request)
    {
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var from) || from.Scheme is not ("http" or "https")) return false;
        if (from.UserInfo.Length > 0 || from.PathAndQuery != "/" || origin.EndsWith('/')) return false;
        if (request.IsHttps && from.Scheme == "http") return false;
        var ownPort = request.Host.Port ?? (from.Scheme == "https" ? 443 : 80);
        return Host(from.Host) == Host(request.Host.Host) && from.Port == ownPort;
    }

    private static string Host(string host) => host.TrimEnd('.').ToLowerInvariant();
}
