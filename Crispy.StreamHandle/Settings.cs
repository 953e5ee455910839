using Crispy.StreamHandle.Api;
using Crispy.StreamHandle.Configuring;
using Crispy.StreamHandle.Leasing;
using Crispy.StreamHandle.Redacting;
using Crispy.StreamHandle.Registering;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;
using Microsoft.Extensions.Options;

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

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="OptionsValidationException">It holds mistakes; all of them are named.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        var all = new SettingsReader(configuration, Redaction.InSettings);
        var (streams, api) = (StreamOptionsReader.ReadAll(all), ApiSettings.Read(all));
        var settings = new Settings
        {
            Streams = streams,
            Spool = SpoolOptions.Read(all.Section("Crispy:Spool")),
            Signing = SigningKeys.Read(all),
            FfmpegFolder = ReadFfmpeg(all.Section("Crispy:Ffmpeg")),
            Access = new(api.Token) { AllowedHosts = api.AllowedHosts },
            Leases = LeaseOptions.Read(all.Section("Crispy:Leases")),
            Connects = ConnectOptions.Read(all.Section("Crispy:Connects")),
            Sources = SourceGate.Read(all.Section("Crispy:Sources")),
            Retention = RetentionSettings.Read(all, streams),
        };
        var crispy = all.Section("Crispy");
        // Those of the other processes too: all of them may share one environment.
        crispy.Know("Api", "Archive", "Bucket", "ChunkLogger", "Connects", "Console", "Credentials", "Ffmpeg", "Leases", "Notify", "Prices",
            "Retention", "Signing", "Sources", "Spool", "Streams", "Tls", "Upload");
        crispy.RefuseUnknownKeys();
        return all.Checked(settings);
    }

    private static string? ReadFfmpeg(SectionReader keys)
    {
        var folder = keys.Text("Folder");
        keys.RefuseUnknownKeys();
        return folder;
    }
}
