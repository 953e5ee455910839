using System.Globalization;
using System.Text.RegularExpressions;
using Crispy.Contracts;
using Microsoft.Extensions.Options;

namespace Crispy.ChunkLogger;

/// <summary>What chunk-logger is told: the section <c>Crispy:ChunkLogger</c>, and <c>Crispy:Bucket</c>, <c>Crispy:Signing</c> and
/// <c>STORAGE_EMULATOR_HOST</c>, which others read as well.</summary>
internal sealed partial record ChunkLoggerOptions
{
    public const string Section = "Crispy:ChunkLogger";

    private static readonly string[] Keys =
    [
        nameof(File), nameof(UrlLifetime), nameof(UrlContentDisposition), nameof(UrlContentType), nameof(SigningAccount),
        nameof(IamEndpoint), nameof(Topic), nameof(RememberedObjects),
    ];
    private static readonly (TimeSpan Least, TimeSpan Most) LifetimeRange = (TimeSpan.FromMinutes(1), TimeSpan.FromDays(7));

    /// <summary>A file to which every entry is appended besides standard output; none where null.</summary>
    public string? File { get; init; }

    /// <summary>How long a signed URL is good, from 1 minute to the 7 days that V4 signatures allow.</summary>
    public TimeSpan UrlLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The object's name without its folders, in <see cref="UrlContentDisposition"/>.</summary>
    public const string NamePlace = "{name}";

    /// <summary>The <c>Content-Disposition</c> (RFC 6266) with which a signed URL answers, such as <c>attachment; filename="{name}"</c>;
    /// the object's own where null.</summary>
    public string? UrlContentDisposition { get; init; }

    /// <summary>The <c>Content-Type</c> with which a signed URL answers, such as <c>video/x-matroska</c>;
    /// the object's own where null.</summary>
    public string? UrlContentType { get; init; }

    /// <summary>The service account as which IAM signs URLs. Where null, the credential's own: by its key if it has one,
    /// else by IAM.</summary>
    public string? SigningAccount { get; init; }

    /// <summary>Where IAM Credentials is.</summary>
    public Uri IamEndpoint { get; init; } = new("https://iamcredentials.googleapis.com/");

    /// <summary>The Pub/Sub topic that records are published to, <c>projects/P/topics/T</c>; none where null.</summary>
    public string? Topic { get; init; }

    /// <summary>The Pub/Sub emulator (<c>PUBSUB_EMULATOR_HOST</c>, <c>host:port</c>); the real service where null.</summary>
    public Uri? PubSubEmulator { get; init; }

    /// <summary>How many logged generations are remembered, so that an event that comes again gives no second entry.</summary>
    public int RememberedObjects { get; init; } = 100_000;

    /// <summary>Only events of this bucket are taken; of every bucket where null.</summary>
    public string? Bucket { get; init; }

    /// <summary>The public keys, PEM, any number.</summary>
    public required string PublicKeys { get; init; }

    /// <summary>The emulator's JSON API, such as <c>http://127.0.0.1:4443/storage/v1/</c>; the real service where null.</summary>
    public Uri? Emulator { get; init; }

    /// <summary>Names the project in trace fields; null where it is not known.</summary>
    public string? Project { get; init; }

