using System.Security.Cryptography;
using System.Text;

namespace Crispy.StreamHandle.Api;

/// <summary>Who may use the HTTP API, from <c>Crispy:Api</c>: those who bring the token (RFC 6750), or everybody, where the setting says
/// so. The state of health and the public keys are open to all; anything else, whether it exists or not, needs the token. What a page of
/// another site makes a browser send is refused in any case.</summary>
/// <param name="Token">The token; null where everybody may.</param>
public sealed record ApiAccess(string? Token)
{
    // Metrics ask for a token themselves.
    private static readonly string[] OpenPaths =
        [ServiceDefaults.HealthPath, ServiceDefaults.AlivePath, MetricsEndpoint.Path, KeySetEndpoint.Path];

    // Hashes are of one length: comparing them tells nothing of the token's, and of no other byte.
    private readonly byte[]? _expected = Token is null ? null : Hash(Token);

    /// <summary>Hosts under which it may be asked, besides those on which it listens: as a proxy in front passes them on.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Refuses what another site sends (<see cref="RequestGuard"/>), and what does not bring the token: 401 with
    /// <c>WWW-Authenticate: Bearer</c>.</summary>
    public void Guard(IApplicationBuilder app)
    {
        app.UseRequestGuard(new(AllowedHosts, ApiSettings.HostsKey)
        {
            BringsToken = request => _expected is not null && IsRight(request.Headers.Authorization),
            TakesJsonAlone = _ => true,
        });
        if (_expected is null) return;
        app.Use((context, next) =>
        {
            if (IsOpen(context.Request.Path) || IsRight(context.Request.Headers.Authorization)) return next(context);
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"crispy\"";
            return Results.Problem("This needs 'Authorization: Bearer' with the token of Crispy:Api:Token.",
                statusCode: StatusCodes.Status401Unauthorized, title: "Token needed")
                .ExecuteAsync(context);
        });
    }

    /// <inheritdoc />
    public override string ToString() => Token is null ? "anonymous" : "by token"; // Never the token itself.

    private static bool IsOpen(PathString path) => OpenPaths.Contains(path.Value?.TrimEnd('/'), StringComparer.OrdinalIgnoreCase);

    private bool IsRight(Microsoft.Extensions.Primitives.StringValues header)
    {
        if (header is not [{ } text] || !text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return false;
        return CryptographicOperations.FixedTimeEquals(Hash(text["Bearer ".Length..].Trim()), _expected);
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
