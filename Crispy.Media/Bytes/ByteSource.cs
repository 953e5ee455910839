using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using Crispy.Contracts;

namespace Crispy.Media.Bytes;

/// <summary>
/// Bytes read strictly forwards through one pooled window. Each byte is hashed as it enters the window, so skipping costs the same as
/// reading. The checksums always cover everything before <see cref="Position"/>'s window end.
/// </summary>
internal sealed class ByteSource : IDisposable
{
    private const int WindowSize = 256 * 1024;
    private const int MostWanted = 64 * 1024;

    private readonly Stream? _stream;
    private readonly CancellationToken _cancellation;
    private readonly IncrementalHash? _sha256;
    private readonly Crc32? _crc;
    private readonly byte[] _window;
    private long _windowOffset;
    private int _next;
    private int _end;
    private bool _streamEnded;

    /// <summary>All of <paramref name="stream"/>, hashed; each read is refused once <paramref name="cancellation"/> is asked for.</summary>
    public ByteSource(Stream stream, CancellationToken cancellation = default)
    {
        (_stream, _cancellation) = (stream, cancellation);
        _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        _crc = Crc32C.Begin();
        _window = ArrayPool<byte>.Shared.Rent(WindowSize);
    }

    /// <summary>A copy of <paramref name="bytes"/>, not hashed.</summary>
    public ByteSource(ReadOnlySpan<byte> bytes)
    {
        _window = ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length, 16));
        bytes.CopyTo(_window);
        _end = bytes.Length;
        _streamEnded = true;
    }

    /// <summary>The offset of the next byte.</summary>
    public long Position => _windowOffset + _next;

    /// <summary>The CRC32C of all bytes that have entered the window.</summary>
    public uint Crc32c => _crc?.GetCurrentHashAsUInt32() ?? 0;

    /// <summary>SHA-256 of all bytes that have entered the window, lower-case hexadecimal. Starts again after the call.</summary>
    public string Sha256() => Convert.ToHexStringLower(_sha256!.GetHashAndReset());

    /// <summary>The bytes in the window from <see cref="Position"/> on;
    /// at least <paramref name="wanted"/> of them unless the end comes first.</summary>
    /// <param name="wanted">At most 65536.</param>
    public ReadOnlySpan<byte> Peek(int wanted)
    {
        while (_end - _next < wanted && Fill())
        {
        }

        return _window.AsSpan(_next, _end - _next);
    }

    /// <summary>Takes exactly <paramref name="count"/> bytes; false, taking none, when the end comes first.
    /// The span is valid until the next call.</summary>
    /// <param name="count">At most 65536.</param>
    /// <param name="bytes">The bytes.</param>
    public bool TryTake(int count, out ReadOnlySpan<byte> bytes)
    {
        Work.Count();
        if (_end - _next < count && Peek(count).Length < count)
        {
            bytes = default;
            return false;
        }

        Work.Count(count);
        bytes = _window.AsSpan(_next, count);
        _next += count;
        return true;
    }

    /// <summary>Takes a big-endian number of 1 to 8 bytes.</summary>
    public bool TryTakeNumber(int count, out ulong value)
    {
        value = 0;
        if (!TryTake(count, out var bytes)) return false;
        foreach (var next in bytes) value = value << 8 | next;
        return true;
    }

    /// <summary>Takes a big-endian 32-bit number.</summary>
    public bool TryTakeUInt32(out uint value)
    {
        var taken = TryTake(4, out var bytes);
        value = taken ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;
        return taken;
    }

    /// <summary>Skips <paramref name="count"/> bytes; false when the end comes first.</summary>
    public bool Skip(long count)
    {
        Work.Count();
        if (count < 0) return false;
        while (true)
        {
            var step = (int)Math.Min(count, _end - _next);
            _next += step;
            count -= step;
            if (count == 0) return true;
            if (!Fill()) return false;
        }
    }

    /// <summary>Skips to the offset <paramref name="position"/>; false when it is behind, or the end comes first.</summary>
    public bool SkipTo(long position) => Skip(position - Position);

    /// <summary>Skips all that is left.</summary>
    public void SkipToEnd() => Skip(long.MaxValue);

    /// <inheritdoc />
    public void Dispose()
    {
        _sha256?.Dispose();
        ArrayPool<byte>.Shared.Return(_window);
    }

    private bool Fill()
    {
        if (_streamEnded) return false;
        _cancellation.ThrowIfCancellationRequested();
        if (_next == _end || _end > WindowSize - MostWanted) MoveToStart();
        var read = _stream!.Read(_window, _end, WindowSize - _end);
        _streamEnded = read == 0;
        var added = _window.AsSpan(_end, read);
        _sha256!.AppendData(added);
        _crc!.Append(added);
        _end += read;
        Work.Count(read);
        return read > 0;
    }

    // Only when the window's end is near. Where a stream gives a byte at a time, what is left must not be moved for each byte.
    private void MoveToStart()
    {
        _window.AsSpan(_next, _end - _next).CopyTo(_window);
        Work.Count(_end - _next);
        _windowOffset += _next;
        _end -= _next;
        _next = 0;
    }
}
