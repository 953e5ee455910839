using System.Globalization;

namespace Crispy.Console.People;

/// <summary>Where people sign in by OpenID Connect, and what makes them what (<c>Crispy:Console:Oidc</c>).</summary>
public sealed record OidcSettings
{
    private static readonly string[] Known = ["Authority", "ClientId", "ClientSecret", "ClientSecretFile", "Scopes", "RoleClaim", "Roles",
        "DefaultRole", "RequireHttps", "Address", "SessionLifetime", "Name"];

    /// <summary>The provider; its settings lie below it, at <c>/.well-known/openid-configuration</c>.</summary>
    public required Uri Authority { get; init; }

    /// <summary>What the provider calls this console.</summary>
    public required string ClientId { get; init; }

    /// <summary>What the console shows the provider; null for a client without one, which PKCE alone protects.</summary>
    internal string? ClientSecret { get; init; }

    /// <summary>What the console asks for.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The claim of the ID token that holds a person's groups or roles.</summary>
    public required string RoleClaim { get; init; }

    /// <summary>What a value of that claim makes of a person.</summary>
    public required IReadOnlyDictionary<string, Role> RoleOf { get; init; }

    /// <summary>What they are without any such value; <see cref="Role.None"/> refuses them.</summary>
    public Role DefaultRole { get; init; }

    /// <summary>Whether the provider must speak TLS.</summary>
    public bool RequireHttps { get; init; }

    /// <summary>Where browsers reach the console; null where requests say it.</summary>
    public Uri? Address { get; init; }

    /// <summary>How long a session lasts at most, before the provider is asked again.</summary>
    public TimeSpan SessionLifetime { get; init; }

    /// <summary>What people know the provider as.</summary>
    public required string Name { get; init; }

    /// <summary>The role of somebody with these values of the claim: the one that may do most.</summary>
    public Role RoleFor(IEnumerable<string> values) =>
        values.Select(value => RoleOf.GetValueOrDefault(value)).Append(DefaultRole).Max();

    /// <inheritdoc />
    public override string ToString() => Authority.ToString(); // Never the secret.

    /// <summary>Reads and checks them.</summary>
    /// <returns>Null where none are given, or with a mistake.</returns>
    internal static OidcSettings? Read(IConfiguration configuration, IConfigurationSection section, List<string> mistakes)
    {
        if (!section.GetChildren().Any(child => child.GetChildren().Any() || !string.IsNullOrEmpty(child.Value))) return null;
        var before = mistakes.Count;
        foreach (var child in section.GetChildren().Where(child => !Known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
            mistakes.Add($"{child.Path} is not a known key (known: {string.Join(", ", Known.Order(StringComparer.Ordinal))})");
        var authority = ReadAddress(section, "Authority", isRequired: true, mistakes);
        var requireHttps = Flag(section, "RequireHttps", authority?.IsLoopback != true, mistakes);
        if (authority is { Scheme: "http" } && requireHttps)
            mistakes.Add($"{section.Path}:Authority is '{authority}': must be https://, or RequireHttps false");
        if (string.IsNullOrWhiteSpace(section["ClientId"]))
            mistakes.Add($"{section.Path}:ClientId is missing: what the provider calls this console");
        var settings = new OidcSettings
        {
            Authority = authority!, ClientId = section["ClientId"] ?? "",
            ClientSecret = SecretSetting.Read(configuration, section, "ClientSecret", mistakes),
            Scopes = ReadScopes(section, mistakes),
            RoleClaim = Text(section["RoleClaim"]) ?? "roles",
            RoleOf = ReadRoles(section.GetSection("Roles"), mistakes),
            DefaultRole = Roles.Read($"{section.Path}:DefaultRole", section["DefaultRole"], mistakes, isRequired: false),
            RequireHttps = requireHttps,
            Address = ReadAddress(section, "Address", isRequired: false, mistakes),
            SessionLifetime = ReadLifetime(section, mistakes),
            Name = Text(section["Name"]) ?? authority?.Host ?? "",
        };
        if (settings.RoleOf.Count == 0 && settings.DefaultRole == Role.None && mistakes.Count == before)
            mistakes.Add(
                $"{section.Path}:Roles is missing: nobody could sign in; name values of the claim '{settings.RoleClaim}' for Viewer, "
                    + $"Operator or Admin, or a DefaultRole");
        return mistakes.Count == before ? settings : null;
    }

    private static string? Text(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    private static Uri? ReadAddress(IConfigurationSection section, string key, bool isRequired, List<string> mistakes)
    {
        const string rule = "must be an address, https://host or http://host, without user, query or fragment";
        if (Text(section[key]) is not { } text)
        {
            if (isRequired) mistakes.Add($"{section.Path}:{key} is missing: {rule}");
            return null;
        }
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            && address.UserInfo.Length + address.Query.Length + address.Fragment.Length == 0) return address;
        // What has an @ may hold a password.
        mistakes.Add($"{section.Path}:{key} is '{(text.Contains('@', StringComparison.Ordinal) ? "***" : text)}': {rule}");
        return null;
    }

    private static bool Flag(IConfigurationSection section, string key, bool otherwise, List<string> mistakes)
    {
        if (Text(section[key]) is not { } text) return otherwise;
        if (bool.TryParse(text, out var flag)) return flag;
        mistakes.Add($"{section.Path}:{key} is '{text}': must be true or false");
        return otherwise;
    }

    private static List<string> ReadScopes(IConfigurationSection section, List<string> mistakes)
    {
        List<string> scopes = [.. (Text(section["Scopes"]) ?? "openid profile email").Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        if (!scopes.Contains("openid", StringComparer.Ordinal))
            mistakes.Add($"{section.Path}:Scopes is '{section["Scopes"]}': must hold openid");
        return scopes;
    }

    // Values by comma, or each by a key of its own where one holds a comma.
    private static Dictionary<string, Role> ReadRoles(IConfigurationSection section, List<string> mistakes)
    {
        var found = new Dictionary<string, Role>(StringComparer.Ordinal);
        foreach (var child in section.GetChildren())
        {
            var role = Roles.All.FirstOrDefault(role => role.ToString().Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (role == Role.None) mistakes.Add($"{child.Path} is not a known key (known: Admin, Operator, Viewer)");
            var values = child.GetChildren().Select(value => value.Value ?? "")
                .Concat((child.Value ?? "").Split(',')).Select(value => value.Trim()).Where(value => value.Length > 0);
            foreach (var value in values)
                if (!found.TryAdd(value, role)) mistakes.Add($"{child.Path} is '{value}': stands for {ApiEnum.Name(found[value])} already");
        }
        return found;
    }

    private static TimeSpan ReadLifetime(IConfigurationSection section, List<string> mistakes)
    {
        if (Text(section["SessionLifetime"]) is not { } text) return TimeSpan.FromHours(1);
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span >= TimeSpan.FromSeconds(10)
            && span <= TimeSpan.FromHours(24))
            return span;
        mistakes.Add($"{section.Path}:SessionLifetime is '{text}': must be hh:mm:ss, from 00:00:10 to 1.00:00:00");
        return TimeSpan.FromHours(1);
    }
}
