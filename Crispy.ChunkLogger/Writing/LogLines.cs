using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Writing;

/// <summary>Writes what the process says of itself as Cloud Logging reads it, each line with the trace that it belongs to. Shares standard
/// output with the entries, so that lines never mix.</summary>
internal sealed class LogLines(EntryLines output, ChunkLoggerOptions settings, TimeProvider time) : ILoggerProvider
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ConcurrentDictionary<string, ILogger> _loggers = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, name => new CategoryLogger(name, this));

    /// <inheritdoc />
    public void Dispose() => _loggers.Clear();

    private void Write(ArrayBufferWriter<byte> line) => output.WriteToOutput(line.WrittenSpan);

    private ArrayBufferWriter<byte> Line(string category, LogLevel level, EventId id, object? state, string message, Exception? exception)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, Relaxed);
        json.WriteStartObject();
        json.WriteString("severity", CloudLogging.Severity(level));
        json.WriteString("message", message);
        json.WriteString("time", Instants.Format(time.GetUtcNow()));
        CloudLogging.WriteTrace(json, CloudLogging.Names, Activity.Current?.Context ?? default, settings.Project);
        json.WriteString("category", category);
        if (id.Id != 0) json.WriteNumber("eventId", id.Id);
        if (id.Name is { } name) json.WriteString("event", name);
        // Error Reporting looks for stack traces in this field.
        if (exception is not null) json.WriteString("exception", exception.ToString());
        WriteValues(json, state);
        json.WriteEndObject();
        json.Flush();
        buffer.Write("\n"u8);
        return buffer;
    }

    private static void WriteValues(Utf8JsonWriter json, object? state)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> { Count: > 1 } values) return;
        json.WriteStartObject("values");
        foreach (var (key, value) in values.Where(pair => pair.Key.Length > 0 && pair.Key != "{OriginalFormat}"))
            json.WriteString(key, Convert.ToString(value, CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    private sealed class CategoryLogger(string category, LogLines lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) lines.Write(lines.Line(category, logLevel, eventId, state, formatter(state, exception), exception));
        }
    }
}
