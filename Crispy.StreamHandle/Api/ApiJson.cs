using System.Text.Json.Serialization;

namespace Crispy.StreamHandle.Api;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(StreamPage))]
[JsonSerializable(typeof(ImportReport))]
internal sealed partial class ApiJson : JsonSerializerContext;
