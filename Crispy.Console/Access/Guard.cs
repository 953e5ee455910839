using Microsoft.AspNetCore.Authentication;

namespace Crispy.Console.Access;

/// <summary>Refuses requests that bring neither the token nor a session, and those that another site made a browser send.</summary>
public static class Guard
{
    // What holds no data: the sign-in page, what it is drawn with, and the probes.
    private static readonly string[] Open = [Sessions.SignInPath, Sessions.BeginPath, ServiceDefaults.HealthPath, ServiceDefaults.AlivePath, "/_content", "/_framework", "/css", "/js", "/vendor", "/.well-known/jwks.json"];
    private static readonly string[] OpenFiles = ["/favicon.svg", "/Crispy.Console.styles.css"];

    /// <summary>Puts the guard before everything that follows.</summary>
    public static void UseGuard(this IApplicationBuilder app, AccessToken access) => app.Use(async (context, next) =>
    {
        var path = context.Request.Path;
        var byHeader = access.MatchesHeader(context.Request.Headers.Authorization);
        if (!byHeader && IsForeign(context.Request))
        {
            await Results.Problem("Another site sent this request.", statusCode: StatusCodes.Status403Forbidden, title: "Not from this site").ExecuteAsync(context);
            return;
        }
        if (access.AllowsEverybody || byHeader || IsOpen(path) || (await context.AuthenticateAsync()).Succeeded)
        {
            await next(context);
            return;
        }
        if (path.StartsWithSegments("/api") || path.StartsWithSegments("/openapi") || path.StartsWithSegments("/_blazor"))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"crispy\"";
            await Results.Problem("This needs 'Authorization: Bearer' with the token of Crispy:Api:Token, or a session.", statusCode: StatusCodes.Status401Unauthorized, title: "Token needed")
                .ExecuteAsync(context);
            return;
        }
        context.Response.Redirect($"{Sessions.SignInPath}?to={Uri.EscapeDataString(path + context.Request.QueryString)}");
    });

    private static bool IsOpen(PathString path) =>
        Open.Any(open => path.StartsWithSegments(open)) || OpenFiles.Contains(path.Value, StringComparer.OrdinalIgnoreCase)
        || path.Value is { } file && file.StartsWith("/Crispy.Console.", StringComparison.Ordinal) && file.EndsWith(".css", StringComparison.Ordinal);

    // Browsers say where a request comes from (Fetch Metadata); other clients say nothing, and send no cookie of a person either.
    private static bool IsForeign(HttpRequest request)
    {
        var isSafe = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        var isSocket = request.Path.StartsWithSegments("/_blazor");
        if (isSafe && !isSocket) return false;
        if (request.Headers["Sec-Fetch-Site"] is [{ } site]) return site is not ("same-origin" or "none");
        return request.Headers.Origin is [{ } origin] && (!Uri.TryCreate(origin, UriKind.Absolute, out var from) || from.Authority != request.Host.Value);
    }
}
