using System.Text.RegularExpressions;

namespace Crispy.Console.People;

/// <summary>Who may sign in, and as what: the token of <c>Crispy:Api</c> (an admin), those of <c>Crispy:Console:Tokens</c>, and people
/// by OpenID Connect.</summary>
public sealed partial class Accounts
{
    private const string Bearer = "Bearer ";
    private static readonly string[] Known = ["Name", "Role", "Token", "TokenFile"];

    private readonly List<NamedToken> _tokens = [];

    private Accounts(AccessToken api, OidcSettings? oidc) => (Api, Oidc) = (api, oidc);

    /// <summary>The token that stream-handle takes too.</summary>
    public AccessToken Api { get; }

    /// <summary>Where people sign in; null where only tokens count.</summary>
    public OidcSettings? Oidc { get; }

    /// <summary>Whether everybody may do everything.</summary>
    public bool AllowsEverybody => Api.AllowsEverybody;

    /// <summary>Whose a token is; null where it is none.</summary>
    public NamedToken? ByToken(string token)
    {
        NamedToken? found = null;
        foreach (var known in _tokens)
            if (known.Matches(token)) found ??= known;
        return found;
    }

    /// <summary>Whose the token of an <c>Authorization</c> header is (RFC 6750); null where it brings none.</summary>
    public NamedToken? ByHeader(string? header) =>
        header is not null && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? ByToken(header[Bearer.Length..]) : null;

    /// <summary>Whose the token is that began a session; null where it is no longer one.</summary>
    public Person? ByFingerprint(string fingerprint) => _tokens.Find(known => known.Fingerprint == fingerprint)?.Person;

    /// <summary>Reads and checks all accounts.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="api">The token of <c>Crispy:Api</c>.</param>
    /// <param name="mistakes">Takes what is wrong.</param>
    public static Accounts Read(IConfiguration configuration, AccessToken api, List<string> mistakes)
    {
        ArgumentNullException.ThrowIfNull(api);
        var section = configuration.GetSection("Crispy:Console");
        var accounts = new Accounts(api, OidcSettings.Read(configuration, section.GetSection("Oidc"), mistakes));
        if (api.Value is { } token) accounts._tokens.Add(new(new("token", "token", Role.Admin, SignInWay.Token), token));
        var named = section.GetSection("Tokens");
        // An environment often hands on what is empty.
        var children = named.GetChildren().Where(child => child.GetChildren().Any(each => !string.IsNullOrEmpty(each.Value))).ToList();
        foreach (var child in children) accounts.Add(configuration, child, mistakes);
        if (api.AllowsEverybody && (accounts.Oidc is not null || children.Count > 0))
            mistakes.Add("Crispy:Api:AllowAnonymous is 'true': is given together with Crispy:Console:Oidc or Crispy:Console:Tokens; "
                + "where everybody may do everything nobody signs in");
        return accounts;
    }

    private void Add(IConfiguration configuration, IConfigurationSection section, List<string> mistakes)
    {
        foreach (var child in section.GetChildren().Where(child => !Known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
            mistakes.Add($"{child.Path} is not a known key (known: {string.Join(", ", Known)})");
        var name = section["Name"] ?? "";
        if (!TokenName().IsMatch(name)) mistakes.Add($"{section.Path}:Name is '{name}': must be 1 to 64 letters, digits, '-', '_' or '.'");
        else if (_tokens.Exists(known => known.Person.Name == name))
            mistakes.Add($"{section.Path}:Name is '{name}': another token has this name");
        var role = Roles.Read($"{section.Path}:Role", section["Role"], mistakes, isRequired: true);
        if (SecretSetting.Read(configuration, section, "Token", mistakes) is not { } token)
        {
            if (string.IsNullOrEmpty(section["Token"]) && string.IsNullOrEmpty(section["TokenFile"]))
                mistakes.Add($"{section.Path}:Token is missing: {AccessToken.Rule}, or TokenFile the file that holds it");
            return;
        }
        if (!AccessToken.IsOne(token)) mistakes.Add($"{section.Path}:Token is '***': {AccessToken.Rule}");
        else if (ByToken(token) is { } other) mistakes.Add($"{section.Path}:Token is '***': {other.Person.Name} has the same");
        else _tokens.Add(new(new($"token:{name}", name, role, SignInWay.Token), token));
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex TokenName();
}
