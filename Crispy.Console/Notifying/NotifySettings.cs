using System.Globalization;
using Crispy.Contracts;

namespace Crispy.Console.Notifying;

/// <summary>Who is told what: <c>Crispy:Notify</c>, and how: keys of <c>Crispy:Console</c>.</summary>
/// <param name="Targets">The targets.</param>
/// <param name="Folder">Where notices that wait are kept, and what has begun; null keeps them in memory.</param>
/// <param name="Hold">How long something must be so before it is told.</param>
/// <param name="CameraHold">The same for cameras.</param>
public sealed record NotifySettings(IReadOnlyList<NotifyTarget> Targets, string? Folder, TimeSpan Hold, TimeSpan CameraHold)
{
    /// <summary>The section of the targets.</summary>
    public const string Section = "Crispy:Notify";

    /// <summary>The keys of <c>Crispy:Console</c> that are read here.</summary>
    public static readonly string[] ConsoleKeys = ["NotifyFolder", "NotifyHold", "NotifyCameraHold"];

    private const int MostTargets = 32;
    private static readonly string[] Known = ["Url", "UrlFile", "Kinds", "Secret", "SecretFile", "Body", "BodyFile", "ContentType"];
    private static readonly NoticeKind[] All =
        [.. Enum.GetValues<NoticeKind>().Where(kind => kind is not (NoticeKind.Unknown or NoticeKind.Test))];

    private static string Names => string.Join(", ", All.Select(ApiEnum.Name));

    /// <summary>Reads and checks the configuration.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="console">The section <c>Crispy:Console</c>.</param>
    /// <param name="mistakes">Takes the mistakes, each with its key.</param>
    internal static NotifySettings Read(IConfiguration configuration, IConfigurationSection console, List<string> mistakes) => new(
        ReadTargets(configuration.GetSection(Section), mistakes),
        console["NotifyFolder"] is { Length: > 0 } folder ? Path.GetFullPath(folder) : null,
        ReadHold(console, "NotifyHold", TimeSpan.FromSeconds(5), mistakes),
        ReadHold(console, "NotifyCameraHold", TimeSpan.FromSeconds(10), mistakes));

    private static List<NotifyTarget> ReadTargets(IConfigurationSection section, List<string> mistakes)
    {
        var targets = new List<NotifyTarget>();
        if (section.Value is { Length: > 0 })
            mistakes.Add($"{Section} holds a value of its own: targets have numbers, as in {Section}:0:Url");
        foreach (var child in section.GetChildren())
        {
            if (!int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || child.Key is ['0', _, ..])
                mistakes.Add($"{child.Path} is not a known key: targets have numbers, as in {Section}:0:Url");
            else if (ReadTarget(child, number, mistakes) is { } target) targets.Add(target);
        }
        if (targets.Count > MostTargets) mistakes.Add($"{Section} has {targets.Count} targets: there can be {MostTargets}");
        foreach (var same in targets.GroupBy(target => target.Hash))
        {
            foreach (var (index, target) in same.OrderBy(target => target.Number).Index())
                target.Id = index == 0 ? target.Hash : string.Create(CultureInfo.InvariantCulture, $"{target.Hash}-{index}");
        }
        return [.. targets.OrderBy(target => target.Number)];
    }

