using System.Diagnostics;
using System.Net;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using RabbitMQ.Client;

namespace Crispy.StreamHandle.Tests;

public sealed class BrokerTests(Servers servers) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_chunk_becomes_one_persistent_message_with_manifest_signature_and_trace()
    {
        var clip = await Clips.MakeAsync(_folder["clip.mp4"], seconds: 10);
        await using var handle = await new RunningStreamHandle(servers, new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = clip })
            .StartAsync();
        await handle.UntilAsync("gate", stream => stream.State is StreamState.Ended or StreamState.Failed, "the file is read");
        var chunks = handle.Ready("gate").ToDictionary(chunk => chunk.Manifest.Chunk);
        var messages = await ReceiveAsync(handle.SpoolName, chunks.Count);

        Assert.Equal(chunks.Keys.Order(), messages.Select(message => message.Properties.MessageId!).Order());
        foreach (var (properties, body) in messages)
        {
            var chunk = chunks[properties.MessageId!];
            Assert.Equal(chunk.ManifestBytes, body);
            Assert.True(properties.Persistent);
            Assert.Equal(SignatureState.Verified, handle.Verifier.Check(body, ChunkMessage.Text(properties, ChunkMessage.SignatureHeader)));
            Assert.True(ActivityContext.TryParse(chunk.Manifest.Traceparent, null, out var capture));
            Assert.True(ActivityContext.TryParse(ChunkMessage.Text(properties, ChunkMessage.TraceparentHeader), null, out var publish));
            Assert.Equal(capture.TraceId, publish.TraceId);
        }
        Assert.Equal(chunks.Count, chunks.Values.Select(chunk => chunk.Manifest.Traceparent).Distinct().Count());
    }

    [Fact]
    public async Task Chunks_wait_in_the_spool_while_the_broker_is_down_and_are_published_when_it_is_back()
    {
        await using var rabbit = new RabbitMqServer();
        await rabbit.StartAsync();
        await rabbit.StopAsync();
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = "demo:?size=160x120&fps=10",
                ["Mode"] = "transcode", ["Window"] = "0.5" })
            .With("ConnectionStrings__rabbitmq", rabbit.ConnectionString).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 3, "chunks without a broker");
        Assert.NotNull((await handle.StatusAsync()).Broker);
        var health = await handle.HealthAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains("RabbitMQ", await health.Content.ReadAsStringAsync());

        await rabbit.StartAsync();
        await Until.TrueAsync(async () => (await handle.StatusAsync()).Broker is null);
        await ReceiveAsync(handle.SpoolName, 3, rabbit.ConnectionString);

        // Again, now with a connection that was there.
        await rabbit.KillAsync();
        await Until.TrueAsync(async () => (await handle.StatusAsync()).Broker is not null);
        await rabbit.StartAsync();
        await Until.TrueAsync(async () => (await handle.StatusAsync()).Broker is null);
        var chunks = handle.Ready("gate");
        var received = await ReceiveAsync(handle.SpoolName, chunks.Count, rabbit.ConnectionString, distinct: true);
        Assert.Subset(received.Select(message => message.Properties.MessageId!).ToHashSet(),
            chunks.Select(chunk => chunk.Manifest.Chunk).ToHashSet());
    }

    [Fact]
    public async Task A_deleted_queue_is_declared_again_and_its_chunks_are_published_again()
    {
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = "demo:?size=160x120&fps=10", ["Mode"] = "transcode",
                ["Window"] = "0.5" }).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 2, "chunks");
        await using (var connection = await new ConnectionFactory { Uri = new(servers.Rabbit.ConnectionString) }.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync())
            await channel.QueueDeleteAsync(QueueTopology.UploadQueue(handle.SpoolName));
        var lost = handle.Ready("gate").Select(chunk => chunk.Manifest.Chunk).ToHashSet();
        await Until.TrueAsync(() => handle.Log.Split("Publishing the chunks").Length > 2, what: "the queue is declared again");
        var received = new HashSet<string>();
        await Until.TrueAsync(async () =>
        {
            foreach (var message in await ReceiveAsync(handle.SpoolName, 0)) received.Add(message.Properties.MessageId!);
            return lost.IsProperSubsetOf(received);
        }, what: "all that was in the queue, and something new");
    }

    [Fact]
    public async Task Messages_that_somebody_took_are_published_again_while_their_chunks_wait()
    {
        var clip = await Clips.MakeAsync(_folder["clip.mp4"], seconds: 10);
        await using var handle = await new RunningStreamHandle(servers, new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = clip })
            .With("Crispy__Spool__SweepInterval", "0.5").StartAsync();
        await handle.UntilAsync("gate", stream => stream.State is StreamState.Ended or StreamState.Failed, "the file is read");
        var chunks = handle.Ready("gate").Select(chunk => chunk.Manifest.Chunk).ToHashSet();

        // Received is acknowledged, and nothing is stored.
        foreach (var _ in Enumerable.Range(0, 2))
            Assert.Equal(chunks,
                (await ReceiveAsync(handle.SpoolName, chunks.Count)).Select(message => message.Properties.MessageId!).ToHashSet());
        Assert.Contains("are published again", handle.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_being_away_holds_up_nothing()
    {
        var clip = await Clips.MakeAsync(_folder["clip.mp4"], seconds: 6);
        await using var handle = await new RunningStreamHandle(servers, new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = clip })
            .With("ConnectionStrings__redis", $"127.0.0.1:{FreePort.Next()}").StartAsync();
        await handle.UntilAsync("gate", stream => stream.State == StreamState.Ended, "the file is read");
        Assert.Equal(0, (await handle.StreamAsync("gate")).Law!.Value.Balance);
        Assert.Equal(2, (await ReceiveAsync(handle.SpoolName, 2)).Count);
    }

    private async Task<List<(IReadOnlyBasicProperties Properties, byte[] Body)>> ReceiveAsync(string spool, int count,
        string? broker = null, bool distinct = false)
    {
        await using var connection =
            await new ConnectionFactory { Uri = new(broker ?? servers.Rabbit.ConnectionString) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var messages = new List<(IReadOnlyBasicProperties Properties, byte[] Body)>();
        await Until.TrueAsync(async () =>
        {
            while (await channel.BasicGetAsync(QueueTopology.UploadQueue(spool), autoAck: true) is { } got)
                messages.Add((got.BasicProperties, got.Body.ToArray()));
            return (distinct ? messages.Select(message => message.Properties.MessageId).Distinct().Count() : messages.Count) >= count;
        }, what: $"{count} messages; {messages.Count} came");
        return messages;
    }
}
