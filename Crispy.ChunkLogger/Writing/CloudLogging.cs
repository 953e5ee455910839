using System.Diagnostics;
using System.Text.Json;

namespace Crispy.ChunkLogger.Writing;

/// <summary>The special fields of Cloud Logging's structured lines:
/// <see href="https://cloud.google.com/logging/docs/structured-logging#special-payload-fields"/>.</summary>
internal static class CloudLogging
{
    /// <summary>As Cloud Logging calls them.</summary>
    public static readonly FieldNames Names = new(
        "logging.googleapis.com/trace", "logging.googleapis.com/spanId", "logging.googleapis.com/trace_sampled",
        "logging.googleapis.com/insertId");

    /// <summary>As a column of a table can be called.</summary>
    public static readonly FieldNames PlainNames = new("trace", "spanId", "traceSampled", "insertId");

    internal sealed record FieldNames(string Trace, string SpanId, string Sampled, string InsertId);

    /// <summary>Writes which trace it belongs to; nothing where there is none.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="names">The names of the fields.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="project">The trace's project: with it, Cloud Logging links to the trace.</param>
    public static void WriteTrace(Utf8JsonWriter json, FieldNames names, ActivityContext trace, string? project)
    {
        if (trace.TraceId == default) return;
        json.WriteString(names.Trace, project is null ? trace.TraceId.ToString() : $"projects/{project}/traces/{trace.TraceId}");
        json.WriteString(names.SpanId, trace.SpanId.ToString());
        json.WriteBoolean(names.Sampled, (trace.TraceFlags & ActivityTraceFlags.Recorded) != 0);
    }

    /// <summary>A level as Cloud Logging calls it.</summary>
    public static string Severity(LogLevel level) => level switch
    {
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARNING",
        LogLevel.Error => "ERROR",
        LogLevel.Critical => "CRITICAL",
        _ => "DEBUG",
    };
}
