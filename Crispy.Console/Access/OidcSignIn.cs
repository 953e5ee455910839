using System.Security.Claims;
using Crispy.Console.Auditing;
using Crispy.Console.People;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Crispy.Console.Access;

/// <summary>Signing in by OpenID Connect: the code flow with PKCE. The provider says once who somebody is, and what; the session is the
/// console's own, and holds no token of the provider.</summary>
internal static class OidcSignIn
{
    private const string Scheme = "oidc";
    private const string CallbackPath = Sessions.OidcPath + "/callback";

    /// <summary>Adds it.</summary>
    public static void AddOidc(this AuthenticationBuilder authentication, OidcSettings settings) =>
        authentication.AddOpenIdConnect(Scheme, options =>
        {
            (options.Authority, options.ClientId, options.ClientSecret) =
                (settings.Authority.ToString(), settings.ClientId, settings.ClientSecret);
            options.RequireHttpsMetadata = settings.RequireHttps;
            (options.ResponseType, options.ResponseMode, options.UsePkce) =
                (OpenIdConnectResponseType.Code, OpenIdConnectResponseMode.Query, true);
            options.SignInScheme = CookieAuthenticationDefaults.AuthenticationScheme;
            options.CallbackPath = CallbackPath;
            // Other sites could end sessions by these.
            (options.RemoteSignOutPath, options.SignedOutCallbackPath) = (default, default);
            (options.MapInboundClaims, options.SaveTokens, options.GetClaimsFromUserInfoEndpoint) = (false, false, true);
            options.Scope.Clear();
            foreach (var scope in settings.Scopes) options.Scope.Add(scope);
            foreach (var claim in (string[])[settings.RoleClaim, "name", "preferred_username", "email"])
                options.ClaimActions.MapJsonKey(claim, claim);
            SetCookie(options.CorrelationCookie, "crispy-oidc-state-", settings);
            SetCookie(options.NonceCookie, "crispy-oidc-nonce-", settings);
            options.Events = Events(settings);
        });

    /// <summary><c>GET /session/oidc</c>: sends a person to the provider.</summary>
    public static async Task<IResult> Begin(HttpContext context, Accounts accounts, ILogger<OidcSettings> log, string? to = null)
    {
        if (accounts.Oidc is null) return Results.NotFound();
        try
        {
            await context.ChallengeAsync(Scheme, new() { RedirectUri = Sessions.LocalPath(to) });
            return Results.Empty;
        }
        catch (Exception away)
            when (away is InvalidOperationException or IOException or HttpRequestException && !context.Response.HasStarted)
        {
            Log.ProviderAway(log, accounts.Oidc.Authority, (away.InnerException ?? away).Message);
            return Results.LocalRedirect($"{Sessions.SignInPath}?failed=away&to={Uri.EscapeDataString(Sessions.LocalPath(to))}");
        }
    }

    private static OpenIdConnectEvents Events(OidcSettings settings) => new()
    {
        OnRedirectToIdentityProvider = context =>
        {
            if (settings.Address is { } address) context.ProtocolMessage.RedirectUri = address.ToString().TrimEnd('/') + CallbackPath;
            return Task.CompletedTask;
        },
        OnTicketReceived = context => ReceiveAsync(context, settings),
        OnAccessDenied = context => RefuseAsync(context, "the provider did not let them in", "denied"),
        OnRemoteFailure = context => RefuseAsync(context, context.Failure?.Message ?? "", "provider"),
    };

    private static async Task ReceiveAsync(TicketReceivedContext context, OidcSettings settings)
    {
        context.HandleResponse();
        var http = context.HttpContext;
        var audit = http.RequestServices.GetRequiredService<AuditLog>();
        var person = Person(context.Principal!, settings);
        if (person.Role == Role.None)
        {
            await audit.NoteAsync(new(person, AuditAction.Refused) { Detail = "signing in: no role", Client = http.Client() },
                StatusCodes.Status403Forbidden);
            await http.SignOutAsync();
            await PlainPage.RefuseAsync(http,
                $"{person.Name} has no role at this console. Who runs it gives roles by the claim '{settings.RoleClaim}'.");
            return;
        }
        await audit.NoteAsync(new(person, AuditAction.SignedIn) { Client = http.Client() }, StatusCodes.Status200OK);
        var until = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow() + settings.SessionLifetime;
        await http.SignInAsync(person.ToPrincipal(CookieAuthenticationDefaults.AuthenticationScheme, until: until),
            new() { IsPersistent = true });
        await PlainPage.LeadAsync(http, Sessions.LocalPath(context.ReturnUri));
    }

    private static Person Person(ClaimsPrincipal principal, OidcSettings settings)
    {
        var subject = principal.FindFirstValue("sub") ?? "";
        var names = ((string[])["name", "preferred_username", "email"]).Select(principal.FindFirstValue).Append(subject);
        var role = settings.RoleFor(principal.FindAll(settings.RoleClaim).Select(claim => claim.Value));
        return new(Words.Short(subject), Words.Short(names.First(name => !string.IsNullOrWhiteSpace(name))!),
            subject.Length > 0 ? role : Role.None, SignInWay.Oidc);
    }

    private static async Task RefuseAsync(HandleRequestContext<RemoteAuthenticationOptions> context, string why, string word)
    {
        context.HandleResponse();
        var http = context.HttpContext;
        Log.OidcRefused(http.RequestServices.GetRequiredService<ILogger<OidcSettings>>(),
            http.Connection.RemoteIpAddress, Words.Short(why));
        await http.RequestServices.GetRequiredService<AuditLog>()
            .NoteAsync(new(People.Person.Nobody with { Way = SignInWay.Oidc }, AuditAction.Refused)
        {
            Detail = word == "denied"
                ? "signing in: the provider did not let them in"
                : "signing in: not a valid answer of the provider", Client = http.Client(),
        }, StatusCodes.Status401Unauthorized);
        http.Response.Redirect($"{Sessions.SignInPath}?failed={word}");
    }

    // The provider leads the browser back: what other sites cannot send at all would not come with it.
    private static void SetCookie(CookieBuilder cookie, string name, OidcSettings settings)
    {
        cookie.Name = name;
        cookie.HttpOnly = true;
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = settings.Address?.Scheme == "https" ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
    }
}
