using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Crispy.ChunkLogger.Verifying;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Writing;

/// <summary>The entry of a loss record: one line of JSON as Cloud Logging reads it from standard output. It has a <c>loss</c> where a chunk's entry has a <c>chunk</c>.</summary>
internal sealed record LossEntry(LossReport Report, DateTimeOffset Time, ActivityContext Trace, string? Project)
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private string Lost => Report.Chunk ?? Report.Object.Identity;

    /// <summary>The line, its end included.</summary>
    public ReadOnlyMemory<byte> ToLine()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            WriteCloudLogging(json);
            WriteLabels(json);
            WriteLoss(json);
            json.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private void WriteCloudLogging(Utf8JsonWriter json)
    {
        json.WriteString("severity", Report.Severity);
        json.WriteString("message", $"chunk {Lost} is lost: {Report.Record?.Reason ?? "unknown reason"}, signature {Report.SignatureText}");
        json.WriteString("time", Instants.Format(Time));
        if (Trace.TraceId != default)
        {
            json.WriteString("logging.googleapis.com/trace", Project is null ? Trace.TraceId.ToString() : $"projects/{Project}/traces/{Trace.TraceId}");
            json.WriteString("logging.googleapis.com/spanId", Trace.SpanId.ToString());
        }
        json.WriteString("logging.googleapis.com/insertId", $"{Lost}#loss");
    }

    private void WriteLabels(Utf8JsonWriter json)
    {
        json.WriteStartObject("labels");
        if (Report.Record is { } record)
        {
            json.WriteString("stream", record.Stream);
            json.WriteString("epoch", record.Epoch);
        }
        json.WriteString("bucket", Report.Object.Bucket);
        json.WriteString("object", Report.Object.Name);
        json.WriteString("generation", Report.Object.Generation.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    private void WriteLoss(Utf8JsonWriter json)
    {
        if (Report.Chunk is { } chunk) json.WriteString("loss", chunk);
        json.WriteString("signature", Report.SignatureText);
        json.WriteString("chain", ManifestChain.Text(Report.Chain));
        if (Report.Record is { } record)
        {
            json.WriteString("reason", record.Reason);
            json.WriteStartObject("duration");
            json.WriteString("from", Instants.Format(record.From));
            json.WriteString("to", Instants.Format(record.To));
            json.WriteNumber("seconds", Instants.Seconds(record.To - record.From));
            json.WriteEndObject();
            if (record.Frames is { } frames) json.WriteNumber("frames", frames);
            json.WriteNumber("bytes", record.Bytes);
        }
        if (Report.Problems.Count == 0) return;
        json.WriteStartArray("problems");
        foreach (var problem in Report.Problems) json.WriteStringValue(problem);
        json.WriteEndArray();
    }
}
