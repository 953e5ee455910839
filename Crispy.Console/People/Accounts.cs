using System.Text.RegularExpressions;

namespace Crispy.Console.People;

/// <summary>Who may sign in, and as what: the token of <c>Crispy:Api</c> (an admin), those of <c>Crispy:Console:Tokens</c>, and people
/// by OpenID Connect.</summary>
public sealed partial class Accounts
{
    private const string Bearer = "Bearer ";
    private const string TokensPath = "Crispy:Console:Tokens";

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
    /// <param name="settings">The configuration.</param>
    /// <param name="api">The token of <c>Crispy:Api</c>.</param>
    public static Accounts Read(SettingsReader settings, AccessToken api)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(api);
        var console = settings.Section("Crispy:Console");
        console.Know("Oidc", "Tokens");
        var accounts = new Accounts(api, OidcSettings.Read(settings));
        if (api.Value is { } token) accounts._tokens.Add(new(new("token", "token", Role.Admin, SignInWay.Token), token));
        // An environment often hands on what is empty.
        var named = settings.Section(TokensPath).Names.Select(name => $"{TokensPath}:{name}")
            .Where(path => !settings.Section(path).IsEmpty).ToList();
        foreach (var path in named) accounts.Add(settings, path);
        if (api.AllowsEverybody && (accounts.Oidc is not null || named.Count > 0))
            settings.Mistakes.Add("Crispy:Api:AllowAnonymous is 'true': is given together with Crispy:Console:Oidc or "
                + "Crispy:Console:Tokens; where everybody may do everything nobody signs in");
        return accounts;
    }

    private void Add(SettingsReader settings, string path)
    {
        var keys = settings.Section(path);
        var name = keys.Text("Name") ?? "";
        if (!TokenName().IsMatch(name)) keys.Mistake("Name", name, "must be 1 to 64 letters, digits, '-', '_' or '.'");
        else if (_tokens.Exists(known => known.Person.Name == name)) keys.Mistake("Name", name, "another token has this name");
        var role = Roles.Read(keys, "Role", isRequired: true);
        var token = SecretSetting.Read(settings, path, "Token");
        keys.RefuseUnknownKeys();
        if (!keys.Has("Token") && !keys.Has("TokenFile"))
            keys.Mistake("Token", null, $"{ApiSettings.Rule}, or TokenFile the file that holds it");
        if (token is null) return;
        if (!ApiSettings.IsToken(token)) keys.Mistake("Token", SectionReader.Mask, ApiSettings.Rule);
        else if (ByToken(token) is { } other) keys.Mistake("Token", SectionReader.Mask, $"{other.Person.Name} has the same");
        else _tokens.Add(new(new($"token:{name}", name, role, SignInWay.Token), token));
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex TokenName();
}
