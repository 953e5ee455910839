using System.Security.Cryptography;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

/// <summary>A chunk in the spool: what its manifest says.</summary>
internal sealed record ReadyChunk(string Path, ChunkManifest Manifest, byte[] ManifestBytes, SignatureState Signature)
{
    public static ReadyChunk Read(string manifestPath, ManifestVerifier verifier)
    {
        var (bytes, signature) = SignedManifest.Read(manifestPath);
        var manifest = ManifestJson.Read(bytes);
        return new(System.IO.Path.ChangeExtension(manifestPath, manifest.Container), manifest, bytes, verifier.Check(bytes, signature));
    }

    /// <summary>Asserts what holds for every stream: signatures, checksums, sequence numbers, hash chain,
    /// and times that agree with durations.</summary>
    /// <param name="chunks">In order.</param>
    /// <param name="firstSequence">The number of the first.</param>
    /// <param name="losses">Chunks that were declared lost before they had a manifest; each has its place in the chain.</param>
    public static void AssertWhole(IReadOnlyList<ReadyChunk> chunks, long firstSequence = 0, IEnumerable<SpooledLoss>? losses = null)
    {
        Assert.NotEmpty(chunks);
        var lost = (losses ?? []).ToDictionary(loss => loss.Record.Sequence);
        var sequence = firstSequence;
        string? link = null;
        foreach (var (chunk, before) in chunks.Zip(chunks.Prepend(null!)))
        {
            for (; lost.TryGetValue(sequence, out var loss); sequence++)
            {
                if (sequence > firstSequence || firstSequence == 0) Assert.Equal(link, loss.Record.Previous);
                link = Hash(loss.Bytes);
            }
            var manifest = chunk.Manifest;
            Assert.Equal(SignatureState.Verified, chunk.Signature);
            Assert.Equal(sequence, manifest.Sequence);
            Assert.Equal(new FileInfo(chunk.Path).Length, manifest.Size);
            Assert.Equal(Hash(File.ReadAllBytes(chunk.Path)), manifest.Sha256);
            if (sequence > firstSequence || firstSequence == 0) Assert.Equal(link, manifest.Previous);
            AssertTimes(manifest, before?.Manifest);
            link = Hash(chunk.ManifestBytes);
            sequence++;
        }
    }

    private static void AssertTimes(ChunkManifest manifest, ChunkManifest? before)
    {
        if (manifest.Clock.Source == ChunkClock.File) Assert.Equal(manifest.From + manifest.Duration, manifest.To);
        // Slewing takes 5 %, and back half of what was read so late that it stood in the future, as a busy machine does.
        else Assert.InRange((manifest.To - manifest.From) / manifest.Duration, 0.495, 1.05);
        if (before is null || manifest.Flags.Contains(ChunkFlag.Discontinuity)) return;
        // How long a last frame lasted is known exactly only where frames come evenly.
        Assert.Equal(0, (manifest.From - before.To).TotalMilliseconds,
            Math.Max(2, 1.5 * before.Duration.TotalMilliseconds / before.Frames));
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
