using System.Globalization;

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

    private const int MostTargets = 32;
    private static readonly NoticeKind[] All =
        [.. Enum.GetValues<NoticeKind>().Where(kind => kind is not (NoticeKind.Unknown or NoticeKind.Test))];

    private static string Names => string.Join(", ", All.Select(ApiEnum.Name));

    /// <summary>Reads and checks the configuration.</summary>
    internal static NotifySettings Read(SettingsReader settings)
    {
        var (console, most) = (settings.Section("Crispy:Console"), TimeSpan.FromHours(1));
        return new(ReadTargets(settings), console.FullPath("NotifyFolder"),
            console.Span("NotifyHold", TimeSpan.Zero, most) ?? TimeSpan.FromSeconds(5),
            console.Span("NotifyCameraHold", TimeSpan.Zero, most) ?? TimeSpan.FromSeconds(10));
    }

    private static List<NotifyTarget> ReadTargets(SettingsReader settings)
    {
        var (targets, mistakes) = (new List<NotifyTarget>(), settings.Mistakes);
        if (settings.Configuration[Section] is { Length: > 0 })
            mistakes.Add($"{Section} holds a value of its own: targets have numbers, as in {Section}:0:Url");
        foreach (var name in settings.Section(Section).Names)
        {
            var path = $"{Section}:{name}";
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || name is ['0', _, ..])
                mistakes.Add($"{path} is not a known key: targets have numbers, as in {Section}:0:Url");
            else if (settings.Configuration[path] is { Length: > 0 }) mistakes.Add($"{path} holds a value of its own: give {path}:Url");
            // A deployment may offer a target that nobody filled in.
            else if (!settings.Section(path).IsEmpty && ReadTarget(settings, path, number) is { } target) targets.Add(target);
        }
        if (targets.Count > MostTargets) mistakes.Add($"{Section} has {targets.Count} targets: there can be {MostTargets}");
        foreach (var same in targets.GroupBy(target => target.Hash))
        {
            foreach (var (index, target) in same.OrderBy(target => target.Number).Index())
                target.Id = index == 0 ? target.Hash : string.Create(CultureInfo.InvariantCulture, $"{target.Hash}-{index}");
        }
        return [.. targets.OrderBy(target => target.Number)];
    }

    private static NotifyTarget? ReadTarget(SettingsReader settings, string path, int number)
    {
        var (keys, before) = (settings.Section(path), settings.Mistakes.Count);
        var (url, kinds, secret, body) = (ReadUrl(keys), ReadKinds(keys), ReadSecret(keys), ReadBody(settings, path));
        keys.RefuseUnknownKeys();
        return settings.Mistakes.Count > before ? null : new(number, url!, kinds, secret, body!);
    }

    private static Uri? ReadUrl(SectionReader keys)
    {
        const string rule = "must be an address, http:// or https://";
        if (keys.Secret("Url", out var key) is not { } text)
        {
            if (!keys.Has(key)) keys.Mistake(key, null, rule);
            return null;
        }
        if (Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0) return url;
        // Even a wrong one may hold the secret.
        keys.Mistake(key, NotifyTarget.Mask, rule);
        return null;
    }

    private static List<NoticeKind> ReadKinds(SectionReader keys)
    {
        var kinds = new List<NoticeKind>();
        foreach (var (key, name) in keys.Words("Kinds", ','))
        {
            var kind = All.FirstOrDefault(kind => ApiEnum.Name(kind).Equals(name, StringComparison.OrdinalIgnoreCase));
            if (kind != NoticeKind.Unknown) kinds.Add(kind);
            else keys.Mistake(key, name, $"must be some of {Names}");
        }
        return kinds.Count == 0 ? [.. All] : [.. kinds.Distinct().Order()];
    }

    private static WebhookSecret? ReadSecret(SectionReader keys)
    {
        if (keys.Secret("Secret", out var key) is not { } text) return null;
        var secret = WebhookSecret.Parse(text);
        if (secret is null) keys.Mistake(key, NotifyTarget.Mask, WebhookSecret.Rule);
        return secret;
    }

    private static BodyTemplate? ReadBody(SettingsReader settings, string path)
    {
        var keys = settings.Section(path);
        var type = keys.Text("ContentType");
        if (type is not null && !System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(type, out _))
        {
            keys.Mistake("ContentType", type, "must be a media type, such as application/json");
            return null;
        }
        var body = BodyTemplate.Parse(keys.Secret("Body", out var key), type, out var mistake);
        // It may hold a routing key.
        if (mistake is not null) settings.Mistakes.Add($"{path}:{key} {mistake}");
        return body;
    }
}
