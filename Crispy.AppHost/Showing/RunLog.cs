using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Crispy.AppHost.Showing;

/// <summary>The log of a run: what all its processes print and what Aspire says, in a file of the data folder. Bounded: at
/// <see cref="MaxBytes"/> the file becomes the older one of two.</summary>
internal sealed class RunLog : ILoggerProvider
{
    /// <summary>The folder's name in the data folder.</summary>
    public const string FolderName = "log";

    /// <summary>Bytes of one of the two files.</summary>
    public const long MaxBytes = 32L << 20;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Action<string> _onError;
    private readonly long _maxBytes;
    private StreamWriter? _writer;
    private long _bytes;

    /// <summary>Opens it.</summary>
    /// <param name="folder">The folder, which exists.</param>
    /// <param name="time">The time.</param>
    /// <param name="onError">Gets what the AppHost itself logs as an error.</param>
    /// <param name="maxBytes">Bytes of one file.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public RunLog(string folder, TimeProvider time, Action<string> onError, long maxBytes = MaxBytes)
    {
        (Path, _time, _onError, _maxBytes) = (System.IO.Path.Combine(folder, "crispy.log"), time, onError, maxBytes);
        Open();
    }

    /// <summary>Full path of the file.</summary>
    public string Path { get; }

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
        {
            _writer?.Dispose();
            _writer = null;
        }
    }

    /// <summary>Writes a line that a resource printed.</summary>
    public void Write(string name, string text) =>
        WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{_time.GetUtcNow().UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {name}: {text}"));

    private void Write(string category, LogLevel level, string message, Exception? exception)
    {
        Write($"{category} {level.ToString().ToLowerInvariant()}", $"{message}{(exception is null ? "" : $"\n{exception}")}");
        if (level >= LogLevel.Error) _onError(message);
    }

    private void WriteLine(string line)
    {
        lock (_lock)
        {
            if (_writer is null) return;
            try
            {
                if (_bytes > _maxBytes) Rotate();
                _writer.WriteLine(line);
                _bytes += Encoding.UTF8.GetByteCount(line) + 1;
            }
            catch (IOException)
            {
                // A full disk must not end the run. What is told there is told by the spool too.
            }
        }
    }

    private void Rotate()
    {
        _writer?.Dispose();
        File.Move(Path, $"{Path}.1", overwrite: true);
        Open();
    }

    private void Open()
    {
        var share = FileShare.ReadWrite | FileShare.Delete;
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = share };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        _writer = new StreamWriter(Path, new UTF8Encoding(false), options) { AutoFlush = true };
        _bytes = new FileInfo(Path).Length;
    }

    private sealed class Writer(RunLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) log.Write(category, logLevel, formatter(state, exception), exception);
        }
    }
}
