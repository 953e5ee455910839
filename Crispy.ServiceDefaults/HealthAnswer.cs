using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.Hosting;

/// <summary>What a health probe is told: the state in one word (<c>Healthy</c>, <c>Degraded</c>, <c>Unhealthy</c>); each check and its
/// words to who brings a token, since these name cameras, brokers and hosts.</summary>
public static class HealthAnswer
{
    /// <summary>The setting with a token for details alone. The API's token (<c>Crispy:Api</c>) gives them too.</summary>
    public const string TokenSetting = "Health:Token";

    internal static Task WriteAsync(HttpContext context, HealthReport report)
    {
        if (!BringsToken(context))
        {
            context.Response.ContentType = "text/plain";
            return context.Response.WriteAsync(report.Status.ToString());
        }
        return context.Response.WriteAsJsonAsync(new
        {
            status = report.Status.ToString(),
            checks = report.Entries.ToDictionary(entry => entry.Key,
                entry => new { status = entry.Value.Status.ToString(), description = entry.Value.Description ?? entry.Value.Exception?.Message }),
        });
    }

    private static bool BringsToken(HttpContext context)
    {
        if (context.Request.Headers.Authorization is not [{ } header]) return false;
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return false;
        var given = Hash(header["Bearer ".Length..]);
        // Hashes are of one length: comparing them tells nothing of a token's.
        return Tokens(context.RequestServices.GetRequiredService<IConfiguration>())
            .Any(token => CryptographicOperations.FixedTimeEquals(given, Hash(token)));
    }

    private static IEnumerable<string> Tokens(IConfiguration configuration) =>
        new[] { configuration[TokenSetting], configuration["Crispy:Api:Token"], InFile(configuration["Crispy:Api:TokenFile"]) }
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
