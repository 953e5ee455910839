using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Google.Cloud.Functions.Hosting;

/// <summary>Writes log entries to standard output, one line each.</summary>
internal sealed class ConsoleLines(bool json, TextWriter output) : ILoggerProvider
{
    private readonly ConcurrentDictionary<string, ILogger> _loggers = new(StringComparer.Ordinal);

    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, name => new CategoryLogger(name, json, output));

    public void Dispose() => _loggers.Clear();

    private sealed class CategoryLogger(string category, bool json, TextWriter output) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var message = formatter(state, exception);
            if (!string.IsNullOrEmpty(message)) output.WriteLine(json ? Json(logLevel, state, message, exception) : Plain(logLevel, message, exception));
        }

        private string Plain(LogLevel level, string message, Exception? exception)
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} [{category}] [{Brief(level)}] {message}");
            return exception is null ? line : $"{line}{Environment.NewLine}{exception}";
        }

        private string Json<TState>(LogLevel level, TState state, string message, Exception? exception)
        {
            using var buffer = new MemoryStream();
            using (var writer = new Utf8JsonWriter(buffer))
            {
                writer.WriteStartObject();
                writer.WriteString("message", message);
                writer.WriteString("category", category);
                if (exception is not null) writer.WriteString("exception", exception.ToString());
                writer.WriteString("severity", Severity(level));
                if (state is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 1 } values)
                {
                    writer.WriteStartObject("format_parameters");
                    foreach (var (key, value) in values) writer.WriteString(key, Convert.ToString(value, CultureInfo.InvariantCulture));
                    writer.WriteEndObject();
                }
                writer.WriteEndObject();
            }
            return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
        }

        private static string Severity(LogLevel level) => level switch
        {
            LogLevel.Information => "INFO",
            LogLevel.Warning => "WARNING",
            LogLevel.Error => "ERROR",
            LogLevel.Critical => "CRITICAL",
            _ => "DEBUG",
        };

        private static string Brief(LogLevel level) => level switch
        {
            LogLevel.Trace => "trce",
            LogLevel.Debug => "dbug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
    }
}
