using System.Buffers;
using System.IO.Hashing;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Crispy.CloudEmulator.Http;
using Crispy.Contracts;
using Microsoft.Win32.SafeHandles;

namespace Crispy.CloudEmulator.Storing;

/// <summary>
/// Bytes on their way to becoming an object: a file of its own beside the buckets, hashed as it is written. Deleted on dispose
/// unless taken or kept.
/// </summary>
internal sealed class StagedFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly List<ReadOnlyMemory<byte>> _segments = [];
    private readonly IncrementalHash? _md5;
    private readonly bool _hashedFromStart;
    private readonly Crc32 _crc = Crc32C.Begin();
    private bool _keep;

    private StagedFile(string file, FileMode mode, bool withMd5)
    {
        File = file;
        _handle = System.IO.File.OpenHandle(file, mode, FileAccess.Write, FileShare.Read | FileShare.Delete);
        Length = RandomAccess.GetLength(_handle);
        _hashedFromStart = Length == 0;
        _md5 = withMd5 ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;
    }

    public string File { get; }

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    public static StagedFile Create(string folder, bool withMd5) =>
        new(Path.Combine(folder, $"{Guid.NewGuid():N}.part"), FileMode.CreateNew, withMd5);

    /// <summary>Goes on at the end of a file that is kept from call to call.</summary>
    public static StagedFile Continue(string file, bool withMd5) => new(file, FileMode.OpenOrCreate, withMd5) { _keep = true };

    public void Write(ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        foreach (var segment in bytes)
        {
            _segments.Add(segment);
            if (!_hashedFromStart) continue;
            _crc.Append(segment.Span);
            _md5?.AppendData(segment.Span);
        }
        if (_segments.Count == 1) RandomAccess.Write(_handle, _segments[0].Span, Length);
        else RandomAccess.Write(_handle, _segments, Length);
        _segments.Clear();
        Length += bytes.Length;
    }

    /// <summary>Takes all bytes of another file.</summary>
    /// <exception cref="InvalidDataException">It is shorter than was said.</exception>
    public void Append(SafeFileHandle source, long size)
    {
        var block = new byte[(int)Math.Min(256 * 1024, size)];
        for (long offset = 0; offset < size;)
        {
            var read = RandomAccess.Read(source, block, offset);
            if (read == 0) throw new InvalidDataException("The object's file is shorter than its record says");
            Write(new ReadOnlySequence<byte>(block, 0, read));
            offset += read;
        }
    }

    /// <summary>Takes a body to its end.</summary>
    public async Task WriteAllAsync(PipeReader body, long atMost, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            try
            {
                if (Length + read.Buffer.Length > atMost) throw StorageException.Invalid("More bytes arrived than were announced");
                Write(read.Buffer);
            }
            finally
            {
                body.AdvanceTo(read.Buffer.End);
            }
            if (read.IsCompleted) return;
        }
    }

    /// <summary>Drops what is beyond a length.</summary>
    public void Truncate(long length)
    {
        RandomAccess.SetLength(_handle, length);
        Length = length;
    }

    public void Sync() => RandomAccess.FlushToDisk(_handle);

    /// <summary>The checksums of all bytes. A file that was continued is read once more.</summary>
    public (string Crc32c, string? Md5) Checksums()
    {
        if (!_hashedFromStart) HashAgain();
        return (Crc32C.ToBase64(_crc.GetCurrentHashAsUInt32()), _md5 is null ? null : Convert.ToBase64String(_md5.GetCurrentHash()));
    }

    /// <summary>The file has another owner now.</summary>
    public void Keep() => _keep = true;

    public void Dispose()
    {
        _handle.Dispose();
        _md5?.Dispose();
        if (!_keep) System.IO.File.Delete(File);
    }

    private void HashAgain()
    {
        _crc.Reset();
        _md5?.GetHashAndReset();
        using var all = new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var block = ArrayPool<byte>.Shared.Rent(64 * 1024);
        for (int read; (read = all.Read(block)) > 0;)
        {
            _crc.Append(block.AsSpan(0, read));
            _md5?.AppendData(block, 0, read);
        }
        ArrayPool<byte>.Shared.Return(block);
    }
}
