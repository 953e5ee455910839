using System.Globalization;
using Crispy.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Crispy.Archive;

/// <summary>What the archive is told: the section <c>Crispy:Archive</c>, and <c>Crispy:Bucket</c>,
/// <c>Crispy:Signing</c>, <c>Crispy:Credentials</c> and
/// <c>STORAGE_EMULATOR_HOST</c>, which others read as well.</summary>
public sealed record ArchiveOptions
{
    /// <summary>The section.</summary>
    public const string Section = "Crispy:Archive";

    private const string BucketKey = "Crispy:Bucket";
    private const string PublicKeysKey = "Crispy:Signing:PublicKeys";
    private const string PublicKeysFileKey = "Crispy:Signing:PublicKeysFile";
    private const string EmulatorKey = "STORAGE_EMULATOR_HOST";

    private static readonly string[] Keys =
        [nameof(CacheFolder), nameof(CacheMaxBytes), nameof(CachedChunks), nameof(UrlLifetime), nameof(FfmpegFolder),
            nameof(FfmpegProcesses), nameof(TraceUrl),
        nameof(Exports), nameof(ExportMaxBytes), nameof(Conversions)];

    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The public keys (<see cref="SigningKey.ReadPublic"/>).</summary>
    public required string PublicKeys { get; init; }

    /// <summary>The JSON of a service account's key; application default credentials where null.</summary>
    public string? Credentials { get; init; }

    /// <summary>The emulator's JSON API, such as <c>http://127.0.0.1:4443/storage/v1/</c>; the real service where null.</summary>
    public Uri? Emulator { get; init; }

    /// <summary>Where pictures and remuxed chunks are kept; made if it is not there. By default a folder of this user's own below the
    /// system's temporary one.</summary>
    public string CacheFolder { get; init; } = Path.Combine(Path.GetTempPath(), $"crispy-archive-{Environment.UserName}");

    /// <summary>Most bytes in <see cref="CacheFolder"/>, 16 MiB or more; what was not used for longest goes first.</summary>
    public long CacheMaxBytes { get; init; } = 1L << 30;

    /// <summary>How many chunks of listings are kept in memory, some 150 bytes each. A stream of 3 s chunks has 28,800 a day.</summary>
    public int CachedChunks { get; init; } = 300_000;

    /// <summary>How many exports are made at once, 1 to 64; one more is refused.</summary>
    public int Exports { get; init; } = 2;

    /// <summary>Most bytes of chunks in one export. Where they are made, in <see cref="CacheFolder"/>,
    /// each needs twice as much room.</summary>
    public long ExportMaxBytes { get; init; } = 16L << 30;

    /// <summary>How many chunks are encoded at once, for browsers that cannot play what was recorded: 0, for never, to 64. By default a
    /// quarter of the cores, and at least one.</summary>
    public int Conversions { get; init; } = Math.Max(1, Environment.ProcessorCount / 4);

    /// <summary>How long a signed URL is good, from 1 minute to the 7 days that V4 signatures allow.</summary>
    public TimeSpan UrlLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The folder of ffmpeg; PATH is searched where null.</summary>
    public string? FfmpegFolder { get; init; }

    /// <summary>Most ffmpeg processes at once, 1 to 64.</summary>
    public int FfmpegProcesses { get; init; } = Math.Clamp(Environment.ProcessorCount, 2, 8);

    /// <summary>The place of a trace id in <see cref="TraceUrl"/>.</summary>
    public const string TraceIdPlace = "{traceId}";

