using Crispy.Contracts;
using Google.Apis.Auth.OAuth2;
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

    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The public keys (<see cref="SigningKey.ReadPublic"/>).</summary>
    public required string PublicKeys { get; init; }

    /// <summary>The service account of <c>Crispy:Credentials</c>; application default credentials where null.</summary>
    public GoogleCredential? Credential { get; init; }

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
        var settings = new SettingsReader(configuration);
        var keys = settings.Section(Section);
        var defaults = new ArchiveOptions { Bucket = "", PublicKeys = "" };
        var options = new ArchiveOptions
        {
            Bucket = settings.Bucket() ?? "",
            PublicKeys = settings.PublicKeys(),
            Credential = BucketAccess.Credential(settings),
            Emulator = settings.StorageEmulator(),
            CacheFolder = keys.FullPath(nameof(CacheFolder)) ?? defaults.CacheFolder,
            CacheMaxBytes = keys.Number(nameof(CacheMaxBytes), 16L << 20, 1L << 50) ?? defaults.CacheMaxBytes,
            CachedChunks = keys.Number(nameof(CachedChunks), 1000, 100_000_000) ?? defaults.CachedChunks,
            UrlLifetime = keys.Span(nameof(UrlLifetime), TimeSpan.FromMinutes(1), TimeSpan.FromDays(7)) ?? defaults.UrlLifetime,
            FfmpegFolder = keys.Text(nameof(FfmpegFolder)),
            FfmpegProcesses = keys.Number(nameof(FfmpegProcesses), 1, 64) ?? defaults.FfmpegProcesses,
            TraceUrl = keys.Text(nameof(TraceUrl), IsTraceUrl, $"must be an address that holds {TraceIdPlace}"),
            Exports = keys.Number(nameof(Exports), 1, 64) ?? defaults.Exports,
            ExportMaxBytes = keys.Number(nameof(ExportMaxBytes), 1L << 20, 1L << 50) ?? defaults.ExportMaxBytes,
            Conversions = keys.Number(nameof(Conversions), 0, 64) ?? defaults.Conversions,
        };
        keys.RefuseUnknownKeys();
        return settings.Checked(options);
    }

    private static bool IsTraceUrl(string text) => text.Contains(TraceIdPlace, StringComparison.Ordinal)
        && Uri.TryCreate(text.Replace(TraceIdPlace, "0", StringComparison.Ordinal), UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https";
}
