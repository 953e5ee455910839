using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Crispy.ChunkLogger.Reading;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Writing;

/// <summary>What is written of an object. It is a line of JSON that Cloud Logging reads from standard output
/// (<see href="https://cloud.google.com/logging/docs/structured-logging"/>), and the same record for subscribers
/// (<c>docs/record.schema.json</c>). The record's names are columns of BigQuery, and so hold neither dots nor slashes.</summary>
internal abstract record Entry
{
    /// <summary>The format of <see cref="ToRecord"/>.</summary>
    public const string RecordSchema = "crispy.record/1";

    // '&' in a URL and '+' in base64 stay readable: the line never stands inside HTML.
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>When the entry was made.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The chunk's trace.</summary>
    public ActivityContext Trace { get; init; }

    /// <summary>Names the trace's project; null where it is not known.</summary>
    public string? Project { get; init; }

    /// <summary><c>chunk</c> or <c>loss</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The same for every entry of one chunk: Cloud Logging keeps one of several with the same time,
    /// and subscribers can.</summary>
    public abstract string InsertId { get; }

    protected abstract string Severity { get; }

    protected abstract string Message { get; }

    protected abstract StoredObject Object { get; }

    /// <summary>Stream and epoch; null where the object does not tell.</summary>
    public abstract (string Stream, string Epoch)? Origin { get; }

    /// <summary>The line, its end included.</summary>
    public ReadOnlyMemory<byte> ToLine()
    {
        var buffer = Write(CloudLogging.Names, schema: null);
        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    /// <summary>The record.</summary>
    public ReadOnlyMemory<byte> ToRecord() => Write(CloudLogging.PlainNames, RecordSchema).WrittenMemory;

    /// <summary>Writes what only this kind of entry has.</summary>
    protected abstract void WriteBody(Utf8JsonWriter json);

    private ArrayBufferWriter<byte> Write(CloudLogging.FieldNames names, string? schema)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using var json = new Utf8JsonWriter(buffer, Relaxed);
        json.WriteStartObject();
        if (schema is not null) json.WriteString("schema", schema);
        json.WriteString("severity", Severity);
        json.WriteString("message", Message);
        json.WriteString("time", Instants.Format(Time));
        CloudLogging.WriteTrace(json, names, Trace, Project);
        json.WriteString(names.InsertId, InsertId);
        WriteLabels(json);
        WriteBody(json);
        json.WriteEndObject();
        json.Flush();
        return buffer;
    }

    private void WriteLabels(Utf8JsonWriter json)
    {
        json.WriteStartObject("labels");
        if (Origin is { } origin)
        {
            json.WriteString("stream", origin.Stream);
            json.WriteString("epoch", origin.Epoch);
        }
        json.WriteString("bucket", Object.Bucket);
        json.WriteString("object", Object.Name);
        json.WriteString("generation", Object.Generation.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }
}
