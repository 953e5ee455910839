using System.Text.Json;

namespace Crispy.AppHost;

/// <summary>Counts the chunks that chunk-logger logs from now on, by reading what is appended to its file.</summary>
public sealed class LogTail
{
    private readonly string _path;
    private readonly HashSet<string> _chunks = new(StringComparer.Ordinal);
    private long _offset;

    /// <summary>Begins at the file's present end; it need not exist yet.</summary>
    public LogTail(string path)
    {
        _path = path;
        _offset = File.Exists(path) ? new FileInfo(path).Length : 0;
    }

    /// <summary>Distinct chunks logged so far.</summary>
    public int Chunks => _chunks.Count;

    /// <summary>UTC time of the newest entry; null before the first.</summary>
    public DateTimeOffset? Newest { get; private set; }

    /// <summary>Reads what is new; an unfinished last line waits for the next time.</summary>
    public void Read()
    {
        if (!File.Exists(_path)) return;
        using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = _offset;
        var added = new byte[file.Length - _offset];
        file.ReadExactly(added);
        var end = Array.LastIndexOf(added, (byte)'\n') + 1;
        for (var rest = added.AsMemory(0, end); !rest.IsEmpty;)
        {
            var line = rest[..(rest.Span.IndexOf((byte)'\n') + 1)];
            Take(line);
            rest = rest[line.Length..];
        }
        _offset += end;
    }

    private void Take(ReadOnlyMemory<byte> line)
    {
        using var entry = JsonDocument.Parse(line);
        if (entry.RootElement.TryGetProperty("chunk", out var chunk) && chunk.GetString() is { } id) _chunks.Add(id);
        if (entry.RootElement.TryGetProperty("time", out var time) && time.TryGetDateTimeOffset(out var at) && !(at <= Newest)) Newest = at;
    }
}
