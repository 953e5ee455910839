using System.Text.Json.Serialization;

namespace Crispy.StreamHandle.Events;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ChunkEvent))]
[JsonSerializable(typeof(RemovedEvent))]
[JsonSerializable(typeof(StreamReport))]
[JsonSerializable(typeof(DeadChunk))]
internal sealed partial class EventJson : JsonSerializerContext;
