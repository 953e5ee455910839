using Crispy.Contracts;

namespace Crispy.Bench.Upload;

/// <summary>What uploads need: RabbitMQ, Redis, a bucket, and a folder with the chunk that is sent again and again.</summary>
internal sealed class UploadServers : IAsyncDisposable
{
    private SlowBucket? _bucket;

    private UploadServers()
    {
    }

    /// <summary>For spools and other files.</summary>
    public TempFolder Folder { get; } = new();

    /// <summary>The chunk.</summary>
    public string ChunkFile => Folder["chunk"];

    /// <summary>Its CRC32C, as the bucket says it.</summary>
    public string Crc32c { get; private set; } = "";

    /// <summary>The broker.</summary>
    public RabbitMqServer Broker { get; } = new();

    /// <summary>The result backend.</summary>
    public RedisServer Redis { get; } = new();

    /// <summary>The bucket.</summary>
    public SlowBucket Bucket => _bucket ?? throw new InvalidOperationException("not started");

    /// <summary>Starts all, with a chunk of these bytes.</summary>
    public static async Task<UploadServers> StartAsync(byte[] bytes)
    {
        var servers = new UploadServers();
        await File.WriteAllBytesAsync(servers.ChunkFile, bytes);
        servers.Crc32c = Crc32C.OfFile(servers.ChunkFile);
        await Task.WhenAll(servers.Broker.StartAsync(), servers.Redis.StartAsync());
        servers._bucket = await SlowBucket.StartAsync(servers.Crc32c);
        return servers;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_bucket is not null) await _bucket.DisposeAsync();
        await Redis.DisposeAsync();
        await Broker.DisposeAsync();
        Folder.Dispose();
    }
}
