using System.Buffers;
using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using Crispy.ChunkLogger.Verifying;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Writing;

/// <summary>The entry of a chunk: one line of JSON as Cloud Logging reads it from standard output
/// (<see href="https://cloud.google.com/logging/docs/structured-logging"/>).</summary>
internal sealed record ChunkEntry
{
    // '&' in a URL and '+' in base64 stay readable: the line never stands inside HTML.
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public required ChunkReport Report { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string SignedUrl { get; init; }

    public required DateTimeOffset SignedUrlExpires { get; init; }

    /// <summary>From the end of the last frame; null where that is not known.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>The chunk's trace.</summary>
    public ActivityContext Trace { get; init; }

    /// <summary>Names the trace's project; null where it is not known.</summary>
    public string? Project { get; init; }

    private string InsertId => Report.Chunk ?? Report.Object.Identity;

    /// <summary>The line, its end included.</summary>
    public ReadOnlyMemory<byte> ToLine()
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            WriteCloudLogging(json);
            WriteLabels(json);
            WriteChunk(json);
            json.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private void WriteCloudLogging(Utf8JsonWriter json)
    {
        json.WriteString("severity", Report.Severity);
        json.WriteString("message", $"chunk {InsertId} stored, signature {Report.SignatureText}");
        json.WriteString("time", Instants.Format(Time));
        if (Trace.TraceId != default)
        {
            json.WriteString("logging.googleapis.com/trace", Project is null ? Trace.TraceId.ToString() : $"projects/{Project}/traces/{Trace.TraceId}");
            json.WriteString("logging.googleapis.com/spanId", Trace.SpanId.ToString());
        }
        json.WriteString("logging.googleapis.com/insertId", InsertId);
    }

    private void WriteLabels(Utf8JsonWriter json)
    {
        json.WriteStartObject("labels");
        if (Report.Manifest is { } manifest)
        {
            json.WriteString("stream", manifest.Stream);
            json.WriteString("epoch", manifest.Epoch);
        }
        json.WriteString("bucket", Report.Object.Bucket);
        json.WriteString("object", Report.Object.Name);
        json.WriteString("generation", Report.Object.Generation.ToString(System.Globalization.CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    private void WriteChunk(Utf8JsonWriter json)
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
    }
}
