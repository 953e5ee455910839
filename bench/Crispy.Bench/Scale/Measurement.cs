using System.Globalization;
using Crispy.Contracts;
using Crispy.Coordination;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using StackExchange.Redis;

namespace Crispy.Bench.Scale;

/// <summary>Measures what the simulation needs of Redis and RabbitMQ, on private servers of this machine.</summary>
internal static class Measurement
{
    private const int Chunks = 20_000;
    private const int Messages = 5_000;
    private const int Rounds = 3;
    private const int InFlight = 256;
    private static readonly TimeProvider Time = TimeProvider.System;
    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = InFlight };
    private static readonly DateTimeOffset Begin = new(2026, 11, 22, 17, 8, 44, 123, TimeSpan.Zero);

    /// <summary>Replaces the figures that can be measured here.</summary>
    public static async Task<Figures> TakeAsync(Figures figures)
    {
        var how = string.Create(CultureInfo.InvariantCulture,
            $"./bench.sh scale --measure, {Time.GetUtcNow():yyyy-MM-dd}, {Environment.ProcessorCount} cores, load average {LoadAverage()}");
        await using var server = new RedisServer();
        await server.StartAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{server.ConnectionString},allowAdmin=true");
        var redis = connection.GetDatabase();
        var (moves, chunkBytes) = await MoveAsync(redis);
        var streamBytes = await StreamBytesAsync(redis);
        var messages = await MessagesAsync();
        return figures with
        {
            RedisBytesPerChunk = new(chunkBytes,
                $"growth of used_memory for each of {Chunks} chunks whose states went to stored, redis-server 7.0, {how}"),
            RedisBytesPerStream = new(streamBytes,
                $"MEMORY USAGE of a lease and a stream's counters, and a share of the sorted set, {how}"),
            RedisMovesPerSecond = new(Math.Round(moves),
                $"{Chunks * 3} moves of state, {InFlight} in flight, client on the same machine, {how}"),
            RabbitMessagesPerSecond = new(Math.Round(messages),
                $"best of {Rounds} rounds of {Messages} persistent messages of 1.5 kB through one quorum queue of one node, "
                + $"confirmed, delivered, acknowledged, client on the same machine, {how}"),
        };
    }

    // What else the machine did: figures of a busy one are too low.
    private static string LoadAverage() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    private static ChunkId Id(int number) => new($"cam-{number % 100:D4}", Epoch.Name(Begin), number / 100);

    private static async Task<(double MovesPerSecond, double BytesPerChunk)> MoveAsync(IDatabase redis)
    {
        await MoveAsync(redis, 0); // loads the script
        var before = await UsedAsync(redis);
        var start = Time.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(1, Chunks), AtOnce, async (number, _) => await MoveAsync(redis, number));
        var rate = Chunks * 3 / Time.GetElapsedTime(start).TotalSeconds;
        var bytes = (await UsedAsync(redis) - before) / (double)Chunks;
        var own = (long)await redis.ExecuteAsync("MEMORY", "USAGE", ChunkStates.Key(Id(1)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"MEMORY USAGE of one chunk's hash: {own} bytes; with its places in Redis' tables: {bytes:0}"));
        return (rate, Math.Round(bytes));
    }

    private static async Task MoveAsync(IDatabase redis, int number)
    {
        var (id, at) = (Id(number), Begin.AddSeconds(number));
        var name = new ObjectName(id.Stream, at, id.Sequence, ChunkContainer.Matroska).ToString();
        await ChunkStates.MoveAsync(redis, new(id, ChunkState.Queued, at, name));
        await ChunkStates.MoveAsync(redis, new(id, ChunkState.Uploading, at.AddMilliseconds(100)));
        await ChunkStates.MoveAsync(redis, new(id, ChunkState.Stored, at.AddMilliseconds(200), name, 1_795_000_000_000_000 + number));
    }

    private static async Task<long> UsedAsync(IDatabase redis)
    {
        var line = ((string)(await redis.ExecuteAsync("INFO", "memory"))!).Split('\n').Single(line =>
            line.StartsWith("used_memory:", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
    }

    private static async Task<double> StreamBytesAsync(IDatabase redis)
    {
        var last = new LeasedLink(new(Id(1).ToString(), new('a', 64)), Begin);
        for (var number = 0; number < 100; number++)
            await StreamLeases.RenewAsync(redis, $"cam-{number:D4}", "spool-0/0123456789ab", 1_795_000_000_000, TimeSpan.FromSeconds(6),
                pinned: false, last);
        var own = (long)await redis.ExecuteAsync("MEMORY", "USAGE", StreamLeases.Key("cam-0001"))
            + (long)await redis.ExecuteAsync("MEMORY", "USAGE", ChunkStates.StreamKey("cam-0001"));
        return own + (long)await redis.ExecuteAsync("MEMORY", "USAGE", "crispy:leases", "SAMPLES", "0") / 100.0;
    }

    private static async Task<double> MessagesAsync()
    {
        await using var broker = new RabbitMqServer();
        await broker.StartAsync();
        var factory = new ConnectionFactory { Uri = new(broker.ConnectionString), ConsumerDispatchConcurrency = 1 };
        await using var connection = await factory.CreateConnectionAsync();
        await using var publishing = await connection.CreateChannelAsync(new(true, true, new ThrottlingRateLimiter(InFlight)));
        await QueueTopology.DeclareAsync(publishing, "scale");
        await using var consuming = await connection.CreateChannelAsync();
        await consuming.BasicQosAsync(0, InFlight, global: false);
        using var taken = new SemaphoreSlim(0);
        var consumer = new AsyncEventingBasicConsumer(consuming);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            await consuming.BasicAckAsync(delivery.DeliveryTag, multiple: false);
            taken.Release();
        };
        await consuming.BasicConsumeAsync(QueueTopology.UploadQueue("scale"), autoAck: false, consumer);
        double best = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var start = Time.GetTimestamp();
            var publish = Parallel.ForEachAsync(Enumerable.Range(0, Messages), AtOnce, async (number, cancellation) =>
                await publishing.BasicPublishAsync(QueueTopology.ChunksExchange,
                    QueueTopology.RoutingKey("scale", $"cam-{number % 100:D4}"), mandatory: true,
                    new BasicProperties { Persistent = true }, new byte[1500], cancellation));
            for (var number = 0; number < Messages; number++) await taken.WaitAsync();
            await publish;
            best = Math.Max(best, Messages / Time.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}
