using Crispy.Console.Archiving;
using Crispy.Console.People;
using Microsoft.AspNetCore.Authentication;

namespace Crispy.Console.Access;

/// <summary>Refuses requests that bring neither a token nor a session, and those that another site made a browser send.</summary>
public static class Guard
{
    // What holds no data: the sign-in page, what it is drawn with, and the probes. Metrics ask for a token themselves.
    private static readonly string[] Open =
        [Sessions.SignInPath, Sessions.BeginPath, ServiceDefaults.HealthPath, ServiceDefaults.AlivePath, MetricsEndpoint.Path, "/_content",
            "/_framework", "/css", "/js", "/vendor", "/.well-known/jwks.json"];

    // Their names have a fingerprint before the ending.
    private static readonly (string Start, string End)[] OpenFiles = [("/favicon.", ".svg"), ("/Crispy.Console.", ".css")];

    private static readonly string[] ForPrograms = ["/api", "/openapi", "/_blazor", MetricsEndpoint.Path];

    /// <summary>Puts the guard before everything that follows.</summary>
    public static void UseGuard(this IApplicationBuilder app, Accounts accounts)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        app.UseRequestGuard(new(accounts.Api.AllowedHosts, "Crispy:Api:AllowedHosts")
        {
            BringsToken = request => accounts.ByHeader(request.Headers.Authorization) is not null,
            IsConnection = request => request.Path.StartsWithSegments("/_blazor"),
            TakesJsonAlone = request => request.Path.StartsWithSegments("/api"),
        });
        app.Use((context, next) => RequireSessionAsync(context, next, accounts));
    }

    /// <summary>Who asks; known behind the guard.</summary>
    public static Person Person(this HttpContext context) => context.Features.Get<Person>() ?? People.Person.Nobody;

    /// <summary>Whether a path is everybody's.</summary>
    internal static bool IsOpen(PathString path) =>
        Open.Any(open => path.StartsWithSegments(open)) || path.Value is { } file && file.IndexOf('/', 1) < 0
        && OpenFiles.Any(open => file.StartsWith(open.Start, StringComparison.Ordinal)
            && file.EndsWith(open.End, StringComparison.Ordinal));

    /// <summary>Whether an answer is read by a person. A script that fetches a file is told like a program, since a page in the file's
    /// place would be saved as that file.</summary>
    internal static bool IsForPage(HttpRequest request) =>
        !ForPrograms.Any(path => request.Path.StartsWithSegments(path))
        && !(request.Path.StartsWithSegments(Downloads.Path) && request.Headers["Sec-Fetch-Mode"] is [{ } mode] && mode != "navigate");

    private static async Task RequireSessionAsync(HttpContext context, RequestDelegate next, Accounts accounts)
    {
        var path = context.Request.Path;
        var person = await PersonAsync(context, accounts);
        if (person is not null) context.Features.Set(person);
        if (person is not null || IsOpen(path))
        {
            await next(context);
            return;
        }
        if (!IsForPage(context.Request))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"crispy\"";
            await Results.Problem(
                "This needs 'Authorization: Bearer' with a token of the console (Crispy:Api:Token, Crispy:Console:Tokens), or a session.",
                statusCode: StatusCodes.Status401Unauthorized, title: "Token needed",
                type: ProblemTypes.SignInNeeded).ExecuteAsync(context);
            return;
        }
        context.Response.Redirect($"{Sessions.SignInPath}?to={Uri.EscapeDataString(path + context.Request.QueryString)}");
    }

    // A token counts before the session of the browser that brings both.
    private static async Task<Person?> PersonAsync(HttpContext context, Accounts accounts)
    {
        if (accounts.AllowsEverybody) return People.Person.Everybody;
        if (accounts.ByHeader(context.Request.Headers.Authorization) is { } token)
        {
            context.User = token.Person.ToPrincipal("Bearer", token.Fingerprint);
            return token.Person;
        }
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        return People.Person.Of((await context.AuthenticateAsync()).Principal, accounts, time.GetUtcNow());
    }
}
