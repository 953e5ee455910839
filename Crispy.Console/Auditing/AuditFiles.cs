using System.Globalization;
using Crispy.Spool;
using Microsoft.Win32.SafeHandles;

namespace Crispy.Console.Auditing;

/// <summary>The files of the audit log: lines are only ever added to the newest one. Each file is named by its first entry,
/// <c>audit-000000000007.jsonl</c>, and the chain goes on from one to the next. Not safe for concurrent use;
/// <see cref="AuditLog"/> sees to that.</summary>
internal sealed class AuditFiles : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder;
    private readonly FileStream _lock;
    private FileStream? _stream;
    private string? _path;
    private long _length;

    /// <summary>Opens the folder, which one process has at a time, and cuts off a last line that was never finished.</summary>
    /// <exception cref="IOException">It cannot be used, or another process has it.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be used.</exception>
    public AuditFiles(string folder)
    {
        _folder = folder;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        _lock = new(Path.Combine(folder, "audit.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        if (Paths() is not [.., var newest]) return;
        Open(newest, FileMode.Open);
        var content = Read(newest, RandomAccess.GetLength(Handle));
        _length = content.AsSpan().LastIndexOf((byte)'\n') + 1;
        CutOff = content.Length - _length;
        if (CutOff > 0) Cut();
    }

    private SafeFileHandle Handle => _stream!.SafeFileHandle;

    /// <summary>Bytes of an unfinished line that were cut off.</summary>
    public long CutOff { get; }

    /// <summary>Bytes of the newest file.</summary>
    public long Length => _length;

    /// <summary>The files, oldest first.</summary>
    public IReadOnlyList<string> Paths() => [.. Directory.EnumerateFiles(_folder, "audit-*.jsonl").Order(StringComparer.Ordinal)];

    /// <summary>The number of a file's first entry, by its name.</summary>
    public static long? FirstOf(string path) =>
        Path.GetFileNameWithoutExtension(path).Split('-') is [_, var number]
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            ? first : null;

    /// <summary>Whole lines of a file, without their newlines, oldest first.</summary>
    public List<ReadOnlyMemory<byte>> Lines(string path)
    {
        // Of the newest only what is durable; what is being written is not there yet.
        ReadOnlyMemory<byte> rest = Read(path, path == _path ? _length : long.MaxValue);
        var lines = new List<ReadOnlyMemory<byte>>();
        for (int end; (end = rest.Span.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..]) lines.Add(rest[..end]);
        return lines;
    }

    /// <summary>Begins another file.</summary>
    /// <param name="first">The number of its first entry.</param>
    public void Begin(long first)
    {
        Open(Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"audit-{first:d12}.jsonl")), FileMode.OpenOrCreate);
        _length = 0;
        Cut();
        DurableFile.SyncFolder(_folder);
    }

    /// <summary>Adds a line, which is durable then; of one that the disk refuses nothing is left.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Add(ReadOnlySpan<byte> line)
    {
        try
        {
            byte[] ended = [.. line, (byte)'\n'];
            RandomAccess.Write(Handle, ended, _length);
            RandomAccess.FlushToDisk(Handle);
            _length += ended.Length;
        }
        catch (IOException)
        {
            Cut();
            throw;
        }
    }

    /// <summary>Deletes the oldest file.</summary>
    public void DeleteOldest()
    {
        if (Paths() is not [var oldest, _, ..]) return;
        File.Delete(oldest);
        DurableFile.SyncFolder(_folder);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _stream?.Dispose();
        _lock.Dispose();
    }

    private void Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode == FileMode.OpenOrCreate) options.UnixCreateMode = OwnerOnly;
        var opened = new FileStream(path, options);
        _stream?.Dispose();
        (_stream, _path) = (opened, path);
    }

    private void Cut()
    {
        RandomAccess.SetLength(Handle, _length);
        RandomAccess.FlushToDisk(Handle);
    }

    private static byte[] Read(string path, long most)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var content = new byte[Math.Min(RandomAccess.GetLength(file), most)];
        var read = 0;
        while (read < content.Length && RandomAccess.Read(file, content.AsSpan(read), read) is > 0 and var part) read += part;
        return read == content.Length ? content : content[..read];
    }
}
