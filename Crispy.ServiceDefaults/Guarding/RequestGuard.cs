using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Microsoft.Extensions.Hosting;

/// <summary>How a service is guarded against pages of other sites in the browsers of those who may reach it.</summary>
/// <param name="AllowedHosts">Names that it has beyond those on which it listens, as <see cref="OwnHosts.Parse"/> gives them.</param>
/// <param name="HostsSetting">The key of that setting, told to people who need it.</param>
public sealed record RequestGuardOptions(IReadOnlyList<string> AllowedHosts, string HostsSetting)
{
    /// <summary>Whether the service has every name without a dot, even where it listens on loopback alone. A stand-in is called by the
    /// names of what it stands in for.</summary>
    public bool AnyBareName { get; init; }

    /// <summary>Whether a request brings the service's token, which no page of another site has: such a request is let pass.</summary>
    public Func<HttpRequest, bool> BringsToken { get; init; } = _ => false;

    /// <summary>Requests that open a connection of a page, no matter what their method says.</summary>
    public Func<HttpRequest, bool> IsConnection { get; init; } = _ => false;

    /// <summary>Where a body can only be JSON.</summary>
    public Func<HttpRequest, bool> TakesJsonAlone { get; init; } = _ => false;
}

/// <summary>Refuses what a page of another site makes a browser send, before anything else sees it.</summary>
public static class RequestGuard
{
    /// <summary>Answers with problem details (RFC 9457). A request under a host that is not this service's own gets 403. So does one that
    /// may change something and comes from another origin. A body that is not JSON, where only that is taken, gets 415.</summary>
    /// <param name="app">The application; the guard stands before all that is added later.</param>
    /// <param name="options">What is the service's own.</param>
    public static void UseRequestGuard(this IApplicationBuilder app, RequestGuardOptions options)
    {
        var hosts = OwnHosts.Of(app.ApplicationServices, options.AllowedHosts, options.AnyBareName);
        app.Use(async (context, next) =>
        {
            if (Refusal(context.Request, hosts, options) is { } refusal) await refusal.ExecuteAsync(context).ConfigureAwait(false);
            else await next(context).ConfigureAwait(false);
        });
    }

    private static IResult? Refusal(HttpRequest request, OwnHosts hosts, RequestGuardOptions options)
    {
        if (!options.BringsToken(request))
        {
            if (!hosts.Has(request.Host))
                return Forbidden("Unknown host",
                    $"This service does not answer under this name. Where it is right, add it to {options.HostsSetting}.");
            if ((RequestSource.Changes(request) || options.IsConnection(request)) && RequestSource.IsForeign(request))
                return Forbidden("Not from this site", "Another site sent this request.");
        }
        if (!RequestSource.Changes(request) || !options.TakesJsonAlone(request) || IsJson(request) || !HasBody(request)) return null;
        return Results.Problem("A body must be JSON, and its Content-Type say so.",
            statusCode: StatusCodes.Status415UnsupportedMediaType, title: "Not JSON");
    }

    private static IResult Forbidden(string title, string detail) =>
        Results.Problem(detail, statusCode: StatusCodes.Status403Forbidden, title: title);

    // A content type without a body is judged too: it is what a browser adds to an empty form.
    private static bool HasBody(HttpRequest request) => request.Headers.ContentType.Count > 0
        || request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;

    /// <summary>Whether a request says that its body is JSON: <c>application/json</c> or <c>application/...+json</c>.</summary>
    /// <param name="request">The request.</param>
    public static bool IsJson(HttpRequest request) =>
        request.Headers.ContentType is [{ } text] && MediaTypeHeaderValue.TryParse(text, out var type)
        && type.Type.Equals("application", StringComparison.OrdinalIgnoreCase)
        && (type.SubType.Equals("json", StringComparison.OrdinalIgnoreCase)
            || (type.SubTypeWithoutSuffix.Length > 0 && type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)));
}
