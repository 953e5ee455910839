using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crispy.Console.Recorders;

/// <summary>How stream-handle's JSON is read and written.</summary>
public static class RecorderJson
{
    /// <summary>camelCase; nulls left out.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
}
