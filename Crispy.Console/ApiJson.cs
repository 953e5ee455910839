using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crispy.Console;

/// <summary>How the JSON of the API is read and written, stream-handle's and the console's own.</summary>
public static class ApiJson
{
    /// <summary>camelCase; nulls left out.</summary>
    public static JsonSerializerOptions Options { get; } =
        new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
}
