using Crispy.Contracts;
using Crispy.StreamHandle.Api;
using Crispy.StreamHandle.Configuring;
using Crispy.StreamHandle.Leasing;
using Crispy.StreamHandle.Registering;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle;

/// <summary>Everything that stream-handle is told by its configuration, section <c>Crispy</c>, checked.</summary>
public sealed record Settings
{
    /// <summary>The streams.</summary>
    public required IReadOnlyList<StreamOptions> Streams { get; init; }

    /// <summary>The volume for chunks.</summary>
    public required SpoolOptions Spool { get; init; }

    /// <summary>The keys.</summary>
    public required SigningKeys Signing { get; init; }

    /// <summary>Where ffmpeg and ffprobe lie; null looks in PATH.</summary>
    public required string? FfmpegFolder { get; init; }

    /// <summary>Who may use the HTTP API.</summary>
    public required ApiAccess Access { get; init; }

    /// <summary>How several replicas share the streams.</summary>
    public required LeaseOptions Leases { get; init; }

    /// <summary>How many sources are opened at once.</summary>
    public required ConnectOptions Connects { get; init; }

    /// <summary>Which addresses no source may have.</summary>
    public required SourceGate Sources { get; init; }

    /// <summary>How long what is recorded is kept.</summary>
    public required RetentionSettings Retention { get; init; }

    // Those of the other processes too: all of them may share one environment.
    private static readonly HashSet<string> KnownSections =
        new(StringComparer.OrdinalIgnoreCase)
        {
            "Streams", "Spool", "Signing", "Ffmpeg", "Api", "Tls", "Bucket", "Upload", "ChunkLogger", "Credentials", "Leases", "Connects",
                "Sources",
            "Archive", "Console", "Notify", "Retention", "Prices",
        };

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="SettingsException">It holds mistakes; the message names all of them.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        var crispy = configuration.GetSection("Crispy");
        var mistakes = new List<string>();
        foreach (var child in crispy.GetChildren().Where(child => !KnownSections.Contains(child.Key)))
            mistakes.Add($"{child.Path} is not a known key (known: {string.Join(", ", KnownSections.Order())})");
        var streams = StreamOptionsReader.ReadAll(
            crispy.GetSection("Streams"), section => ConfigurationPlace.Of(configuration, section), mistakes);
        var settings = new Settings
        {
            Streams = streams,
            Spool = ReadSpool(Section("Spool")),
            Signing = SigningKeys.Read(Section("Signing")),
            FfmpegFolder = ReadFfmpeg(Section("Ffmpeg")),
            Access = ApiAccess.Read(Section("Api")),
            Leases = LeaseOptions.Read(Section("Leases")),
            Connects = ConnectOptions.Read(Section("Connects")),
            Sources = SourceGate.Read(crispy.GetSection("Sources"), mistakes),
            Retention = RetentionSettings.Read(new(crispy.GetSection("Retention"), RetentionSettings.Section, mistakes), streams, mistakes),
        };
        return mistakes.Count == 0 ? settings : throw new SettingsException(mistakes);

        SectionReader Section(string name) => new(crispy.GetSection(name), $"Crispy:{name}", mistakes);
    }

    private static SpoolOptions ReadSpool(SectionReader keys)
    {
        var defaults = new SpoolOptions { Path = "" };
        var path = keys.Text("Path");
        if (path is null) keys.Mistake("Path", null, "must be the folder on which chunks wait for their upload");
        var name = keys.Text("Name") ?? defaults.Name;
        if (!StreamId.IsValid(name)) keys.Mistake("Name", name, "must be 1 to 63 characters of a-z, 0-9 and single inner hyphens");
        var spool = new SpoolOptions
        {
            Path = path is null ? "" : Path.GetFullPath(path),
            Name = name,
            MaxBytes = keys.Bytes("MaxBytes", 1 << 20),
            MinFreeBytes = keys.Bytes("MinFreeBytes", 0) ?? defaults.MinFreeBytes,
            MaxPendingSegments = keys.Number("MaxPendingSegments", 2, 10_000) ?? defaults.MaxPendingSegments,
            SweepInterval = keys.Span("SweepInterval", TimeSpan.FromSeconds(0.1), TimeSpan.FromHours(1)) ?? defaults.SweepInterval,
        };
        keys.RefuseUnknownKeys();
        return spool;
    }

    private static string? ReadFfmpeg(SectionReader keys)
    {
        var folder = keys.Text("Folder");
        keys.RefuseUnknownKeys();
        return folder;
    }
}
