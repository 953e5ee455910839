using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.Testing;
using Crispy.UploadWorker.Consuming;
using Crispy.UploadWorker.Incoming;
using Crispy.UploadWorker.Uploading;
using Google.Cloud.Storage.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(RabbitMqServer))]
[assembly: AssemblyFixture(typeof(RedisServer))]

namespace Crispy.UploadWorker.Tests;

/// <summary>One test's spool, queue and bucket, with as many workers as it starts; broker and Redis are shared,
/// the names are its own.</summary>
internal sealed class Rig : IAsyncDisposable
{
    public const string HealthToken = "health-of-this-test-alone";

    private readonly TempFolder _folder = new();
    private readonly RabbitMqServer _broker;
    private readonly RedisServer _redis;
    private readonly List<WebApplication> _built = [];
    private readonly List<WebApplication> _started = [];
    private readonly string _unique = Guid.NewGuid().ToString("N")[..12];
    private IConnection? _connection;
    private IChannel? _channel;
    private ConnectionMultiplexer? _multiplexer;

    private Rig(RabbitMqServer broker, RedisServer redis, FaultyBucket bucket)
    {
        (_broker, _redis, Bucket) = (broker, redis, bucket);
        Spool = new(_folder["spool"]);
    }

    public FaultyBucket Bucket { get; }

    /// <summary>How workers reach the bucket, where not as usual.</summary>
    public StorageClientBuilder? Storage { get; set; }

    /// <summary>Runs last on each worker's builder.</summary>
    public Action<WebApplicationBuilder> Configure { get; set; } = _ => { };

    public SpoolLayout Spool { get; }

    public string SpoolName => $"s{_unique}";

    public string Stream => $"cam{_unique}";

    public string Queue => QueueTopology.UploadQueue(SpoolName);

    public IDatabase Redis =>
        (_multiplexer ??= ConnectionMultiplexer.Connect($"{_redis.ConnectionString},abortConnect=false")).GetDatabase();

    public static async Task<Rig> StartAsync(RabbitMqServer broker, RedisServer redis)
    {
        var rig = new Rig(broker, redis, await FaultyBucket.StartAsync());
        await rig.ConnectAsync();
        return rig;
    }

