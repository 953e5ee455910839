using System.Security.Cryptography;
using Crispy.Contracts;

namespace Crispy.StreamHandle.Tests;

/// <summary>A chunk in the spool: what its manifest says.</summary>
internal sealed record ReadyChunk(string Path, ChunkManifest Manifest, byte[] ManifestBytes, SignatureState Signature)
{
    public static ReadyChunk Read(string manifestPath, ManifestVerifier verifier)
    {
        var bytes = File.ReadAllBytes(manifestPath);
        var manifest = ManifestJson.Read(bytes);
        var signature = verifier.Check(bytes, File.ReadAllText(System.IO.Path.ChangeExtension(manifestPath, ".jws")));
        return new(System.IO.Path.ChangeExtension(manifestPath, manifest.Container), manifest, bytes, signature);
    }

    /// <summary>Asserts what holds for every stream: signatures, checksums, sequence numbers, hash chain, and times that agree with durations.</summary>
    public static void AssertWhole(IReadOnlyList<ReadyChunk> chunks, long firstSequence = 0)
    {
        Assert.NotEmpty(chunks);
        for (var index = 0; index < chunks.Count; index++)
        {
            var (path, manifest, _, signature) = chunks[index];
            Assert.Equal(SignatureState.Verified, signature);
            Assert.Equal(firstSequence + index, manifest.Sequence);
            Assert.Equal(manifest.From + manifest.Duration, manifest.To);
            Assert.Equal(new FileInfo(path).Length, manifest.Size);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), manifest.Sha256);
            var previous = index > 0 ? Convert.ToHexStringLower(SHA256.HashData(chunks[index - 1].ManifestBytes)) : null;
            if (index > 0 || firstSequence == 0) Assert.Equal(previous, manifest.Previous);
        }
    }
}
