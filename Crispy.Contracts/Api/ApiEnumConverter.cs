using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crispy.Contracts.Api;

/// <summary>Writes an enum's members in camelCase. A name that this version does not know is read as the enum's first member, so that
/// processes of different versions understand each other.</summary>
/// <typeparam name="T">An enum whose first member means "unknown".</typeparam>
public sealed class ApiEnumConverter<T> : JsonConverter<T> where T : struct, Enum
{
    private static readonly Dictionary<string, T> Values = Enum.GetValues<T>().ToDictionary(ApiEnum.Name, StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc />
    /// <exception cref="JsonException">It is no string.</exception>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
        ? Values.GetValueOrDefault(reader.GetString()!)
        : throw new JsonException($"a name of {typeof(T).Name} is expected");

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(ApiEnum.Name(value));
    }
}

/// <summary>Names of enums in the API.</summary>
public static class ApiEnum
{
    /// <summary>The name of a member, as the API writes it.</summary>
    /// <typeparam name="T">The enum.</typeparam>
    /// <param name="value">The member.</param>
    public static string Name<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
