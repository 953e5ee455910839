using Crispy.Contracts;
using Crispy.StreamHandle.Api;
using Crispy.StreamHandle.Configuring;
using Crispy.StreamHandle.Launching;
using Crispy.StreamHandle.Leasing;
using Crispy.StreamHandle.Registering;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle;

/// <summary>Everything that stream-handle is told by its configuration, section <c>Crispy</c>, checked.</summary>
/// <param name="Streams">The streams.</param>
/// <param name="Spool">The volume for chunks.</param>
/// <param name="Signing">The keys.</param>
/// <param name="FfmpegFolder">Where ffmpeg and ffprobe lie; null looks in PATH.</param>
/// <param name="Access">Who may use the HTTP API.</param>
/// <param name="Leases">How several replicas share the streams.</param>
/// <param name="Connects">How many sources are opened at once.</param>
/// <param name="Sources">Which addresses no source may have.</param>
/// <param name="Retention">How long what is recorded is kept.</param>
public sealed record Settings(IReadOnlyList<StreamOptions> Streams, SpoolOptions Spool, SigningKeys Signing, string? FfmpegFolder,
    ApiAccess Access, LeaseOptions Leases, ConnectOptions Connects, SourceGate Sources, RetentionSettings Retention)
{
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
        var streams = StreamOptionsReader.ReadAll(crispy.GetSection("Streams"), section => ConfigurationPlace.Of(configuration, section), mistakes);
        var settings = new Settings(
            streams,
            ReadSpool(new(crispy.GetSection("Spool"), "Crispy:Spool", mistakes)),
            SigningKeys.Read(new(crispy.GetSection("Signing"), "Crispy:Signing", mistakes)),
            ReadFfmpeg(new(crispy.GetSection("Ffmpeg"), "Crispy:Ffmpeg", mistakes)),
            ApiAccess.Read(new(crispy.GetSection("Api"), "Crispy:Api", mistakes)),
            LeaseOptions.Read(new(crispy.GetSection("Leases"), "Crispy:Leases", mistakes)),
            ConnectOptions.Read(new(crispy.GetSection("Connects"), "Crispy:Connects", mistakes)),
            SourceGate.Read(crispy.GetSection("Sources"), mistakes),
            RetentionSettings.Read(new(crispy.GetSection("Retention"), RetentionSettings.Section, mistakes), streams, mistakes));
        return mistakes.Count == 0 ? settings : throw new SettingsException(mistakes);
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
