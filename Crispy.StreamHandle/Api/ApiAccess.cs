using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Crispy.Contracts;
using Crispy.StreamHandle.Configuring;
using Crispy.StreamHandle.Redacting;

namespace Crispy.StreamHandle.Api;

/// <summary>Who may use the HTTP API, from <c>Crispy:Api</c>: those who bring the token (RFC 6750), or everybody, where the setting says
/// so. The state of health and the public keys are open to all; anything else, whether it exists or not, needs the token. What a page of
/// another site makes a browser send is refused in any case.</summary>
/// <param name="Token">The token; null where everybody may.</param>
public sealed partial record ApiAccess(string? Token)
{
    // Metrics ask for a token themselves.
    private static readonly string[] OpenPaths =
        [ServiceDefaults.HealthPath, ServiceDefaults.AlivePath, MetricsEndpoint.Path, KeySetEndpoint.Path];

    private const string HostsKey = "AllowedHosts";

    // Hashes are of one length: comparing them tells nothing of the token's, and of no other byte.
    private readonly byte[]? _expected = Token is null ? null : Hash(Token);

    /// <summary>Hosts under which it may be asked, besides those on which it listens: as a proxy in front passes them on.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    internal static ApiAccess Read(SectionReader keys)
    {
        const string rule = "must be 16 or more characters of A-Z, a-z, 0-9, '-', '.', '_', '~', '+', '/'";
        var (token, file, anonymous) = (keys.Text("Token"), keys.Text("TokenFile"), keys.YesNo("AllowAnonymous") ?? false);
        var hosts = OwnHosts.Parse(keys.Text(HostsKey));
        if (hosts is null) keys.Mistake(HostsKey, keys.Text(HostsKey), OwnHosts.Rule);
        keys.RefuseUnknownKeys();
        if (anonymous && (token ?? file) is not null)
            keys.Mistake("AllowAnonymous", "true", "is given together with a token; give one of them");
        else if (token is not null && file is not null) keys.Mistake("TokenFile", file, "is given together with Token; give one of them");
        else if (!anonymous && (token ?? file) is null)
            keys.Mistake("Token", null, $"{rule}, or TokenFile the file that holds it, or AllowAnonymous true");
        if (file is not null) token = ReadFile(file, keys);
        if (token is not null && !Bearer().IsMatch(token)) keys.Mistake(file is null ? "Token" : "TokenFile", file ?? Redaction.Mask, rule);
        return new(token) { AllowedHosts = hosts ?? [] };
    }

    /// <summary>Refuses what another site sends (<see cref="RequestGuard"/>), and what does not bring the token: 401 with
    /// <c>WWW-Authenticate: Bearer</c>.</summary>
    public void Guard(IApplicationBuilder app)
    {
        app.UseRequestGuard(new(AllowedHosts, $"Crispy:Api:{HostsKey}")
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

    private static string? ReadFile(string file, SectionReader keys)
    {
        try
        {
            return SecretFile.Read(file).Trim();
        }
        catch (Exception unusable) when (unusable is FormatException or IOException or UnauthorizedAccessException)
        {
            keys.Mistake("TokenFile", file, unusable.Message);
            return null;
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._~+/-]{16,}=*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Bearer();
}
