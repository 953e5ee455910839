using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Crispy.Contracts;
using Crispy.Media;

namespace Crispy.Bench.Micro;

/// <summary>What is done to a chunk's bytes.</summary>
public class Bytes
{
    private const int HeadBytes = 16 * 1024;

    /// <summary>stream-handle, once a chunk: timing, format and both checksums in one pass over the file.</summary>
    [Benchmark(Description = "chunk read once (facts, SHA-256, CRC32C)")]
    public object ChunkRead() => ChunkReader.Read(Samples.ChunkFile);

    /// <summary>upload-worker, once a chunk.</summary>
    [Benchmark(Description = "SHA-256 of a chunk")]
    public object Sha256() => SHA256.HashData(Samples.Chunk);

    /// <summary>CRC32C alone.</summary>
    [Benchmark(Description = "CRC32C of a chunk")]
    public string Crc() => Crc32C.Of(Samples.Chunk);

    /// <summary>chunk-logger, once a chunk.</summary>
    [Benchmark(Description = "head of a Matroska chunk")]
    public object HeadMatroska() => HeadReader.Read(Samples.Chunk.AsSpan(0, HeadBytes)).Head
        ?? throw new InvalidOperationException("the head does not answer");

    /// <summary>chunk-logger, once a chunk.</summary>
    [Benchmark(Description = "head of an MP4 chunk")]
    public object HeadMp4() => HeadReader.Read(Samples.Mp4.AsSpan(0, HeadBytes)).Head
        ?? throw new InvalidOperationException("the head does not answer");
}
