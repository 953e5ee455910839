using System.Text.RegularExpressions;
using Crispy.Contracts;

namespace Crispy.Console.People;

/// <summary>The token of <c>Crispy:Api</c>, by the same keys as stream-handle's: it opens this console and its API,
/// and the console brings it to stream-handle.</summary>
public sealed partial class AccessToken
{
    /// <summary>What a token is.</summary>
    internal const string Rule = "must be 16 or more characters of A-Z, a-z, 0-9, '-', '.', '_', '~', '+', '/'";

    private AccessToken(string? token) => Value = token;

    /// <summary>Whether everybody may use the console.</summary>
    public bool AllowsEverybody => Value is null;

    /// <summary>The token; null where everybody may.</summary>
    internal string? Value { get; }

    /// <summary>Whether a text may be a token.</summary>
    internal static bool IsOne(string text) => Bearer().IsMatch(text);

    /// <inheritdoc />
    public override string ToString() => AllowsEverybody ? "anonymous" : "by token"; // Never the token itself.

    /// <summary>Hosts under which it may be asked, besides those on which it listens: as a proxy in front passes them on.</summary>
    public IReadOnlyList<string> AllowedHosts { get; private init; } = [];

    internal static AccessToken Read(IConfigurationSection section, List<string> mistakes)
    {
        var (token, file, flag) = (Text(section["Token"]), Text(section["TokenFile"]), Text(section["AllowAnonymous"]));
        var anonymous = false;
        if (flag is not null && !bool.TryParse(flag, out anonymous))
            mistakes.Add($"{section.Path}:AllowAnonymous is '{flag}': must be true or false");
        if (anonymous && (token ?? file) is not null)
            mistakes.Add($"{section.Path}:AllowAnonymous is 'true': is given together with a token; give one of them");
        else if (token is not null && file is not null)
            mistakes.Add($"{section.Path}:TokenFile is '{file}': is given together with Token; give one of them");
        else if (!anonymous && (token ?? file) is null)
            mistakes.Add($"{section.Path}:Token is missing: {Rule}, or TokenFile the file that holds it, or AllowAnonymous true");
        if (file is not null) token = ReadFile(file, section.Path, mistakes);
        if (token is not null && !Bearer().IsMatch(token))
            mistakes.Add(file is null ? $"{section.Path}:Token is '***': {Rule}" : $"{section.Path}:TokenFile is '{file}': {Rule}");
        var hosts = OwnHosts.Parse(section["AllowedHosts"]);
        if (hosts is null) mistakes.Add($"{section.Path}:AllowedHosts is '{section["AllowedHosts"]}': {OwnHosts.Rule}");
        return new(anonymous ? null : token) { AllowedHosts = hosts ?? [] };
    }

    private static string? Text(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static string? ReadFile(string file, string path, List<string> mistakes)
    {
        try
        {
            return SecretFile.Read(file).Trim();
        }
        catch (Exception unusable) when (unusable is FormatException or IOException or UnauthorizedAccessException)
        {
            mistakes.Add($"{path}:TokenFile is '{file}': {unusable.Message}");
            return null;
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._~+/-]{16,}=*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Bearer();
}
