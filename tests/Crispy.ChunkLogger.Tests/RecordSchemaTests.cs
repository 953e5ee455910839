using System.Text.Json;
using Crispy.Contracts;
using NJsonSchema;

namespace Crispy.ChunkLogger.Tests;

public sealed class RecordSchemaTests
{
    [Fact]
    public async Task Every_record_that_is_published_fits_the_schema()
    {
        var schema = await JsonSchema.FromJsonAsync(Repository.Read("docs", "record.schema.json"), TestContext.Current.CancellationToken);
        var records = await RecordsAsync();
        Assert.Equal(5, records.Count);
        foreach (var record in records)
        {
            var errors = schema.Validate(record.GetRawText());
            Assert.True(errors.Count == 0, $"{string.Join("; ", errors)} in {record}");
        }
        // Every field that the schema names is in some record: none is there by mistake.
        Assert.Equal(schema.Properties.Keys.Append("chain").Distinct().Order(),
            records.SelectMany(record => record.EnumerateObject()).Select(field => field.Name).Append("chain").Distinct().Order());
    }

    [Theory]
    [InlineData("time", "\"2026-11-22\"")]
    [InlineData("signature", "\"good\"")]
    [InlineData("resolution", "{\"height\":240,\"width\":320,\"channels\":2}")]
    [InlineData("frames", "\"50\"")]
    [InlineData("colour", "1")]
    [InlineData("insertId", null)]
    public async Task The_schema_refuses_what_no_record_may_say(string field, string? value)
    {
        var schema = await JsonSchema.FromJsonAsync(Repository.Read("docs", "record.schema.json"), TestContext.Current.CancellationToken);
        var record = (await RecordsAsync())[0].EnumerateObject().ToDictionary(one => one.Name, one => one.Value);
        record.Remove(field);
        if (value is not null) record[field] = JsonDocument.Parse(value).RootElement;
        Assert.NotEmpty(schema.Validate(JsonSerializer.Serialize(record)));
    }

    [Fact]
    public void The_table_has_the_columns_of_the_schema()
    {
        using var schema = JsonDocument.Parse(Repository.Read("docs", "record.schema.json"));
        using var table = JsonDocument.Parse(Repository.Read("deploy", "bigquery", "chunks.json"));
        Assert.Equal(Columns(schema.RootElement, ""), TableColumns(table.RootElement, ""));
        Assert.All(TableColumns(table.RootElement, ""), column => Assert.Matches("^([A-Za-z_][A-Za-z0-9_]{0,299}[. ])+", column));
    }

    private static async Task<List<JsonElement>> RecordsAsync()
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await Site.StartAsync(
            new() { ["Crispy:ChunkLogger:Topic"] = "projects/crispy-tests/topics/records",
                ["PUBSUB_EMULATOR_HOST"] = google.Address.Authority });
        var media = await Footage.MatroskaAsync();
        await site.EventarcAsync(await site.UploadAsync(Chunk.Make(media, site.Signer)));
        await site.EventarcAsync(
            await site.UploadAsync(
                Chunk.Make(media, site.Signer, sequence: 1,
                    change: manifest => manifest with { Width = 1920, Height = 1080, Rotation = 90, Sar = "4:3" })));
        await site.EventarcAsync(await site.UploadAsync(Chunk.Make(media, site.Signer, sequence: 2), metadata => metadata.Clear()));
        await site.EventarcAsync(
            await site.UploadAsync(Chunk.Make([1, 2, 3], site.Signer, sequence: 3),
                metadata => metadata[ChunkMetadata.Signature] = "none"));
        var bytes = LossJson.Write(LossTests.Record);
        await site.EventarcAsync(
            await site.UploadAsync(LossTests.Record.Object, bytes,
                LossMetadata.For(LossTests.Record, bytes, site.Signer.Sign(bytes), null)));
        return [.. google.Published.Select(published => published.Record)];
    }

    private static IEnumerable<string> Columns(JsonElement schema, string prefix)
    {
        var required = schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()).ToHashSet();
        foreach (var property in schema.GetProperty("properties").EnumerateObject())
        {
            var name = prefix + property.Name;
            var mode = required.Contains(property.Name) ? "REQUIRED" : "NULLABLE";
            switch (property.Value.GetProperty("type").GetString())
            {
                case "object":
                    yield return $"{name} RECORD {mode}";
                    foreach (var column in Columns(property.Value, name + ".")) yield return column;
                    break;
                case "array":
                    yield return $"{name} STRING REPEATED";
                    break;
                case "string":
                    yield return $"{name} {(property.Value.TryGetProperty("format", out _) ? "TIMESTAMP" : "STRING")} {mode}";
                    break;
                case var type:
                    yield return $"{name} {type switch { "integer" => "INTEGER", "number" => "FLOAT", _ => "BOOLEAN" }} {mode}";
                    break;
            }
        }
    }

    private static IEnumerable<string> TableColumns(JsonElement fields, string prefix)
    {
        foreach (var field in fields.EnumerateArray())
        {
            var name = prefix + field.GetProperty("name").GetString();
            yield return $"{name} {field.GetProperty("type").GetString()} {field.GetProperty("mode").GetString()}";
            if (!field.TryGetProperty("fields", out var inner)) continue;
            foreach (var column in TableColumns(inner, name + ".")) yield return column;
        }
    }
}
