using System.Text.Json.Serialization;

namespace Crispy.StreamHandle.Api;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DeadPage))]
[JsonSerializable(typeof(ReplayedChunk))]
[JsonSerializable(typeof(DiscardRequest))]
[JsonSerializable(typeof(DiscardedChunk))]
[JsonSerializable(typeof(DeadSelection))]
[JsonSerializable(typeof(DeadResults))]
internal sealed partial class DeadJson : JsonSerializerContext;
