using System.Text.Json.Serialization;

namespace Crispy.StreamHandle.Sources;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TrialReport))]
[JsonSerializable(typeof(TrialRequest))]
internal sealed partial class TrialJson : JsonSerializerContext;
