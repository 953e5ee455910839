using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Tests;

/// <summary>A chunk as stream-handle and upload-worker would make it: media, manifest, signature, metadata.</summary>
internal sealed record Chunk(byte[] Media, ChunkManifest Manifest, byte[] ManifestBytes, string Signature)
{
    public static readonly DateTimeOffset FirstFrame = new(2026, 11, 22, 17, 8, 44, 123, TimeSpan.Zero);

    public const string Traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    public string Name => Manifest.Object;

    public Dictionary<string, string> Metadata => ChunkMetadata.For(Manifest, ManifestBytes, Signature, Traceparent);

    public static Chunk Make(byte[] media, ManifestSigner signer, long sequence = 0, string container = "mkv", int channels = 3,
        Func<ChunkManifest, ChunkManifest>? change = null)
    {
        var epoch = Epoch.Name(FirstFrame);
        var manifest = new ChunkManifest
        {
            Chunk = new ChunkId("gate", epoch, sequence).ToString(),
            Stream = "gate",
            Epoch = epoch,
            Sequence = sequence,
            Object = new ObjectName("gate", FirstFrame, sequence, container).ToString(),
            From = FirstFrame,
            To = FirstFrame.AddSeconds(2),
            Duration = TimeSpan.FromSeconds(2),
            Frames = 50,
            Keyframes = 1,
            Fps = 25,
            Width = 320,
            Height = 240,
            Channels = channels,
            Codec = "h264",
            Container = container,
            Size = media.Length,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(media)),
            Crc32c = Crc32c(media),
            Clock = new(ChunkClock.File),
        };
        manifest = change?.Invoke(manifest) ?? manifest;
        var bytes = ManifestJson.Write(manifest);
        return new(media, manifest, bytes, signer.Sign(bytes));
    }

    public static string Crc32c(byte[] media)
    {
        var crc = uint.MaxValue;
        foreach (var one in media) crc = BitOperations.Crc32C(crc, one);
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ~crc);
        return Convert.ToBase64String(bytes);
    }
}
