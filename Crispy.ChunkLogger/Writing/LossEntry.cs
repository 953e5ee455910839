using System.Text.Json;
using Crispy.ChunkLogger.Reading;
using Crispy.ChunkLogger.Verifying;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Writing;

/// <summary>The entry of a loss record. It has a <c>loss</c> where a chunk's entry has a <c>chunk</c>.</summary>
internal sealed record LossEntry : Entry
{
    public required LossReport Report { get; init; }

    /// <inheritdoc />
    public override string Kind => "loss";

    /// <inheritdoc />
    public override string InsertId => $"{Lost}#loss";

    /// <inheritdoc />
    public override (string Stream, string Epoch)? Origin => Report.Record is { } record ? (record.Stream, record.Epoch) : null;

    /// <inheritdoc />
    protected override string Severity => Report.Severity;

    /// <inheritdoc />
    protected override string Message =>
        $"chunk {Lost} is lost: {Report.Record?.Reason ?? "unknown reason"}, signature {Report.SignatureText}";

    /// <inheritdoc />
    protected override StoredObject Object => Report.Object;

    private string Lost => Report.Chunk ?? Report.Object.Identity;

    /// <inheritdoc />
    protected override void WriteBody(Utf8JsonWriter json)
    {
        if (Report.Chunk is { } chunk) json.WriteString("loss", chunk);
        json.WriteString("signature", Report.SignatureText);
        json.WriteString("chain", ManifestChain.Text(Report.Chain));
        if (Report.Record is { } record)
        {
            json.WriteString("reason", record.Reason);
            json.WriteStartObject("duration");
            json.WriteString("from", Instants.Format(record.From));
            json.WriteString("to", Instants.Format(record.To));
            json.WriteNumber("seconds", Instants.Seconds(record.To - record.From));
            json.WriteEndObject();
            if (record.Frames is { } frames) json.WriteNumber("frames", frames);
            json.WriteNumber("bytes", record.Bytes);
        }
        if (Report.Problems.Count == 0) return;
        json.WriteStartArray("problems");
        foreach (var problem in Report.Problems) json.WriteStringValue(problem);
        json.WriteEndArray();
    }
}
