using System.Text.Json.Serialization;

namespace Crispy.StreamHandle.Telling;

/// <summary>A chunk that entered a state.</summary>
/// <param name="Chunk">Its id.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="From">UTC time of its first frame; null where that cannot be read.</param>
/// <param name="To">UTC time at which its last frame ends; null where that cannot be read.</param>
/// <param name="State"><c>queued</c>, <c>stored</c>, <c>dead</c> or <c>lost</c>.</param>
public sealed record ChunkEvent(string Chunk, string Stream, DateTimeOffset? From, DateTimeOffset? To, string State);

/// <summary>A stream that is gone.</summary>
/// <param name="Id">Its id.</param>
public sealed record RemovedEvent(string Id);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ChunkEvent))]
[JsonSerializable(typeof(RemovedEvent))]
internal sealed partial class EventJson : JsonSerializerContext;
