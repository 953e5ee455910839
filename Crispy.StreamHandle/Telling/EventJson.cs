using System.Text.Json.Serialization;

namespace Crispy.StreamHandle.Telling;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ChunkEvent))]
[JsonSerializable(typeof(RemovedEvent))]
internal sealed partial class EventJson : JsonSerializerContext;
