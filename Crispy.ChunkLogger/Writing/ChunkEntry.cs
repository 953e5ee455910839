using System.Globalization;
using System.Text.Json;
using Crispy.ChunkLogger.Reading;
using Crispy.ChunkLogger.Verifying;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Writing;

/// <summary>The entry of a chunk.</summary>
internal sealed record ChunkEntry : Entry
{
    public required ChunkReport Report { get; init; }

    public required string SignedUrl { get; init; }

    public required DateTimeOffset SignedUrlExpires { get; init; }

    /// <summary>From the end of the last frame; null where that is not known.</summary>
    public TimeSpan? Latency { get; init; }

    /// <inheritdoc />
    public override string Kind => "chunk";

    /// <inheritdoc />
    public override string InsertId => Report.Chunk ?? Report.Object.Identity;

    /// <inheritdoc />
    public override (string Stream, string Epoch)? Origin => Report.Manifest is { } manifest ? (manifest.Stream, manifest.Epoch) : null;

    /// <inheritdoc />
    protected override string Severity => Report.Severity;

    /// <inheritdoc />
    protected override string Message => $"chunk {InsertId} stored, signature {Report.SignatureText}";

    /// <inheritdoc />
    protected override StoredObject Object => Report.Object;

    /// <inheritdoc />
    protected override void WriteBody(Utf8JsonWriter json)
    {
        if (Report.Chunk is { } chunk) json.WriteString("chunk", chunk);
        json.WriteString("signature", Report.SignatureText);
        json.WriteString("chain", ManifestChain.Text(Report.Chain));
        WriteResolution(json);
        if (Report.Manifest is { } manifest)
        {
            json.WriteStartObject("duration");
            json.WriteString("from", Instants.Format(manifest.From));
            json.WriteString("to", Instants.Format(manifest.To));
            json.WriteNumber("seconds", Instants.Seconds(manifest.Duration));
            json.WriteEndObject();
            json.WriteNumber("frames", manifest.Frames);
        }
        if (Report.Object.MediaLink is { } link) json.WriteString("mediaLink", link);
        json.WriteString("signedUrl", SignedUrl);
        json.WriteString("signedUrlExpires", Instants.Format(SignedUrlExpires));
        if (Latency is { } latency) json.WriteNumber("latencyMs", Math.Round((decimal)latency.TotalMilliseconds, 1));
        if (Report.Problems.Count == 0) return;
        json.WriteStartArray("problems");
        foreach (var problem in Report.Problems) json.WriteStringValue(problem);
        json.WriteEndArray();
    }

    /// <summary>What the object itself says counts; where its head does not tell, the manifest's word.</summary>
    private void WriteResolution(Utf8JsonWriter json)
    {
        var (height, width, channels) = Report switch
        {
            { Video: { } video } => (video.Height, video.Width, video.Channels),
            { Manifest: { } manifest } => (manifest.Height, manifest.Width, manifest.Channels),
            _ => (0, 0, 0),
        };
        if (height == 0) return;
        json.WriteStartObject("resolution");
        json.WriteNumber("height", height);
        json.WriteNumber("width", width);
        json.WriteNumber("channels", channels);
        json.WriteEndObject();
        if (Report.Manifest is { } signed && Shown(signed, height, width) is { } shown && shown != (height, width)) WriteShown(json, shown);
    }

    private static void WriteShown(Utf8JsonWriter json, (int Height, int Width) shown)
    {
        json.WriteStartObject("shown");
        json.WriteNumber("height", shown.Height);
        json.WriteNumber("width", shown.Width);
        json.WriteEndObject();
    }

    // Pixels that are not square are stretched in width; then the picture is turned.
    private static (int Height, int Width) Shown(ChunkManifest manifest, int height, int width)
    {
        if (manifest.Sar?.Split(':') is [var across, var down]
            && int.TryParse(across, NumberStyles.None, CultureInfo.InvariantCulture, out var numerator)
            && int.TryParse(down, NumberStyles.None, CultureInfo.InvariantCulture, out var denominator) && numerator > 0 && denominator > 0)
            width = (int)Math.Clamp(Math.Round((double)width * numerator / denominator), 1, 1 << 20);
        return manifest.Rotation is 90 or 270 ? (width, height) : (height, width);
    }
}
