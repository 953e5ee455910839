using System.Text.Json;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Storing;
using Microsoft.Data.Sqlite;

namespace Crispy.CloudEmulator.Notifying;

/// <summary>One notification configuration of a bucket.</summary>
internal sealed record NotificationConfig(
    string Bucket, string Id, string Topic, string PayloadFormat, string[] EventTypes, string NamePrefix,
    Dictionary<string, string> Attributes);

/// <summary>
/// The buckets' notification configurations. A configuration names a topic; who subscribes is not Cloud Storage's to know. So its
/// custom attribute <c>pushEndpoint</c> says here where its events are pushed. Without it they go nowhere, as on a topic without
/// subscribers. <c>push_endpoint</c> means the same: some clients send all keys in snake case.
/// </summary>
internal sealed class NotificationConfigs(Ledger ledger, Outbox outbox)
{
    private const string Columns = "bucket, id, topic, payload_format, event_types, name_prefix, attributes";

    private static readonly string[] PushKeys = ["pushEndpoint", "push_endpoint"];

    /// <summary>Tells the outbox of all that were kept. Before the first request.</summary>
    public void Load()
    {
        foreach (var config in ledger.Read(statements => statements.All($"SELECT {Columns} FROM notifications", Read))) Connect(config);
    }

    public List<NotificationConfig> List(string bucket) =>
        ledger.Read(statements =>
            statements.All($"SELECT {Columns} FROM notifications WHERE bucket = $1 ORDER BY CAST(id AS INTEGER)", Read, bucket));

    public NotificationConfig Get(string bucket, string id) =>
        ledger.Read(statements => statements.First($"SELECT {Columns} FROM notifications WHERE bucket = $1 AND id = $2", Read, bucket, id))
        ?? throw StorageException.NotFound($"Notification {id} not found in {bucket}");

    /// <summary>Gives it the bucket's next id, instead of the one it came with.</summary>
    public async Task<NotificationConfig> AddAsync(NotificationConfig config)
    {
        if (Target(config) is null && config.Attributes.Keys.Any(PushKeys.Contains))
            throw StorageException.Invalid("pushEndpoint must be an absolute http URL");
        var added = await ledger.ChangeAsync(statements =>
        {
            var last = statements.First("SELECT MAX(CAST(id AS INTEGER)) FROM notifications WHERE bucket = $1",
                row => row.IsDBNull(0) ? 0 : row.GetInt64(0), config.Bucket);
            var numbered = config with { Id = $"{last + 1}" };
            statements.Execute($"INSERT INTO notifications ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                numbered.Bucket, numbered.Id, numbered.Topic, numbered.PayloadFormat,
                JsonSerializer.Serialize(numbered.EventTypes, LedgerJson.Default.StringArray), numbered.NamePrefix,
                JsonSerializer.Serialize(numbered.Attributes, LedgerJson.Default.DictionaryStringString));
            return numbered;
        });
        Connect(added);
        return added;
    }

    public async Task RemoveAsync(string bucket, string id)
    {
        var config = Get(bucket, id);
        await ledger.ChangeAsync(statements => statements.Execute("DELETE FROM notifications WHERE bucket = $1 AND id = $2", bucket, id));
        await outbox.RemoveTargetAsync(Key(config));
    }

    public async Task RemoveBucketAsync(string bucket)
    {
        foreach (var config in List(bucket)) await RemoveAsync(bucket, config.Id);
    }

    private void Connect(NotificationConfig config)
    {
        if (Target(config) is { } target) outbox.AddTarget(target);
    }

    private static PushTarget? Target(NotificationConfig config)
    {
        if ((config.Attributes.GetValueOrDefault("pushEndpoint")
            ?? config.Attributes.GetValueOrDefault("push_endpoint")) is not { } endpoint
            || !Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")) return null;
        return new()
        {
            Key = Key(config),
            Endpoint = uri,
            Bucket = config.Bucket,
            EventTypes = config.EventTypes,
            NamePrefix = config.NamePrefix,
            WithResource = config.PayloadFormat != "NONE",
            Attributes = config.Attributes.Where(pair => !PushKeys.Contains(pair.Key)).ToDictionary(),
        };
    }

    private static string Key(NotificationConfig config) => $"{config.Bucket}/{config.Id}";

    private static NotificationConfig Read(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3),
        JsonSerializer.Deserialize(row.GetString(4), LedgerJson.Default.StringArray)!, row.GetString(5),
        JsonSerializer.Deserialize(row.GetString(6), LedgerJson.Default.DictionaryStringString)!);
}
