using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>The tokens (RFC 6750) that open what is for those who run Crispy: the details of health, and metrics. That of
/// <c>Crispy:Api</c>, and <c>Health:Token</c>, which opens nothing else.</summary>
public static class OperatorToken
{
    /// <summary>The setting with a token for health and metrics alone.</summary>
    public const string Setting = "Health:Token";

    private const string Scheme = "Bearer ";

    /// <summary>Whether a request brings one of the tokens.</summary>
    public static bool IsBroughtBy(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ } header]) return false;
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return false;
        var given = Hash(header[Scheme.Length..]);
        // Hashes are of one length: comparing them tells nothing of a token's.
        return Tokens(Configuration(request)).Any(token => CryptographicOperations.FixedTimeEquals(given, Hash(token)));
    }

    /// <summary>Whether metrics need a token: where one is set, unless everybody may use the API.</summary>
    internal static bool IsNeeded(HttpRequest request)
    {
        var configuration = Configuration(request);
        return !(bool.TryParse(configuration["Crispy:Api:AllowAnonymous"], out var anonymous) && anonymous)
            && (Tokens(configuration).Any() || !string.IsNullOrEmpty(configuration["Crispy:Api:TokenFile"]));
    }

    private static IConfiguration Configuration(HttpRequest request) =>
        request.HttpContext.RequestServices.GetRequiredService<IConfiguration>();

    private static IEnumerable<string> Tokens(IConfiguration configuration) =>
        new[] { configuration[Setting], configuration["Crispy:Api:Token"], InFile(configuration["Crispy:Api:TokenFile"]) }
            .OfType<string>().Where(token => !string.IsNullOrWhiteSpace(token));

    // Whether the file may be used at all is checked at the start, by what needs it.
    private static string? InFile(string? path)
    {
        try
        {
            return string.IsNullOrEmpty(path) ? null : File.ReadAllText(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token.Trim()));
}
