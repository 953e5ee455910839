using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Crispy.Cli.Terminal;
using Crispy.Contracts;
using Crispy.Exporting;
using Spectre.Console;

namespace Crispy.Cli.Exporting;

/// <summary>What an export came to.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Asked">The range that was asked for.</param>
/// <param name="Holes">What of it the file does not hold.</param>
/// <param name="File">The file; null where none was written.</param>
internal sealed record ExportReport(string Stream, ExportRange Asked, IReadOnlyList<ExportHole> Holes, JoinedFile? File)
{
    private static readonly JsonSerializerOptions Options = Make();

    /// <summary>Whether nothing of the range is missing.</summary>
    public bool Whole => Holes.Count == 0;

    /// <summary>Prints it: holes on standard error, the sum on standard output; or all of it as JSON.</summary>
    public void Write(bool json, TimeZoneInfo zone)
    {
        foreach (var hole in Holes) Screen.Remark(Screen.Printable($"crispy: {Describe(hole, zone)}"), new Style(Color.Yellow));
        if (json) Screen.Json(JsonSerializer.SerializeToNode(this, Options)!);
        else if (File is { } file) Screen.Line(file.Describe(zone));
    }

    private static string Describe(ExportHole hole, TimeZoneInfo zone)
    {
        var chunks = hole.Chunks == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", {hole.Chunks} {(hole.Chunks == 1 ? "chunk" : "chunks")}");
        var what = hole.Kind switch
        {
            "gap" when hole.Reason == "missing" => "missing, and never declared lost",
            "gap" when hole.Reason == "pending" => "not recorded, or on its way",
            "gap" => "not recorded",
            "spooled" => "not stored yet",
            "dead" => "dead: crispy dead",
            "bad" => $"left out, not what was signed: {hole.Reason}",
            _ => $"{hole.Kind}: {hole.Reason}",
        };
        return $"{Words.Time(hole.From, zone)} to {Words.Time(hole.To, zone)} "
            + $"({Words.Seconds((hole.To - hole.From).TotalSeconds)}{chunks}): {what}";
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.Never };
        options.Converters.Add(new InstantConverter());
        return options;
    }

    private sealed class InstantConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Instants.Format(value));
    }
}

/// <summary>The file that was written.</summary>
/// <param name="Path">Full path.</param>
/// <param name="From">UTC time of its first frame, which is a keyframe.</param>
/// <param name="To">UTC time at which its last frame ends.</param>
/// <param name="Chunks">How many chunks it holds, each whole.</param>
/// <param name="Frames">Its video frames: those of the manifests, counted again.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sound">Whether sound was taken along.</param>
/// <param name="SecondsOffClock">How far a chunk's place in the file is from its clock at most; a frame's time is <paramref name="From"/>
/// plus its timestamp, give or take that.</param>
/// <param name="Keys">Names (RFC 7638) of the public keys that the signatures were checked with.</param>
internal sealed record JoinedFile(string Path, DateTimeOffset From, DateTimeOffset To, int Chunks, long Frames, long Bytes, bool Sound,
    decimal SecondsOffClock, IReadOnlyCollection<string> Keys)
{
    /// <summary>In a line.</summary>
    public string Describe(TimeZoneInfo zone) => string.Create(CultureInfo.InvariantCulture,
        $"{Path}: {Chunks} {(Chunks == 1 ? "chunk" : "chunks")}, {Frames} frames, {Words.Bytes(Bytes)}, {Words.Time(From, zone)} to "
            + $"{Words.Time(To, zone)}, every signature and hash good");
}