    /// <summary>Address of a trace in a dashboard, such as <c>http://localhost:18888/traces/detail/{traceId}</c>;
    /// none where null.</summary>
    public string? TraceUrl { get; init; }

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="OptionsValidationException">Values that cannot be used, each failure with its key and value.</exception>
    public static ArchiveOptions Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var failures = new List<string>();
        foreach (var unknown in configuration.GetSection(Section).GetChildren()
            .Where(child => !Keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
            failures.Add($"{unknown.Path} is not a setting; the settings are {string.Join(", ", Keys.Select(key => $"{Section}:{key}"))}");
        var bucket = Text(configuration, BucketKey);
        if (bucket is null) failures.Add($"{BucketKey} is needed: the bucket that holds the chunks");
        var defaults = new ArchiveOptions { Bucket = "", PublicKeys = "" };
        var options = new ArchiveOptions
        {
            Bucket = bucket ?? "",
            PublicKeys = ReadPublicKeys(configuration, failures),
            Credentials = Text(configuration, "Crispy:Credentials"),
            Emulator = EmulatorAddress(configuration, failures),
            CacheFolder = Path.GetFullPath(Text(configuration, $"{Section}:{nameof(CacheFolder)}") ?? defaults.CacheFolder),
            CacheMaxBytes = Number(configuration, nameof(CacheMaxBytes), 16L << 20, 1L << 50, defaults.CacheMaxBytes, failures),
            CachedChunks = (int)Number(configuration, nameof(CachedChunks), 1000, 100_000_000, defaults.CachedChunks, failures),
            UrlLifetime = Lifetime(configuration, defaults.UrlLifetime, failures),
            FfmpegFolder = Text(configuration, $"{Section}:{nameof(FfmpegFolder)}"),
            FfmpegProcesses = (int)Number(configuration, nameof(FfmpegProcesses), 1, 64, defaults.FfmpegProcesses, failures),
            TraceUrl = TraceAddress(configuration, failures),
            Exports = (int)Number(configuration, nameof(Exports), 1, 64, defaults.Exports, failures),
            ExportMaxBytes = Number(configuration, nameof(ExportMaxBytes), 1L << 20, 1L << 50, defaults.ExportMaxBytes, failures),
            Conversions = (int)Number(configuration, nameof(Conversions), 0, 64, defaults.Conversions, failures),
        };
        return failures.Count == 0 ? options : throw new OptionsValidationException(Section, typeof(ArchiveOptions), failures);
    }

    private static string? Text(IConfiguration configuration, string key) =>
        configuration[key] is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    private static long Number(IConfiguration configuration, string name, long least, long most, long otherwise, List<string> failures)
    {
        if (Text(configuration, $"{Section}:{name}") is not { } text) return otherwise;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        failures.Add(
            string.Create(CultureInfo.InvariantCulture, $"{Section}:{name} '{text}' is not a whole number from {least} to {most}"));
        return otherwise;
    }

    private static TimeSpan Lifetime(IConfiguration configuration, TimeSpan otherwise, List<string> failures)
    {
        const string key = $"{Section}:{nameof(UrlLifetime)}";
        if (Text(configuration, key) is not { } text) return otherwise;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var lifetime) && lifetime >= TimeSpan.FromMinutes(1)
            && lifetime <= TimeSpan.FromDays(7))
            return lifetime;
        failures.Add($"{key} '{text}' is not a time span (days.hours:minutes:seconds) from 1 minute to 7 days");
        return otherwise;
    }

    private static string? TraceAddress(IConfiguration configuration, List<string> failures)
    {
        const string key = $"{Section}:{nameof(TraceUrl)}";
        if (Text(configuration, key) is not { } text) return null;
        var isAddress = Uri.TryCreate(text.Replace(TraceIdPlace, "0", StringComparison.Ordinal), UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https";
        if (!isAddress || !text.Contains(TraceIdPlace, StringComparison.Ordinal))
            failures.Add($"{key} '{text}' is not an address that holds {TraceIdPlace}");
        return text;
    }

    private static string ReadPublicKeys(IConfiguration configuration, List<string> failures)
    {
        var (keys, file) = (Text(configuration, PublicKeysKey), Text(configuration, PublicKeysFileKey));
        if (keys is null && file is null)
            failures.Add($"{PublicKeysKey} or {PublicKeysFileKey} is needed: without a public key no signature can be verified");
        var more = file is null ? null : ReadFile(file, failures);
        if (keys is not null) RequireKeys(PublicKeysKey, keys, failures);
        if (more is not null) RequireKeys($"{PublicKeysFileKey} '{file}'", more, failures);
        return $"{keys}\n{more}";
    }

    private static string? ReadFile(string file, List<string> failures)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            failures.Add($"{PublicKeysFileKey} '{file}' cannot be read: {unreadable.Message}");
            return null;
        }
    }

    private static void RequireKeys(string what, string text, List<string> failures)
    {
        try
        {
            SigningKey.RequirePublic(text);
        }
        catch (FormatException wrong)
        {
            failures.Add($"{what}: {wrong.Message}");
        }
    }

    private static Uri? EmulatorAddress(IConfiguration configuration, List<string> failures)
    {
        if (Text(configuration, EmulatorKey) is not { } text) return null;
        var address = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
            return uri.AbsolutePath.Length > 1 ? new(uri.AbsoluteUri.TrimEnd('/') + "/") : new(uri, "/storage/v1/");
        failures.Add($"{EmulatorKey} '{text}' is not an address such as http://127.0.0.1:4443/");
        return null;
    }
}
