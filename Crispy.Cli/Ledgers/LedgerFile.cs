using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Crispy.Contracts;

namespace Crispy.Cli.Ledgers;

/// <summary>What a report of the ledger says (<see cref="LedgerReport"/>); nothing of it is believed yet.</summary>
/// <param name="Schema">Name and version of the format.</param>
/// <param name="Made">When it was made, UTC.</param>
/// <param name="From">The range's begin, UTC.</param>
/// <param name="To">The range's end, UTC.</param>
/// <param name="Streams">An account each.</param>
internal sealed record LedgerFile(string Schema, DateTimeOffset Made, DateTimeOffset From, DateTimeOffset To,
    IReadOnlyList<LedgerFileStream> Streams)
{
    /// <summary>Largest file that is read, in bytes.</summary>
    public const long MaxBytes = 512L << 20;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true, NumberHandling = JsonNumberHandling.Strict, MaxDepth = 16,
        AllowDuplicateProperties = false };

    /// <summary>Whether spools were asked, <c>known</c>, or <c>away</c>: what waits in them counts as missing then.</summary>
    public string Spool { get; init; } = "known";

    /// <summary>Reads the JSON.</summary>
    /// <exception cref="FormatException">It is none, or of another form.</exception>
    public static LedgerFile Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var file = JsonSerializer.Deserialize<LedgerFile>(json, Options) ?? throw new FormatException("the report is null");
            return file.Schema == LedgerReport.CurrentSchema
                ? file
                : throw new FormatException($"the schema '{file.Schema}' is not known here (only '{LedgerReport.CurrentSchema}')");
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"not a report: {malformed.Message}", malformed);
        }
    }
}

/// <summary>One stream of it.</summary>
/// <param name="Account">Its numbers.</param>
/// <param name="LossRecords">The record of every loss.</param>
internal sealed record LedgerFileStream(LedgerAccount Account, IReadOnlyList<LedgerStatement> LossRecords)
{
    /// <summary>The manifest of the first stored chunk; null where none is stored.</summary>
    public LedgerStatement? First { get; init; }

    /// <summary>The manifest of the last stored chunk; null where none is stored.</summary>
    public LedgerStatement? Last { get; init; }
}

/// <summary>The conservation law of one stream.</summary>
internal sealed record LedgerAccount(string Id, long Captured, long Stored, long Spooled, long Dead, long Lost, long Missing, long Balance,
    IReadOnlyList<LedgerLosses> Losses, IReadOnlyList<LedgerHoles> Holes);

/// <summary>Losses of one reason that follow each other.</summary>
internal sealed record LedgerLosses(string Reason, long Chunks);

/// <summary>Numbers that are nowhere.</summary>
internal sealed record LedgerHoles(long First, long Last);

/// <summary>A manifest or a loss record in its exact bytes.</summary>
/// <param name="Object">The object it was read from.</param>
internal sealed record LedgerStatement(string Object)
{
    /// <summary>The bytes, in base64url.</summary>
    public string? Payload { get; init; }

    /// <summary>The detached JWS over them.</summary>
    public string? Signature { get; init; }

    /// <summary>The bytes; null where there are none.</summary>
    [JsonIgnore]
    public byte[]? Bytes => Payload is { Length: <= 16384 } text && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}
