using System.Text;
using System.Text.Json.Nodes;
using Crispy.Contracts;
using Crispy.Coordination;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Crispy.Crash.Tests;

/// <summary>Somebody who may do everything on the broker, and has no key, no bucket and no spool. It takes messages away,
/// and publishes forged, replayed, reordered,
/// repeated and giant ones, and those of chunks that never were.</summary>
internal sealed class HostileBroker(WholeSystem system, Steps steps)
{
    private const string Queue = "crispy.upload.crash";
    private const int MostKept = 200;

    private static readonly string[] Deeds =
        ["forge", "forgeLoss", "steal", "replay", "reorder", "repeat", "giant", "ghost", "number", "garbage"];

    private readonly List<(BasicProperties Properties, byte[] Body)> _kept = [];
    private readonly Dictionary<string, int> _done = Deeds.ToDictionary(deed => deed, _ => 0);

    /// <summary>How many messages of each kind were published, or taken.</summary>
    public string Done => string.Join(", ", _done.Select(pair => $"{pair.Key} {pair.Value}"));

    /// <summary>Acts until it is over.</summary>
    public async Task ActAsync(Func<bool> isOver)
    {
        while (!isOver())
        {
            try
            {
                await using var connection = await new ConnectionFactory { Uri = new(system.Rabbit.ConnectionString),
                    AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
                await using var channel = await connection.CreateChannelAsync(
                    new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
                while (!isOver())
                {
                    var deed = Deeds[steps.UpTo(Deeds.Length) - 1];
                    await DoAsync(channel, deed);
                    await Task.Delay(TimeSpan.FromMilliseconds(steps.UpTo(300)), TimeProvider.System);
                }
            }
            catch (Exception away) when (away is RabbitMQClientException or IOException or OperationCanceledException or TimeoutException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System); // it was killed, or has no queue yet
            }
        }
    }

    private async Task DoAsync(IChannel channel, string deed)
    {
        switch (deed)
        {
            case "ghost":
                await PublishAsync(channel, deed, Ghost($"ghost-{steps.UpTo(3)}", steps.UpTo(1000)));
                return;
            case "number" when AnyKept() is { } one:
                await PublishAsync(channel, deed, Ghost(StreamOf(one.Body), 90_000_000 + steps.UpTo(9_999_999)));
                return;
            case "garbage":
                await PublishAsync(channel, deed,
                    (new() { MessageId = AnyKept()?.Properties.MessageId ?? "x", Type = LossRecord.CurrentSchema },
                        Encoding.UTF8.GetBytes("{\"schema\":")));
                return;
            case "giant":
                await PublishAsync(channel, deed, (new() { MessageId = "giant", Type = ChunkManifest.CurrentSchema }, new byte[2 << 20]));
                return;
            case "replay" when AnyKept() is { } one:
                await PublishAsync(channel, deed, one);
                return;
            case "repeat" when AnyKept() is { } one:
                for (var count = 0; count < 30; count++) await PublishAsync(channel, deed, one);
                return;
        }
        var taken = new List<(ulong Tag, BasicProperties Properties, byte[] Body)>();
        for (var count = deed is "reorder" ? 5 : 1; count > 0 && await channel.BasicGetAsync(Queue, autoAck: false) is { } message; count--)
        {
            taken.Add((message.DeliveryTag, new(message.BasicProperties), message.Body.ToArray()));
            if (_kept.Count < MostKept) _kept.Add((new(message.BasicProperties), message.Body.ToArray()));
        }
        // The workers were faster: what they have is forged all the same.
        if (taken.Count == 0 && deed.StartsWith("forge", StringComparison.Ordinal) && AnyKept() is { } had)
            await PublishAsync(channel, deed, deed == "forge" ? Forged(had.Properties, had.Body) : Loss(had.Properties, had.Body));
        taken.Reverse();
        foreach (var (_, properties, body) in taken)
            if (deed == "reorder") await PublishAsync(channel, deed, (properties, body));
            else if (deed.StartsWith("forge", StringComparison.Ordinal))
                await PublishAsync(channel, deed, deed == "forge" ? Forged(properties, body) : Loss(properties, body));
            else _done[deed]++;
        foreach (var (tag, _, _) in taken) await channel.BasicAckAsync(tag, multiple: false);
    }

    private (BasicProperties Properties, byte[] Body)? AnyKept() => _kept.Count == 0 ? null : _kept[steps.UpTo(_kept.Count) - 1];

    private async Task PublishAsync(IChannel channel, string deed, (BasicProperties Properties, byte[] Body) message)
    {
        _done[deed]++;
        await channel.BasicPublishAsync("", Queue, mandatory: true, message.Properties, message.Body);
    }

    // Another minute of the same hour: consistent in itself, and signed by nobody.
    private static (BasicProperties, byte[]) Forged(BasicProperties properties, byte[] body)
    {
        if (Json(body) is not { } manifest || manifest["frames"] is null || !ChunkId.TryParse((string?)manifest["chunk"], out var id))
            return (properties, body);
        var from = DateTimeOffset.Parse((string)manifest["from"]!, System.Globalization.CultureInfo.InvariantCulture).AddMinutes(7);
        manifest["from"] = Instants.Format(from);
        manifest["object"] = new ObjectName(id.Stream, from, id.Sequence, (string)manifest["container"]!).ToString();
        return (properties, Encoding.UTF8.GetBytes(manifest.ToJsonString()));
    }

    // The declaration that a waiting chunk is lost.
    private static (BasicProperties, byte[]) Loss(BasicProperties properties, byte[] body)
    {
        if (Json(body) is not { } manifest || !ChunkId.TryParse((string?)manifest["chunk"], out var id)) return (properties, body);
        var record = new LossRecord
        {
            Chunk = id.ToString(), Stream = id.Stream, Epoch = id.Epoch, Sequence = id.Sequence,
            Object = new LossObjectName(id.Stream, DateTimeOffset.UnixEpoch, id.Sequence).ToString(),
            From = DateTimeOffset.UnixEpoch, To = DateTimeOffset.UnixEpoch, Reason = LossReason.Discarded, Bytes = 0,
            Declared = DateTimeOffset.UnixEpoch,
        };
        return (ChunkMessage.Properties(record, ChunkMessage.Text(properties, ChunkMessage.SignatureHeader) ?? "x..y", null),
            LossJson.Write(record));
    }

    private static (BasicProperties, byte[]) Ghost(string stream, long sequence)
    {
        var from = new DateTimeOffset(2026, 11, 26, 11, 0, 0, TimeSpan.Zero);
        var id = new ChunkId(stream, Epoch.Name(from), sequence);
        var manifest = new ChunkManifest
        {
            Chunk = id.ToString(), Stream = stream, Epoch = id.Epoch, Sequence = sequence,
            Object = new ObjectName(stream, from, sequence, ChunkContainer.Matroska).ToString(),
            From = from, To = from.AddSeconds(3), Duration = TimeSpan.FromSeconds(3), Frames = 30, Keyframes = 1, Fps = 10, Width = 16,
            Height = 16, Channels = 3,
            Codec = "h264", Container = ChunkContainer.Matroska, Size = 10, Sha256 = new('0', 64), Crc32c = "AAAAAA==",
            Clock = new(ChunkClock.Arrival),
        };
        return (ChunkMessage.Properties(manifest, "eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ..AAAA", null), ManifestJson.Write(manifest));
    }

    private static string StreamOf(byte[] body) => (string?)Json(body)?["stream"] ?? "ghost";

    private static JsonObject? Json(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
