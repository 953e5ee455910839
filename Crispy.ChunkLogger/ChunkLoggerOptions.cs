using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Crispy.Archive;
using Google.Apis.Auth.OAuth2;
using Microsoft.Extensions.Options;

namespace Crispy.ChunkLogger;

/// <summary>What chunk-logger is told: the section <c>Crispy:ChunkLogger</c>, and <c>Crispy:Bucket</c>, <c>Crispy:Signing</c> and
/// <c>STORAGE_EMULATOR_HOST</c>, which others read as well.</summary>
internal sealed partial record ChunkLoggerOptions
{
    public const string Section = "Crispy:ChunkLogger";

    private static readonly SettingsWording Wording = new()
        { Value = value => $"'{value}':", Unknown = known => $"is not a setting; the settings are {known}" };

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

    /// <summary>The credential of <c>Crispy:Credentials</c>; null where it is not set.</summary>
    public GoogleCredential? Credential { get; init; }

    /// <exception cref="OptionsValidationException">Values that cannot be used, each failure with its key and value.</exception>
    public static ChunkLoggerOptions Read(IConfiguration configuration)
    {
        var settings = new SettingsReader(configuration, Wording);
        var (keys, root) = (settings.Section(Section), settings.Section(""));
        var defaults = new ChunkLoggerOptions { PublicKeys = "" };
        var options = new ChunkLoggerOptions
        {
            File = FilePath(keys),
            UrlLifetime = keys.Span(nameof(UrlLifetime), TimeSpan.FromMinutes(1), TimeSpan.FromDays(7)) ?? defaults.UrlLifetime,
            UrlContentDisposition = keys.Text(nameof(UrlContentDisposition), text => IsPrintable(text)
                && ContentDispositionHeaderValue.TryParse(text.Replace(NamePlace, "name", StringComparison.Ordinal), out _),
                "must be a Content-Disposition such as inline, or attachment; filename=\"{name}\""),
            UrlContentType = keys.Text(nameof(UrlContentType), text => IsPrintable(text) && MediaTypeHeaderValue.TryParse(text, out _),
                "must be a media type such as video/x-matroska"),
            SigningAccount = keys.Text(nameof(SigningAccount), AccountName().IsMatch, "must be the e-mail address of a service account"),
            IamEndpoint = keys.Address(nameof(IamEndpoint)) ?? defaults.IamEndpoint,
            Topic = keys.Text(nameof(Topic), TopicName().IsMatch, "must be a topic's name such as projects/my-project/topics/chunks"),
            PubSubEmulator = root.Address("PUBSUB_EMULATOR_HOST"),
            RememberedObjects = keys.Number(nameof(RememberedObjects), 1, 10_000_000) ?? defaults.RememberedObjects,
            Bucket = settings.Bucket(isRequired: false),
            PublicKeys = settings.PublicKeys(),
            Emulator = settings.StorageEmulator(),
            Credential = BucketAccess.Credential(settings),
            Project = root.Text("GOOGLE_CLOUD_PROJECT") ?? root.Text("GCLOUD_PROJECT"),
        };
        keys.RefuseUnknownKeys();
        return settings.Checked(options);
    }

    private static string? FilePath(SectionReader keys)
    {
        if (keys.FullPath(nameof(File)) is not { } path) return null;
        var folder = Path.GetDirectoryName(path);
        if (!Directory.Exists(folder)) keys.Mistake(nameof(File), keys.Text(nameof(File)), $"the folder '{folder}' does not exist");
        else if (Directory.Exists(path)) keys.Mistake(nameof(File), keys.Text(nameof(File)), "is a folder, not a file");
        return path;
    }

    private static bool IsPrintable(string text) => text.All(character => character is >= ' ' and <= '~');

    // https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names
    [GeneratedRegex(@"^projects/[a-z0-9][a-z0-9.:-]{3,61}[a-z0-9]/topics/[A-Za-z][\w.~+%-]{2,254}\z", RegexOptions.ECMAScript)]
    private static partial Regex TopicName();

    [GeneratedRegex(@"^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+\z")]
    private static partial Regex AccountName();
}
