using Microsoft.AspNetCore.Authentication;

namespace Crispy.Console.Access;

/// <summary>Refuses requests that bring neither the token nor a session, and those that another site made a browser send.</summary>
public static class Guard
{
    // What holds no data: the sign-in page, what it is drawn with, and the probes. Metrics ask for a token themselves.
    private static readonly string[] Open =
        [Sessions.SignInPath, Sessions.BeginPath, ServiceDefaults.HealthPath, ServiceDefaults.AlivePath, MetricsEndpoint.Path, "/_content", "/_framework", "/css", "/js", "/vendor", "/.well-known/jwks.json"];
    private static readonly string[] OpenFiles = ["/favicon.svg", "/Crispy.Console.styles.css"];

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
        if (path.StartsWithSegments("/api") || path.StartsWithSegments("/openapi") || path.StartsWithSegments("/_blazor"))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"crispy\"";
            await Results.Problem("This needs 'Authorization: Bearer' with the token of Crispy:Api:Token, or a session.", statusCode: StatusCodes.Status401Unauthorized, title: "Token needed")
                .ExecuteAsync(context);
            return;
        }
        context.Response.Redirect($"{Sessions.SignInPath}?to={Uri.EscapeDataString(path + context.Request.QueryString)}");
    }

    private static bool IsOpen(PathString path) =>
        Open.Any(open => path.StartsWithSegments(open)) || OpenFiles.Contains(path.Value, StringComparer.OrdinalIgnoreCase)
        || path.Value is { } file && file.StartsWith("/Crispy.Console.", StringComparison.Ordinal) && file.EndsWith(".css", StringComparison.Ordinal);
}
