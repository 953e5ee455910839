using System.Security.Cryptography;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.UploadWorker.Uploading;

namespace Crispy.UploadWorker.Tests;

/// <summary>A chunk as stream-handle leaves it: two files in the spool, and what its message says.</summary>
internal sealed record TestChunk(ChunkManifest Manifest, byte[] Bytes, byte[] ManifestBytes, string Signature, ChunkFiles Files)
{
    private static readonly ManifestSigner Signer = new(SigningKey.NewPrivatePem());
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 17, 8, 44, 123, TimeSpan.Zero);

    public static readonly string PublicPem = Signer.PublicPem;

    public ChunkId Id => new(Manifest.Stream, Manifest.Epoch, Manifest.Sequence);

    public static TestChunk Write(SpoolLayout spool, string stream, long sequence, int size = 100_000,
        Func<ChunkManifest, ChunkManifest>? change = null, string container = ChunkContainer.Matroska)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        var from = Start.AddSeconds(3 * sequence);
        var id = new ChunkId(stream, Epoch.Name(Start), sequence);
        var files = spool.ReadyFiles(id, container);
        Directory.CreateDirectory(spool.Ready(stream));
        File.WriteAllBytes(files.Chunk, bytes);
        var manifest = new ChunkManifest
        {
            Chunk = id.ToString(), Stream = stream, Epoch = id.Epoch, Sequence = sequence,
            Object = new ObjectName(stream, from, sequence, container).ToString(),
            From = from, To = from.AddSeconds(3), Duration = TimeSpan.FromSeconds(3), Frames = 90, Keyframes = 2, Fps = 30,
            Width = 1920, Height = 1080, Channels = 3, Codec = "h264", Container = container, Size = size,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)), Crc32c = Crc32C.OfFile(files.Chunk),
            Clock = new(ChunkClock.Arrival),
            Traceparent = $"00-{RandomHex(16)}-{RandomHex(8)}-01",
        };
        manifest = change?.Invoke(manifest) ?? manifest;
        var manifestBytes = ManifestJson.Write(manifest);
        var signature = Signer.Sign(manifestBytes);
        File.WriteAllBytes(files.Manifest, SignedManifest.Write(manifestBytes, signature));
        return new(manifest, bytes, manifestBytes, signature, files);
    }

    private static string RandomHex(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));
}