    /// <summary>Connects the test itself to the broker, again after a restart.</summary>
    public async Task ConnectAsync()
    {
        await DisconnectAsync();
        _connection =
            await new ConnectionFactory { Uri = new(_broker.ConnectionString), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync(
            new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await QueueTopology.DeclareAsync(_channel, SpoolName);
    }

    public TestChunk Chunk(long sequence, int size = 100_000, Func<ChunkManifest, ChunkManifest>? change = null) =>
        TestChunk.Write(Spool, Stream, sequence, size, change);

    public Task PublishAsync(TestChunk chunk) =>
        PublishAsync(chunk.ManifestBytes, ChunkMessage.Properties(chunk.Manifest, chunk.Signature, chunk.Manifest.Traceparent));

    public async Task PublishAsync(ReadOnlyMemory<byte> body, BasicProperties properties) =>
        await _channel!.BasicPublishAsync(QueueTopology.ChunksExchange, QueueTopology.RoutingKey(SpoolName, Stream),
            mandatory: true, properties, body);

    /// <summary>A worker, built but not started.</summary>
    public WebApplication Worker(params string[] settings)
    {
        string[] args =
        [
            "--urls=http://127.0.0.1:0", $"--Health:Token={HealthToken}", $"--Crispy:Bucket={FaultyBucket.Name}",
            $"--Crispy:Spool:Name={SpoolName}", $"--Crispy:Spool:Path={Spool.Root}",
            $"--ConnectionStrings:rabbitmq={_broker.ConnectionString}", $"--ConnectionStrings:redis={_redis.ConnectionString}",
            "--Crispy:Upload:RetryBaseDelay=00:00:00.010", "--Crispy:Upload:ProbeInterval=00:00:00.100",
            "--Crispy:Upload:DrainTimeout=00:00:10", .. settings,
        ];
        var worker = UploadWorkerApp.Create(args, builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton(Storage ?? new StorageClientBuilder { BaseUri = Bucket.BaseUri, UnauthenticatedAccess = true });
            Configure(builder);
        });
        _built.Add(worker);
        return worker;
    }

    /// <summary>One upload over real HTTP, its retries in place included, without a queue in front of it.</summary>
    public async Task<Verdict> UploadAsync(TestChunk chunk, params string[] settings)
    {
        var message = IncomingChunk.Read(ChunkMessage.Properties(chunk.Manifest, chunk.Signature, null), chunk.ManifestBytes);
        var services = Worker(settings).Services;
        var uploader = services.GetRequiredService<ChunkUploader>();
        return services.GetRequiredService<UploadSpool>().Find(message.Id) is { } held
            ? await uploader.UploadAsync(message, held, CancellationToken.None)
            : await uploader.JudgeAbsentAsync(message, CancellationToken.None);
    }

    public async Task<WebApplication> StartWorkerAsync(params string[] settings)
    {
        var worker = Worker(settings);
        await StartAsync(worker);
        return worker;
    }

    public async Task StartAsync(WebApplication worker)
    {
        await worker.StartAsync();
        _started.Add(worker);
    }

    public static async Task<int> HealthAsync(WebApplication worker) => (int)(await GetHealthAsync(worker)).StatusCode;

    public static async Task<string> HealthTextAsync(WebApplication worker) =>
        await (await GetHealthAsync(worker)).Content.ReadAsStringAsync();

    /// <summary>Takes one message out of the upload queue, as soon as it is there to be taken.</summary>
    public Task TakeFromQueueAsync() => Until.TrueAsync(async () => await _channel!.BasicGetAsync(Queue, autoAck: true) is not null);

    public async Task<uint> CountAsync(string queue) => await _channel!.MessageCountAsync(queue);

    /// <summary>Waits until an object is in the bucket and its chunk gone from the spool.</summary>
    public Task StoredAsync(TestChunk chunk) => Until.TrueAsync(
        () => Bucket.Objects.ContainsKey(chunk.Manifest.Object) && !File.Exists(chunk.Files.Chunk) && !File.Exists(chunk.Files.Manifest),
        what: $"{chunk.Manifest.Chunk} is stored");

    /// <summary>Takes dead letters until the one of a message comes. The queue is shared:
    /// other tests' letters go back in the end.</summary>
    public async Task<BasicGetResult> DeadLetterAsync(string messageId)
    {
        await using var channel = await _connection!.CreateChannelAsync();
        BasicGetResult? found = null;
        await Until.TrueAsync(async () => (found = await TakeAsync(channel, messageId)) is not null, what: $"dead letter of {messageId}");
        return found!;
    }

    /// <summary>Stops a worker; then every message that it did not acknowledge is back in the queue.</summary>
    public async Task<uint> CountAfterStopAsync(WebApplication worker)
    {
        await worker.StopAsync();
        _started.Remove(worker);
        return await CountAsync(Queue);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _started) await worker.StopAsync();
        foreach (var worker in _built) await worker.DisposeAsync();
        await DisconnectAsync();
        if (_multiplexer is not null) await _multiplexer.DisposeAsync();
        await Bucket.DisposeAsync();
        _folder.Dispose();
    }

    // Other tests' letters are held until the end of one pass, so that each is seen once, and then go back.
    private static async Task<BasicGetResult?> TakeAsync(IChannel channel, string messageId)
    {
        BasicGetResult? found = null;
        List<ulong> others = [];
        while (found is null && await channel.BasicGetAsync(QueueTopology.Dead, autoAck: false) is { } letter)
        {
            if (letter.BasicProperties.MessageId == messageId) found = letter;
            else others.Add(letter.DeliveryTag);
        }
        if (found is not null) await channel.BasicAckAsync(found.DeliveryTag, multiple: false);
        foreach (var tag in others) await channel.BasicNackAsync(tag, multiple: false, requeue: true);
        return found;
    }

    private static async Task<HttpResponseMessage> GetHealthAsync(WebApplication worker)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", HealthToken);
        return await client.GetAsync(new Uri(worker.Urls.First() + "/health"));
    }

    private async Task DisconnectAsync()
    {
        try
        {
            if (_channel is not null) await _channel.DisposeAsync();
            if (_connection is not null) await _connection.DisposeAsync();
        }
        catch (Exception broken)
            when (broken is RabbitMQ.Client.Exceptions.AlreadyClosedException
                or RabbitMQ.Client.Exceptions.OperationInterruptedException or IOException)
        {
            // The broker went first.
        }
    }
}
