using System.Globalization;
using System.Security.Claims;

namespace Crispy.Console.People;

/// <summary>Who asks: a person, or a program with a token.</summary>
/// <param name="Subject">What names them for good.</param>
/// <param name="Name">What they are called.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Way">How they signed in.</param>
public sealed record Person(string Subject, string Name, Role Role, SignInWay Way)
{
    /// <summary>Everybody, where the console asks nobody.</summary>
    public static readonly Person Everybody = new("", "anonymous", Role.Admin, SignInWay.Anonymous);

    /// <summary>Somebody who did not sign in.</summary>
    public static readonly Person Nobody = new("", "", Role.None, SignInWay.Unknown);

    /// <summary>The console itself.</summary>
    public static readonly Person Console = new("console", "console", Role.Admin, SignInWay.Console);

    private const string TokenClaim = "crispy:token";
    private const string RoleClaim = "crispy:role";
    private const string UntilClaim = "crispy:until";

    /// <summary>The principal of a session.</summary>
    /// <param name="scheme">How the session is kept.</param>
    /// <param name="token">The fingerprint of the token that began it; null where none did.</param>
    /// <param name="until">When it ends, even if it is used; null where only disuse ends it.</param>
    public ClaimsPrincipal ToPrincipal(string scheme, string? token = null, DateTimeOffset? until = null)
    {
        var identity = new ClaimsIdentity([new("sub", Subject), new("name", Name)], scheme, "name", RoleClaim);
        if (token is not null) identity.AddClaim(new(TokenClaim, token));
        // Of a session by a token the token's role counts, as it is now.
        else identity.AddClaim(new(RoleClaim, Role.ToString()));
        if (until is { } end) identity.AddClaim(new(UntilClaim, end.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        return new(identity);
    }

    /// <summary>Who a session's principal is now.</summary>
    /// <returns>Null where the session is over, its token is no longer one, or there is none.</returns>
    public static Person? Of(ClaimsPrincipal? principal, Accounts accounts, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        if (accounts.AllowsEverybody) return Everybody;
        if (principal?.Identity?.IsAuthenticated != true || principal.FindFirstValue("sub") is not { } subject) return null;
        if (principal.FindFirstValue(TokenClaim) is { } token) return accounts.ByFingerprint(token);
        if (accounts.Oidc is null || !Enum.TryParse<Role>(principal.FindFirstValue(RoleClaim), out var role)) return null;
        var hasEnd = long.TryParse(principal.FindFirstValue(UntilClaim), CultureInfo.InvariantCulture, out var until);
        return !hasEnd || now.ToUnixTimeSeconds() >= until
            ? null
            : new(subject, principal.FindFirstValue("name") ?? subject, role, SignInWay.Oidc);
    }
}
