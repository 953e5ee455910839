namespace Crispy.Console.People;

/// <summary>Where people sign in by OpenID Connect, and what makes them what (<c>Crispy:Console:Oidc</c>).</summary>
public sealed record OidcSettings
{
    private const string Section = "Crispy:Console:Oidc";

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
    internal static OidcSettings? Read(SettingsReader settings)
    {
        var keys = settings.Section(Section);
        if (keys.IsEmpty) return null;
        var before = settings.Mistakes.Count;
        var authority = keys.Address("Authority", Text(keys, "Authority"));
        var requireHttps = keys.YesNo("RequireHttps") ?? authority?.IsLoopback != true;
        if (authority is { Scheme: "http" } && requireHttps)
            keys.Mistake("Authority", $"{authority}", "must be https://, or RequireHttps false");
        var client = keys.Text("ClientId");
        if (string.IsNullOrWhiteSpace(client)) keys.Mistake("ClientId", null, "what the provider calls this console");
        var read = new OidcSettings
        {
            Authority = authority!, ClientId = client ?? "",
            ClientSecret = SecretSetting.Read(settings, Section, "ClientSecret"),
            Scopes = ReadScopes(keys),
            RoleClaim = Text(keys, "RoleClaim") ?? "roles",
            RoleOf = ReadRoles(keys.Section("Roles")),
            DefaultRole = Roles.Read(keys, "DefaultRole", isRequired: false),
            RequireHttps = requireHttps,
            Address = Text(keys, "Address") is { } address ? keys.Address("Address", address) : null,
            SessionLifetime = keys.Span("SessionLifetime", TimeSpan.FromSeconds(10), TimeSpan.FromHours(24)) ?? TimeSpan.FromHours(1),
            Name = Text(keys, "Name") ?? authority?.Host ?? "",
        };
        keys.RefuseUnknownKeys();
        if (read.RoleOf.Count == 0 && read.DefaultRole == Role.None && settings.Mistakes.Count == before)
            keys.Mistake("Roles", null, $"nobody could sign in; name values of the claim '{read.RoleClaim}' for Viewer, Operator or Admin, "
                + "or a DefaultRole");
        return settings.Mistakes.Count == before ? read : null;
    }

    private static string? Text(SectionReader keys, string key) => keys.Text(key)?.Trim() is { Length: > 0 } text ? text : null;

    private static List<string> ReadScopes(SectionReader keys)
    {
        List<string> scopes = [.. (Text(keys, "Scopes") ?? "openid profile email").Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        if (!scopes.Contains("openid", StringComparer.Ordinal)) keys.Mistake("Scopes", keys.Text("Scopes"), "must hold openid");
        return scopes;
    }

    // Values by comma, or each by a key of its own where one holds a comma.
    private static Dictionary<string, Role> ReadRoles(SectionReader keys)
    {
        var found = new Dictionary<string, Role>(StringComparer.Ordinal);
        foreach (var role in Roles.All.Reverse())
        {
            foreach (var value in keys.List($"{role}").Select(value => value.Trim()).Where(value => value.Length > 0))
                if (!found.TryAdd(value, role)) keys.Mistake($"{role}", value, $"stands for {ApiEnum.Name(found[value])} already");
        }
        keys.RefuseUnknownKeys();
        return found;
    }
}
