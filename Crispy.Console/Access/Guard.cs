using Crispy.Console.Archiving;
using Microsoft.AspNetCore.Authentication;

namespace Crispy.Console.Access;

/// <summary>Refuses requests that bring neither the token nor a session, and those that another site made a browser send.</summary>
public static class Guard
{
    // What holds no data: the sign-in page, what it is drawn with, and the probes. Metrics ask for a token themselves.
    private static readonly string[] Open =
        [Sessions.SignInPath, Sessions.BeginPath, ServiceDefaults.HealthPath, ServiceDefaults.AlivePath, MetricsEndpoint.Path, "/_content", "/_framework", "/css", "/js", "/vendor", "/.well-known/jwks.json"];

    // Their names have a fingerprint before the ending.
    private static readonly (string Start, string End)[] OpenFiles = [("/favicon.", ".svg"), ("/Crispy.Console.", ".css")];

    private static readonly string[] ForPrograms = ["/api", "/openapi", "/_blazor", MetricsEndpoint.Path];

    /// <summary>Puts the guard before everything that follows.</summary>
    public static void UseGuard(this IApplicationBuilder app, AccessToken access)
    {
        app.UseRequestGuard(new(access.AllowedHosts, "Crispy:Api:AllowedHosts")
        {
            BringsToken = request => access.MatchesHeader(request.Headers.Authorization),
            IsConnection = request => request.Path.StartsWithSegments("/_blazor"),
            TakesJsonAlone = request => request.Path.StartsWithSegments("/api"),
        });
        app.Use((context, next) => RequireSessionAsync(context, next, access));
    }

    private static async Task RequireSessionAsync(HttpContext context, RequestDelegate next, AccessToken access)
    {
        var path = context.Request.Path;
        var byHeader = access.MatchesHeader(context.Request.Headers.Authorization);
        if (access.AllowsEverybody || byHeader || IsOpen(path) || (await context.AuthenticateAsync()).Succeeded)
        {
            await next(context);
            return;
        }
        if (!IsForPage(context.Request))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"crispy\"";
            await Results.Problem("This needs 'Authorization: Bearer' with the token of Crispy:Api:Token, or a session.", statusCode: StatusCodes.Status401Unauthorized, title: "Token needed")
                .ExecuteAsync(context);
            return;
        }
        context.Response.Redirect($"{Sessions.SignInPath}?to={Uri.EscapeDataString(path + context.Request.QueryString)}");
    }

    // A script that fetches a file is told so too: a page in its place would be saved as that file.
    private static bool IsForPage(HttpRequest request) =>
        !ForPrograms.Any(path => request.Path.StartsWithSegments(path))
        && !(request.Path.StartsWithSegments(Downloads.Path) && request.Headers["Sec-Fetch-Mode"] is [{ } mode] && mode != "navigate");

    private static bool IsOpen(PathString path) =>
        Open.Any(open => path.StartsWithSegments(open)) || path.Value is { } file && file.IndexOf('/', 1) < 0
        && OpenFiles.Any(open => file.StartsWith(open.Start, StringComparison.Ordinal) && file.EndsWith(open.End, StringComparison.Ordinal));
}
