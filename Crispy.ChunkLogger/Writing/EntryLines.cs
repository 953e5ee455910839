using Microsoft.Win32.SafeHandles;

namespace Crispy.ChunkLogger.Writing;

/// <summary>Writes entries to standard output and, where one is set, to a file: each line in one write, so that lines never mix.
/// One process writes a file; others may read, move or truncate it.</summary>
internal sealed class EntryLines : IDisposable
{
    private readonly Lock _oneAtATime = new();
    private readonly Stream _output;
    private readonly SafeFileHandle? _file;

    /// <summary>Opens the file, if any.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public EntryLines(Stream output, string? file)
    {
        _output = output;
        if (file is null) return;
        try
        {
            _file = File.OpenHandle(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(
                $"{ChunkLoggerOptions.Section}:{nameof(ChunkLoggerOptions.File)} '{file}' cannot be written: {refused.Message}", refused);
        }
    }

    /// <summary>Writes one line, which ends with a line feed. The file comes first: it is what a restart remembers by.</summary>
    /// <exception cref="IOException">The file does not take the line (no space): nothing of it stays there.</exception>
    public void Write(ReadOnlySpan<byte> line)
    {
        lock (_oneAtATime)
        {
            if (_file is not null) Append(_file, line);
            _output.Write(line);
            _output.Flush();
        }
    }

    /// <summary>Writes one line, which ends with a line feed, to standard output alone.</summary>
    public void WriteToOutput(ReadOnlySpan<byte> line)
    {
        lock (_oneAtATime)
        {
            _output.Write(line);
            _output.Flush();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _file?.Dispose();
        _output.Dispose();
    }

    private static void Append(SafeFileHandle file, ReadOnlySpan<byte> line)
    {
        var end = RandomAccess.GetLength(file);
        try
        {
            RandomAccess.Write(file, line, end);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(file, end);
            throw;
        }
    }
}
