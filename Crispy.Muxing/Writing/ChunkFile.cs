using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Crispy.Muxing.Writing;

/// <summary>A new file that is written forwards through 64 KB of pooled memory, and patched at places that it already has.</summary>
internal sealed class ChunkFile : IDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly SafeFileHandle _file;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _buffered;
    private long _written;
    private bool _failed;

    /// <summary>Creates the file, or empties the one that is there.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    public ChunkFile(string path) => _file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.Read | FileShare.Delete);

    /// <summary>Where the next byte goes.</summary>
    public long Position => _written + _buffered;

    /// <summary>Adds bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BufferSize - _buffered) Flush();
        if (bytes.Length >= BufferSize)
        {
            WriteAt(_written, bytes);
            _written += bytes.Length;
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += bytes.Length;
    }

    /// <summary>Replaces bytes that were added before.</summary>
    public void Patch(long offset, ReadOnlySpan<byte> bytes)
    {
        if (offset < _written && offset + bytes.Length > _written) Flush();
        if (offset < _written) WriteAt(offset, bytes);
        else bytes.CopyTo(_buffer.AsSpan((int)(offset - _written)));
    }

    /// <summary>Hands everything to the operating system, so that it outlives this process.</summary>
    public void Flush()
    {
        if (_buffered == 0) return;
        WriteAt(_written, _buffer.AsSpan(0, _buffered));
        _written += _buffered;
        _buffered = 0;
    }

    /// <summary>Closes the file. What is still held is written if the disk takes it.</summary>
    public void Dispose()
    {
        if (_file.IsClosed) return;
        try
        {
            if (!_failed) Flush();
        }
        catch (IOException)
        {
            // Nobody completes this file any more: its readers see where it ends.
        }

        _file.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void WriteAt(long offset, ReadOnlySpan<byte> bytes)
    {
        _failed = true;
        RandomAccess.Write(_file, bytes, offset);
        _failed = false;
    }
}
