using System.Security.Cryptography;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using RabbitMQ.Client;

namespace Crispy.Bench.Upload;

/// <summary>Chunks as stream-handle leaves them in the spool and announces them; all have the same bytes.</summary>
internal sealed class SpooledChunks(SpoolLayout spool, string name, byte[] bytes, string crc32c) : IDisposable
{
    private const string Stream = "bench";

    private static readonly DateTimeOffset Start = new(2026, 11, 22, 17, 8, 44, 123, TimeSpan.Zero);

    private readonly ManifestSigner _signer = new(SigningKey.NewPrivatePem());
    private readonly string _sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
    private long _next;

    /// <summary>Writes and publishes a number of chunks.</summary>
    public async Task PublishAsync(string broker, int count)
    {
        await using var connection = await new ConnectionFactory { Uri = new(broker) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(
            new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await QueueTopology.DeclareAsync(channel, name);
        Directory.CreateDirectory(spool.Ready(Stream));
        for (var each = 0; each < count; each++)
        {
            var (manifest, body, signature) = Write(_next++);
            await channel.BasicPublishAsync(QueueTopology.ChunksExchange, QueueTopology.RoutingKey(name, Stream), mandatory: true,
                ChunkMessage.Properties(manifest, signature, null), body);
        }
    }

    public void Dispose() => _signer.Dispose();

    private (ChunkManifest Manifest, byte[] Bytes, string Signature) Write(long sequence)
    {
        var from = Start.AddSeconds(3 * sequence);
        var id = new ChunkId(Stream, Epoch.Name(Start), sequence);
        var files = spool.ReadyFiles(id, ChunkContainer.Matroska);
        var manifest = new ChunkManifest
        {
            Chunk = id.ToString(), Stream = Stream, Epoch = id.Epoch, Sequence = sequence,
            Object = new ObjectName(Stream, from, sequence, ChunkContainer.Matroska).ToString(),
            From = from, To = from.AddSeconds(3), Duration = TimeSpan.FromSeconds(3), Frames = 90, Keyframes = 2, Fps = 30,
            Width = 1920, Height = 1080, Channels = 3, Codec = "h264", Container = ChunkContainer.Matroska, Size = bytes.Length,
            Sha256 = _sha256, Crc32c = crc32c, Clock = new(ChunkClock.Arrival),
        };
        var body = ManifestJson.Write(manifest);
        var signature = _signer.Sign(body);
        File.WriteAllBytes(files.Chunk, bytes);
        File.WriteAllBytes(files.Manifest, SignedManifest.Write(body, signature));
        return (manifest, body, signature);
    }
}
