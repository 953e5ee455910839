using System.Text.RegularExpressions;

namespace Microsoft.Extensions.Hosting;

/// <summary>The section <c>Crispy:Api</c>: who may use the API of stream-handle and of the console.</summary>
/// <param name="Token">The token; null where everybody may.</param>
/// <param name="AllowedHosts">Hosts under which they may be asked, besides those on which they listen: as a proxy in front passes them
/// on.</param>
public sealed partial record ApiSettings(string? Token, IReadOnlyList<string> AllowedHosts)
{
    /// <summary>What a token is.</summary>
    public const string Rule = "must be 16 or more characters of A-Z, a-z, 0-9, '-', '.', '_', '~', '+', '/'";

    /// <summary>The key of <see cref="AllowedHosts"/>.</summary>
    public const string HostsKey = "Crispy:Api:AllowedHosts";

    /// <summary>Whether a text may be a token.</summary>
    public static bool IsToken(string text) => Bearer().IsMatch(text);

    /// <summary>Reads and checks them.</summary>
    public static ApiSettings Read(SettingsReader settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var keys = settings.Section("Crispy:Api");
        var (token, anonymous) = (keys.Secret("Token", out var given), keys.YesNo("AllowAnonymous") ?? false);
        if (anonymous && keys.Has(given)) keys.Mistake("AllowAnonymous", "true", "is given together with a token; give one of them");
        else if (!anonymous && !keys.Has(given))
            keys.Mistake("Token", null, $"{Rule}, or TokenFile the file that holds it, or AllowAnonymous true");
        if (token is not null && !IsToken(token)) keys.Mistake(given, given == "Token" ? SectionReader.Mask : keys.Text(given), Rule);
        var hosts = OwnHosts.Parse(keys.Text("AllowedHosts"));
        if (hosts is null) keys.Mistake("AllowedHosts", keys.Text("AllowedHosts"), OwnHosts.Rule);
        keys.RefuseUnknownKeys();
        return new(anonymous ? null : token, hosts ?? []);
    }

    /// <inheritdoc />
    public override string ToString() => Token is null ? "anonymous" : "by token"; // Never the token itself.

    [GeneratedRegex(@"\A[A-Za-z0-9._~+/-]{16,}=*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Bearer();
}
