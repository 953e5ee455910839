using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Contracts.Api;
using CsvHelper;
using CsvHelper.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Crispy.Cameras.Lists;

/// <summary>Writes cameras as a file that <see cref="CameraList"/> reads. Addresses are as the API shows them, with <c>***</c> for what may
/// be a secret; brought in again, such an address stays as it is.</summary>
public static class ListWriter
{
    private static readonly string[] First = ["id", "name", "group", "tags", "url"];

    /// <summary>Comma-separated values.</summary>
    public static string Csv(IEnumerable<StreamDefinition> cameras)
    {
        var rows = Rows(cameras);
        var columns = First.Concat(Fields.OfDefinition.Except(First).Where(field => rows.Exists(row => row.ContainsKey(field)))).ToList();
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using var writer = new CsvWriter(text, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" });
        foreach (var row in rows.Select(row => columns.Select(column => Text(row[column]))).Prepend(columns))
        {
            foreach (var cell in row) writer.WriteField(cell);
            writer.NextRecord();
        }
        writer.Flush();
        return text.ToString();
    }

    /// <summary>YAML.</summary>
    public static string Yaml(IEnumerable<StreamDefinition> cameras)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, true));
        emitter.Emit(new SequenceStart(null, null, true, SequenceStyle.Block));
        foreach (var row in Rows(cameras)) Write(emitter, row);
        emitter.Emit(new SequenceEnd());
        emitter.Emit(new DocumentEnd(true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Write(Emitter emitter, JsonObject row)
    {
        emitter.Emit(new MappingStart(null, null, true, MappingStyle.Block));
        foreach (var (field, value) in row)
        {
            emitter.Emit(new Scalar(field));
            if (value is not JsonArray words)
            {
                emitter.Emit(Value(Text(value)));
                continue;
            }
            emitter.Emit(new SequenceStart(null, null, true, SequenceStyle.Flow));
            foreach (var word in words) emitter.Emit(Value((string)word!));
            emitter.Emit(new SequenceEnd());
        }
        emitter.Emit(new MappingEnd());
    }

    // What another reader would take for nothing is quoted.
    private static Scalar Value(string text) =>
        text is "" or "~" or "null" ? new(null, null, text, ScalarStyle.DoubleQuoted, false, true) : new(text);

    private static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonArray words => string.Join(' ', words.Select(word => (string?)word)),
        JsonValue single when single.GetValueKind() == JsonValueKind.String => single.GetValue<string>(),
        _ => value.ToJsonString(),
    };

    private static List<JsonObject> Rows(IEnumerable<StreamDefinition> cameras) => [.. cameras.Select(camera =>
    {
        var all = (JsonObject)JsonSerializer.SerializeToNode(camera, JsonSerializerOptions.Web)!;
        var row = new JsonObject();
        foreach (var field in First.Concat(Fields.OfDefinition.Except(First)))
            if (all[field] is { } value) row[field] = value.DeepClone();
        return row;
    })];
}
