using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crispy.Cli.Checking;

/// <summary>A chunk that was declared lost, under a good signature.</summary>
internal sealed record DeclaredLoss(string Chunk, string Reason, DateTimeOffset From, DateTimeOffset To);

/// <summary>Time between two epochs in which nothing was recorded: the source was away, or the recorder did not run.</summary>
internal sealed record Pause(DateTimeOffset From, DateTimeOffset To);

/// <summary>What a stream came to.</summary>
/// <param name="Stream">Its id.</param>
/// <param name="Chunks">Chunks whose place in a chain is believed.</param>
/// <param name="Chains">How many chains there are: one for each spool that ever recorded the stream.</param>
/// <param name="From">UTC time at which its oldest chunk begins; null without chunks.</param>
/// <param name="To">UTC time at which its newest chunk ends; null without chunks.</param>
/// <param name="Losses">Chunks declared lost.</param>
/// <param name="Pauses">Times in which nothing was recorded.</param>
/// <param name="Findings">What is wrong.</param>
internal sealed record VerifiedStream(
    string Stream, int Chunks, int Chains, DateTimeOffset? From, DateTimeOffset? To, IReadOnlyList<DeclaredLoss> Losses,
    IReadOnlyList<Pause> Pauses, IReadOnlyList<Finding> Findings)
{
    /// <summary>Of a recorder that goes on: chunks that wait for their upload, verified where they wait. Null elsewhere.</summary>
    public int? OnTheirWay { get; init; }

    /// <summary>Links that were deleted for their age; null where none was.</summary>
    public IReadOnlyList<ExpiredLinks>? Expired { get; init; }

    /// <summary>Sums chains up.</summary>
    public static VerifiedStream Of(string stream, IReadOnlyList<IReadOnlyList<Link>> chains, IReadOnlyList<Finding> findings)
    {
        var links = chains.SelectMany(chain => chain).ToList();
        var losses = links.Where(link => link.LossReason is not null)
            .Select(link => new DeclaredLoss(link.Chunk, link.LossReason!, link.From, link.To));
        return new(stream, links.Count(link => link.LossReason is null), chains.Count,
            links.Count == 0 ? null : links.Min(link => link.From), links.Count == 0 ? null : links.Max(link => link.To),
            [.. losses], [.. chains.SelectMany(PausesOf)], findings);
    }

    private static IEnumerable<Pause> PausesOf(IReadOnlyList<Link> chain) =>
        chain.Zip(chain.Skip(1))
        .Where(pair => pair.First.Epoch != pair.Second.Epoch && pair.First.Sequence + 1 == pair.Second.Sequence
            && pair.Second.From > pair.First.To)
            .Select(pair => new Pause(pair.First.To, pair.Second.From));
}

/// <summary>What a verification came to.</summary>
/// <param name="Keys">Names (RFC 7638) of the keys that were believed.</param>
/// <param name="Streams">The streams.</param>
internal sealed record VerifyReport(IReadOnlyList<string> Keys, IReadOnlyList<VerifiedStream> Streams)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>True where a recorder went on meanwhile; else null.</summary>
    public bool? Recording { get; init; }

    /// <summary>Of an export: what was compared with what, for people. Null elsewhere.</summary>
    public IReadOnlyList<string>? Remarks { get; init; }

    /// <summary>Whether nothing is wrong, nothing lost, and something was there at all.</summary>
    public bool Ok => ExitCode == Cli.ExitCode.Well;

    /// <summary>The process's exit code.</summary>
    [JsonIgnore]
    public int ExitCode => Streams.Any(stream => stream.Findings.Count > 0)
    || Streams.Sum(stream => stream.Chunks + stream.Losses.Count) == 0 ? Cli.ExitCode.Findings
        : Streams.Any(stream => stream.Losses.Count > 0) ? Cli.ExitCode.DeclaredLosses
        : Cli.ExitCode.Well;

    /// <summary>As one JSON document.</summary>
    public string ToJson() => ToJson(this);

    /// <summary>Any report of a verification as one JSON document.</summary>
    public static string ToJson<T>(T report) => JsonSerializer.Serialize(report, Json);
}
