using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;

namespace Crispy.Console.Access;

/// <summary>Sessions of people: who gives the token on the sign-in page gets a cookie that scripts cannot read and other sites cannot send.</summary>
public static class Sessions
{
    /// <summary>The sign-in page.</summary>
    public const string SignInPath = "/sign-in";

    /// <summary>Where a session is begun, by POST of the page's form.</summary>
    public const string BeginPath = "/session";

    /// <summary>Where a session is ended, by POST.</summary>
    public const string SignOutPath = "/session/end";

    private const string Fingerprint = "crispy:token";
    private const string SignInPolicy = "sign-in";

    /// <summary>Adds the cookie, its keys, and the limit on guesses: 10 a minute from one address.</summary>
    public static void AddSessions(this IServiceCollection services, ConsoleSettings settings)
    {
        var keys = services.AddDataProtection().SetApplicationName("crispy-console");
        if (settings.KeysFolder is { } folder) keys.PersistKeysToFileSystem(MakePrivate(folder));
        else keys.UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(antiforgery => SetCookie(antiforgery.Cookie, "crispy-form"));
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(session =>
        {
            SetCookie(session.Cookie, "crispy-session");
            (session.LoginPath, session.LogoutPath, session.ReturnUrlParameter) = (SignInPath, SignOutPath, "to");
            (session.ExpireTimeSpan, session.SlidingExpiration) = (settings.SessionLifetime, true);
            session.Events.OnValidatePrincipal = context => EndIfTokenChanged(context, settings.Token);
        });
        services.AddAuthorization();
        services.AddCascadingAuthenticationState();
        services.AddRateLimiter(limits =>
        {
            limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limits.AddPolicy(SignInPolicy, context => RateLimitPartition.GetFixedWindowLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new() { PermitLimit = 10, Window = TimeSpan.FromMinutes(1) }));
        });
    }

    /// <summary>Maps the two paths that begin and end a session. Both ask for the antiforgery token of the page's form.</summary>
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(BeginPath, SignInAsync).RequireRateLimiting(SignInPolicy).ExcludeFromDescription();
        routes.MapPost(SignOutPath, SignOutAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> SignInAsync(HttpContext context, AccessToken access, Microsoft.AspNetCore.Antiforgery.IAntiforgery antiforgery, ILogger<AccessToken> log)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.LocalRedirect($"{SignInPath}?failed=form");
        var form = await context.Request.ReadFormAsync();
        var to = LocalPath(form["to"]);
        if (!access.Matches(form["token"].ToString()))
        {
            Log.SignInRefused(log, context.Connection.RemoteIpAddress);
            return Results.LocalRedirect($"{SignInPath}?failed=token&to={Uri.EscapeDataString(to)}");
        }
        var identity = new ClaimsIdentity([new(ClaimTypes.Name, "operator"), new(Fingerprint, access.Fingerprint)], CookieAuthenticationDefaults.AuthenticationScheme);
        await context.SignInAsync(new ClaimsPrincipal(identity), new() { IsPersistent = true });
        return Results.LocalRedirect(to);
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, Microsoft.AspNetCore.Antiforgery.IAntiforgery antiforgery)
    {
        if (await antiforgery.IsRequestValidAsync(context)) await context.SignOutAsync();
        return Results.LocalRedirect(SignInPath);
    }

    // Who reads the keys can make sessions.
    private static DirectoryInfo MakePrivate(string folder) => OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(folder)
        : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    // A path of this site and no other: "//host" and "/\host" would leave it.
    private static string LocalPath(string? path) => path is ['/', ..] && path is not ['/', '/' or '\\', ..] ? path : "/";

    private static Task EndIfTokenChanged(CookieValidatePrincipalContext context, AccessToken access)
    {
        if (context.Principal?.FindFirstValue(Fingerprint) != access.Fingerprint) context.RejectPrincipal();
        return Task.CompletedTask;
    }

    private static void SetCookie(CookieBuilder cookie, string name)
    {
        cookie.Name = name;
        cookie.HttpOnly = true;
        cookie.SameSite = SameSiteMode.Strict;
        cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
    }
}
