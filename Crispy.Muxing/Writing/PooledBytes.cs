using System.Buffers;

namespace Crispy.Muxing.Writing;

/// <summary>Bytes that wait to be written, in pooled blocks that are kept from one use to the next.</summary>
internal sealed class PooledBytes : IDisposable
{
    private const int BlockSize = 64 * 1024;

    private readonly List<byte[]> _blocks = [];

    /// <summary>Bytes that wait.</summary>
    public int Length { get; private set; }

    /// <summary>Adds bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var (block, at) = (Length / BlockSize, Length % BlockSize);
            if (block == _blocks.Count) _blocks.Add(ArrayPool<byte>.Shared.Rent(BlockSize));
            var taken = Math.Min(bytes.Length, BlockSize - at);
            bytes[..taken].CopyTo(_blocks[block].AsSpan(at));
            bytes = bytes[taken..];
            Length += taken;
        }
    }

    /// <summary>Writes all bytes to a file, and begins again.</summary>
    public void MoveTo(ChunkFile file)
    {
        for (var at = 0; at < Length; at += BlockSize) file.Write(_blocks[at / BlockSize].AsSpan(0, Math.Min(BlockSize, Length - at)));
        Length = 0;
    }

    /// <summary>Gives the blocks back.</summary>
    public void Dispose()
    {
        foreach (var block in _blocks) ArrayPool<byte>.Shared.Return(block);
        _blocks.Clear();
        Length = 0;
    }
}
