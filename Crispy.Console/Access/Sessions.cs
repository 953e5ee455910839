using System.Threading.RateLimiting;
using Crispy.Console.Auditing;
using Crispy.Console.People;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;

namespace Crispy.Console.Access;

/// <summary>Sessions of people. Who gives a token on the sign-in page, or signs in by OpenID Connect, gets a cookie. Scripts cannot read
/// it, and other sites cannot send it.</summary>
public static class Sessions
{
    /// <summary>The sign-in page.</summary>
    public const string SignInPath = "/sign-in";

    /// <summary>Where a session is begun, by POST of the page's form.</summary>
    public const string BeginPath = "/session";

    /// <summary>Where a session is ended, by POST.</summary>
    public const string SignOutPath = "/session/end";

    /// <summary>Where signing in by OpenID Connect begins, by GET.</summary>
    public const string OidcPath = "/session/oidc";

    private const string SignInPolicy = "sign-in";
    private const string OidcPolicy = "sign-in-oidc";

    /// <summary>Adds the cookie, its keys, and the limit on guesses: 10 a minute from one address.</summary>
    public static void AddSessions(this IServiceCollection services, ConsoleSettings settings)
    {
        var keys = services.AddDataProtection().SetApplicationName("crispy-console");
        if (settings.KeysFolder is { } folder) keys.PersistKeysToFileSystem(MakePrivate(folder));
        else keys.UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(antiforgery => SetCookie(antiforgery.Cookie, "crispy-form"));
        var authentication = services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(session =>
        {
            SetCookie(session.Cookie, "crispy-session");
            (session.LoginPath, session.LogoutPath, session.ReturnUrlParameter) = (SignInPath, SignOutPath, "to");
            (session.ExpireTimeSpan, session.SlidingExpiration) = (settings.SessionLifetime, true);
            session.Events.OnValidatePrincipal = context => EndIfOver(context, settings.Accounts);
        });
        if (settings.Accounts.Oidc is { } oidc) authentication.AddOidc(oidc);
        services.AddAuthorization();
        services.AddCascadingAuthenticationState();
        services.AddRateLimiter(limits =>
        {
            limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limits.AddPolicy(SignInPolicy, context => RateLimitPartition.GetFixedWindowLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new() { PermitLimit = 10, Window = TimeSpan.FromMinutes(1) }));
            // Nothing is guessed there; each costs the provider's settings and two cookies.
            limits.AddPolicy(OidcPolicy, context => RateLimitPartition.GetFixedWindowLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new() { PermitLimit = 60, Window = TimeSpan.FromMinutes(1) }));
        });
    }

    /// <summary>Maps the two paths that begin and end a session. Both ask for the antiforgery token of the page's form.</summary>
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(BeginPath, SignInAsync).RequireRateLimiting(SignInPolicy).ExcludeFromDescription();
        routes.MapPost(SignOutPath, SignOutAsync).ExcludeFromDescription();
        routes.MapGet(OidcPath, OidcSignIn.Begin).RequireRateLimiting(OidcPolicy).ExcludeFromDescription();
    }

    /// <summary>A path of this site and no other, for where a person wanted to go. <c>//host</c> and <c>/\\host</c> would leave it, and
    /// browsers leave out what is no printable character.</summary>
    internal static string LocalPath(string? path) =>
        path is ['/', ..] && path is not ['/', '/' or '\\', ..] && path.Length <= 2048 && !path.Any(char.IsControl)
        && !path.Contains('\\', StringComparison.Ordinal)
            ? path : "/";

    private static async Task<IResult> SignInAsync(HttpContext context, Accounts accounts, IAntiforgery antiforgery, AuditLog audit,
        ILogger<AccessToken> log)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.LocalRedirect($"{SignInPath}?failed=form");
        var form = await context.Request.ReadFormAsync();
        var to = LocalPath(form["to"]);
        if (accounts.ByToken(form["token"].ToString()) is not { } token)
        {
            Log.SignInRefused(log, context.Connection.RemoteIpAddress);
            await audit.NoteAsync(new(Person.Nobody with { Way = SignInWay.Token }, AuditAction.Refused)
            {
                Detail = "signing in: not a token", Client = context.Client(),
            }, StatusCodes.Status401Unauthorized);
            return Results.LocalRedirect($"{SignInPath}?failed=token&to={Uri.EscapeDataString(to)}");
        }
        await audit.NoteAsync(new(token.Person, AuditAction.SignedIn) { Client = context.Client() }, StatusCodes.Status200OK);
        await context.SignInAsync(token.Person.ToPrincipal(CookieAuthenticationDefaults.AuthenticationScheme, token.Fingerprint),
            new() { IsPersistent = true });
        return Results.LocalRedirect(to);
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, IAntiforgery antiforgery, AuditLog audit)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.LocalRedirect(SignInPath);
        if (context.Features.Get<Person>() is { } person)
            await audit.NoteAsync(new(person, AuditAction.SignedOut) { Client = context.Client() }, StatusCodes.Status200OK);
        await context.SignOutAsync();
        return Results.LocalRedirect($"{SignInPath}?ended=true");
    }

    // Who reads the keys can make sessions.
    private static DirectoryInfo MakePrivate(string folder) => OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(folder)
        : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private static Task EndIfOver(CookieValidatePrincipalContext context, Accounts accounts)
    {
        var time = context.HttpContext.RequestServices.GetRequiredService<TimeProvider>();
        if (Person.Of(context.Principal, accounts, time.GetUtcNow()) is null) context.RejectPrincipal();
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
