using System.Globalization;
using Crispy.Contracts;
using Microsoft.Extensions.Options;

namespace Crispy.ChunkLogger;

/// <summary>What chunk-logger is told: the section <c>Crispy:ChunkLogger</c>, and <c>Crispy:Bucket</c>, <c>Crispy:Signing</c> and
/// <c>STORAGE_EMULATOR_HOST</c>, which others read as well.</summary>
internal sealed record ChunkLoggerOptions
{
    public const string Section = "Crispy:ChunkLogger";

    private static readonly string[] Keys = [nameof(File), nameof(UrlLifetime), nameof(RememberedObjects)];
    private static readonly (TimeSpan Least, TimeSpan Most) LifetimeRange = (TimeSpan.FromMinutes(1), TimeSpan.FromDays(7));

    /// <summary>A file to which every entry is appended besides standard output; none where null.</summary>
    public string? File { get; init; }

    /// <summary>How long a signed URL is good, from 1 minute to the 7 days that V4 signatures allow.</summary>
    public TimeSpan UrlLifetime { get; init; } = TimeSpan.FromHours(1);

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
        foreach (var unknown in configuration.GetSection(Section).GetChildren().Where(child => !Keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
        {
            failures.Add($"{unknown.Path} is not a setting; the settings are {string.Join(", ", Keys.Select(key => $"{Section}:{key}"))}");
        }
        var defaults = new ChunkLoggerOptions { PublicKeys = "" };
        var options = new ChunkLoggerOptions
        {
            File = FilePath(configuration, failures),
            UrlLifetime = Lifetime(configuration, defaults.UrlLifetime, failures),
            RememberedObjects = Remembered(configuration, defaults.RememberedObjects, failures),
            Bucket = Text(configuration, "Crispy:Bucket"),
            PublicKeys = ReadPublicKeys(configuration, failures),
            Emulator = EmulatorAddress(configuration, failures),
            Project = Text(configuration, "GOOGLE_CLOUD_PROJECT") ?? Text(configuration, "GCLOUD_PROJECT"),
        };
        return failures.Count == 0 ? options : throw new OptionsValidationException(Section, typeof(ChunkLoggerOptions), failures);
    }

    private static string? Text(IConfiguration configuration, string key) => configuration[key] is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

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
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var lifetime) && lifetime >= least && lifetime <= most) return lifetime;
        failures.Add($"{key} '{text}' is not a time span (days.hours:minutes:seconds) from {least} to {most}");
        return otherwise;
    }

    private static int Remembered(IConfiguration configuration, int otherwise, List<string> failures)
    {
        const string key = $"{Section}:{nameof(RememberedObjects)}";
        const int most = 10_000_000;
        if (Text(configuration, key) is not { } text) return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= most) return number;
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
            foreach (var key in SigningKey.ReadPublic(pem)) key.Dispose();
        }
        catch (FormatException wrong)
        {
            failures.Add($"{what}: {wrong.Message}");
        }
    }

    private static Uri? EmulatorAddress(IConfiguration configuration, List<string> failures)
    {
        const string key = "STORAGE_EMULATOR_HOST";
        if (Text(configuration, key) is not { } text) return null;
        var address = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            failures.Add($"{key} '{text}' is not an address such as http://127.0.0.1:4443/storage/v1/");
            return null;
        }
        // Other languages' clients take the address without the API's path.
        return uri.AbsolutePath.Length > 1 ? new(uri.AbsoluteUri.TrimEnd('/') + "/") : new(uri, "/storage/v1/");
    }
}