    private static NotifyTarget? ReadTarget(IConfigurationSection section, int number, List<string> mistakes)
    {
        var before = mistakes.Count;
        if (section.Value is { Length: > 0 }) mistakes.Add($"{section.Path} holds a value of its own: give {section.Path}:Url");
        foreach (var child in section.GetChildren().Where(child => !Known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
            mistakes.Add($"{child.Path} is not a known key (known: {string.Join(", ", Known)})");
        // A deployment may offer a target that nobody filled in.
        if (Known.All(key => !section.GetSection(key).AsEnumerable().Any(pair => pair.Value is { Length: > 0 }))) return null;
        var url = ReadUrl(section, mistakes);
        var kinds = ReadKinds(section.GetSection("Kinds"), mistakes);
        var secret = ReadSecret(section, mistakes);
        var body = ReadBody(section, mistakes);
        return mistakes.Count > before ? null : new(number, url!, kinds, secret, body!);
    }

    private static Uri? ReadUrl(IConfigurationSection section, List<string> mistakes)
    {
        const string rule = "must be an address, http:// or https://";
        if (ReadText(section, "Url", mistakes, out var key) is not { } text)
        {
            if (key == "") mistakes.Add($"{section.Path}:Url is missing: {rule}");
            return null;
        }
        if (Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0) return url;
        // Even a wrong one may hold the secret.
        mistakes.Add($"{section.Path}:{key} is '{NotifyTarget.Mask}': {rule}");
        return null;
    }

    private static List<NoticeKind> ReadKinds(IConfigurationSection section, List<string> mistakes)
    {
        var kinds = new List<NoticeKind>();
        foreach (var (path, value) in section.AsEnumerable())
        {
            foreach (var name in (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                var kind = All.FirstOrDefault(kind => ApiEnum.Name(kind).Equals(name,
                    StringComparison.OrdinalIgnoreCase));
                if (kind != NoticeKind.Unknown) kinds.Add(kind);
                else mistakes.Add($"{path} is '{name}': must be some of {Names}");
            }
        }
        return kinds.Count == 0 ? [.. All] : [.. kinds.Distinct().Order()];
    }

    private static WebhookSecret? ReadSecret(IConfigurationSection section, List<string> mistakes)
    {
        if (ReadText(section, "Secret", mistakes, out var key) is not { } text) return null;
        var secret = WebhookSecret.Parse(text);
        if (secret is null) mistakes.Add($"{section.Path}:{key} is '{NotifyTarget.Mask}': {WebhookSecret.Rule}");
        return secret;
    }

    private static BodyTemplate? ReadBody(IConfigurationSection section, List<string> mistakes)
    {
        var type = section["ContentType"] is { Length: > 0 } given ? given : null;
        if (type is not null && !System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(type, out _))
        {
            mistakes.Add($"{section.Path}:ContentType is '{type}': must be a media type, such as application/json");
            return null;
        }
        var text = ReadText(section, "Body", mistakes, out var key);
        var body = BodyTemplate.Parse(text, type, out var mistake);
        // It may hold a routing key.
        if (mistake is not null) mistakes.Add($"{section.Path}:{key} {mistake}");
        return body;
    }

    // A value, or the content of the file that the key with "File" behind it names.
    private static string? ReadText(IConfigurationSection section, string name, List<string> mistakes, out string key)
    {
        var (value, file) = (section[name], section[$"{name}File"]);
        key = value is { Length: > 0 } ? name : file is { Length: > 0 } ? $"{name}File" : "";
        if (key == "" || key == name)
        {
            if (key == name && file is { Length: > 0 })
                mistakes.Add($"{section.Path}:{name}File is '{file}': is given together with {name}; give one of them");
            return key == "" ? null : value;
        }
        try
        {
            return SecretFile.Read(file!) is { Length: > 0 } text ? text : throw new FormatException("is empty");
        }
        catch (Exception unusable) when (unusable is FormatException or IOException or UnauthorizedAccessException)
        {
            mistakes.Add($"{section.Path}:{key} is '{file}': {unusable.Message}");
            return null;
        }
    }

    private static TimeSpan ReadHold(IConfigurationSection section, string key, TimeSpan usual, List<string> mistakes)
    {
        if (section[key] is not { Length: > 0 } text) return usual;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var hold) && hold >= TimeSpan.Zero && hold <= TimeSpan.FromHours(1))
            return hold;
        mistakes.Add($"{section.Path}:{key} is '{text}': must be hh:mm:ss, from 00:00:00 to 01:00:00");
        return usual;
    }
}