    /// <exception cref="OptionsValidationException">Values that cannot be used, each failure with its key and value.</exception>
    public static ChunkLoggerOptions Read(IConfiguration configuration)
    {
        var failures = new List<string>();
        foreach (var unknown in configuration.GetSection(Section).GetChildren()
            .Where(child => !Keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
        {
            failures.Add($"{unknown.Path} is not a setting; the settings are {string.Join(", ", Keys.Select(key => $"{Section}:{key}"))}");
        }
        var defaults = new ChunkLoggerOptions { PublicKeys = "" };
        var options = new ChunkLoggerOptions
        {
            File = FilePath(configuration, failures),
            UrlLifetime = Lifetime(configuration, defaults.UrlLifetime, failures),
            UrlContentDisposition = Header(configuration, nameof(UrlContentDisposition),
                "a Content-Disposition such as inline, or attachment; filename=\"{name}\"",
                text => System.Net.Http.Headers.ContentDispositionHeaderValue.TryParse(
                    text.Replace(NamePlace, "name", StringComparison.Ordinal), out _), failures),
            UrlContentType = Header(configuration, nameof(UrlContentType), "a media type such as video/x-matroska",
                text => System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(text, out _), failures),
            SigningAccount =
                Matching(configuration, nameof(SigningAccount), AccountName(), "the e-mail address of a service account", failures),
            IamEndpoint = Address(configuration, $"{Section}:{nameof(IamEndpoint)}", failures) ?? defaults.IamEndpoint,
            Topic = Matching(configuration, nameof(Topic), TopicName(),
                "a topic's name such as projects/my-project/topics/chunks", failures),
            PubSubEmulator = Address(configuration, "PUBSUB_EMULATOR_HOST", failures),
            RememberedObjects = Remembered(configuration, defaults.RememberedObjects, failures),
            Bucket = Text(configuration, "Crispy:Bucket"),
            PublicKeys = ReadPublicKeys(configuration, failures),
            Emulator = EmulatorAddress(configuration, failures),
            Project = Text(configuration, "GOOGLE_CLOUD_PROJECT") ?? Text(configuration, "GCLOUD_PROJECT"),
        };
        return failures.Count == 0 ? options : throw new OptionsValidationException(Section, typeof(ChunkLoggerOptions), failures);
    }

    private static string? Text(IConfiguration configuration, string key) =>
        configuration[key] is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    private static string? FilePath(IConfiguration configuration, List<string> failures)
    {
        const string key = $"{Section}:{nameof(File)}";
        if (Text(configuration, key) is not { } path) return null;
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!Directory.Exists(folder)) failures.Add($"{key} '{path}': the folder '{folder}' does not exist");
        else if (Directory.Exists(path)) failures.Add($"{key} '{path}' is a folder, not a file");
        return Path.GetFullPath(path);
    }

    private static TimeSpan Lifetime(IConfiguration configuration, TimeSpan otherwise, List<string> failures)
    {
        const string key = $"{Section}:{nameof(UrlLifetime)}";
        if (Text(configuration, key) is not { } text) return otherwise;
        var (least, most) = LifetimeRange;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var lifetime) && lifetime >= least && lifetime <= most)
            return lifetime;
        failures.Add($"{key} '{text}' is not a time span (days.hours:minutes:seconds) from {least} to {most}");
        return otherwise;
    }

    private static string? Header(IConfiguration configuration, string name, string kind, Func<string, bool> isValid, List<string> failures)
    {
        if (Text(configuration, $"{Section}:{name}") is not { } text) return null;
        if (!text.All(character => character is >= ' ' and <= '~') || !isValid(text))
            failures.Add($"{Section}:{name} '{text}' is not {kind}");
        return text;
    }

    private static string? Matching(IConfiguration configuration, string name, Regex pattern, string kind, List<string> failures)
    {
        if (Text(configuration, $"{Section}:{name}") is not { } text) return null;
        if (!pattern.IsMatch(text)) failures.Add($"{Section}:{name} '{text}' is not {kind}");
        return text;
    }

    // https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names
    [GeneratedRegex(@"^projects/[a-z0-9][a-z0-9.:-]{3,61}[a-z0-9]/topics/[A-Za-z][\w.~+%-]{2,254}\z", RegexOptions.ECMAScript)]
    private static partial Regex TopicName();

    [GeneratedRegex(@"^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+\z")]
    private static partial Regex AccountName();

    private static int Remembered(IConfiguration configuration, int otherwise, List<string> failures)
    {
        const string key = $"{Section}:{nameof(RememberedObjects)}";
        const int most = 10_000_000;
        if (Text(configuration, key) is not { } text) return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= most)
            return number;
        failures.Add($"{key} '{text}' is not a whole number from 1 to {most}");
        return otherwise;
    }

    private static string ReadPublicKeys(IConfiguration configuration, List<string> failures)
    {
        const string textKey = "Crispy:Signing:PublicKeys";
        const string fileKey = "Crispy:Signing:PublicKeysFile";
        var keys = Text(configuration, textKey) ?? "";
        var file = Text(configuration, fileKey);
        if (keys.Length == 0 && file is null)
        {
            failures.Add($"{textKey} or {fileKey} is needed: without a public key no chunk's signature can be verified");
            return "";
        }
        if (keys.Length > 0) RequireKeys(textKey, keys, failures);
        if (file is null) return keys;
        try
        {
            var more = System.IO.File.ReadAllText(file);
            RequireKeys($"{fileKey} '{file}'", more, failures);
            return $"{keys}\n{more}";
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            failures.Add($"{fileKey} '{file}' cannot be read: {unreadable.Message}");
            return keys;
        }
    }

    private static void RequireKeys(string what, string pem, List<string> failures)
    {
        try
        {
            SigningKey.RequirePublic(pem);
        }
        catch (FormatException wrong)
        {
            failures.Add($"{what}: {wrong.Message}");
        }
    }

    private static Uri? EmulatorAddress(IConfiguration configuration, List<string> failures) =>
        Address(configuration, "STORAGE_EMULATOR_HOST", failures) switch
    {
        null => null,
        // Other languages' clients take the address without the API's path.
        { AbsolutePath.Length: > 1 } whole => new(whole.AbsoluteUri.TrimEnd('/') + "/"),
        var host => new(host, "/storage/v1/"),
    };

    private static Uri? Address(IConfiguration configuration, string key, List<string> failures)
    {
        if (Text(configuration, key) is not { } text) return null;
        var address = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https") return uri;
        failures.Add($"{key} '{text}' is not an address such as http://127.0.0.1:4443/");
        return null;
    }
}
