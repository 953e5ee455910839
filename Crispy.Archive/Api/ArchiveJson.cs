using System.Text.Json;
using System.Text.Json.Serialization;
using Crispy.Contracts;

namespace Crispy.Archive.Api;

/// <summary>How answers are written: camelCase, times in ISO 8601 with microseconds, durations in seconds, enumerations by name.</summary>
internal static class ArchiveJson
{
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>Writes one property of an object that is written by hand.</summary>
    public static void WriteProperty<T>(Utf8JsonWriter writer, string name, T value)
    {
        writer.WritePropertyName(name);
        JsonSerializer.Serialize(writer, value, Options);
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        options.Converters.Add(new InstantConverter());
        options.Converters.Add(new SpanConverter());
        options.Converters.Add(new DetailConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class InstantConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset().ToUniversalTime();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Instants.Format(value));
    }

    private sealed class SpanConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TimeSpan.FromTicks((long)(reader.GetDecimal() * TimeSpan.TicksPerSecond));

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(Instants.Seconds(value));
    }

    /// <summary>A chunk's detail is the chunk's own fields, and more of them.</summary>
    private sealed class DetailConverter : JsonConverter<ChunkDetail>
    {
        public override ChunkDetail Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, ChunkDetail value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            using (var chunk = JsonSerializer.SerializeToDocument(value.Chunk, options))
            {
                foreach (var property in chunk.RootElement.EnumerateObject()) property.WriteTo(writer);
            }
            WriteProperty(writer, "manifest", value.Manifest);
            WriteProperty(writer, "history", value.History);
            WriteProperty(writer, "generation", value.Generation);
            WriteProperty(writer, "attempts", value.Attempts);
            WriteProperty(writer, "traceparent", value.Traceparent);
            WriteProperty(writer, "traceUrl", value.TraceUrl);
            writer.WriteEndObject();
        }
    }
}
