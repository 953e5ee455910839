using System.Text.Json;
using Crispy.ChunkLogger.Calling;
using Crispy.ChunkLogger.Writing;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Publishing;

/// <summary>The Pub/Sub topic that every record is published to, by
/// <see href="https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/publish"/>: one message a record,
/// its data the record's JSON. The caller needs
/// <c>roles/pubsub.publisher</c> on the topic.</summary>
internal sealed class RecordTopic(GoogleApi api, Uri endpoint, string topic, Metrics metrics)
{
    private readonly Uri _method = new(endpoint, $"/v1/{topic}:publish");

    /// <summary>Publishes; done once the service has taken it. A record may be published more than once:
    /// its <c>insertId</c> says which are the same.</summary>
    /// <exception cref="RefusedCallException">It has not, and the event has to come again.</exception>
    public async Task PublishAsync(Entry entry, CancellationToken cancellationToken)
    {
        var attributes =
            new Dictionary<string, string> { ["schema"] = Entry.RecordSchema, ["kind"] = entry.Kind, ["insertId"] = entry.InsertId };
        if (entry.Origin is { } origin) attributes["stream"] = origin.Stream;
        if (entry.Trace.TraceId != default)
            attributes[ChunkMetadata.Traceparent] = $"00-{entry.Trace.TraceId}-{entry.Trace.SpanId}-{(int)entry.Trace.TraceFlags:x2}";
        var request = JsonSerializer.SerializeToUtf8Bytes(new { messages = new[] { new { data = entry.ToRecord(), attributes } } });
        await api.PostAsync(_method, $"publishing to {topic}", request, cancellationToken);
        metrics.Published(entry.Kind);
    }
}
