using System.Collections.Concurrent;
using Crispy.Cli.Reporting;
using Crispy.Cli.Sources;
using Crispy.Contracts;

namespace Crispy.Cli.Checking;

/// <summary>What is verified, and how.</summary>
internal sealed record VerificationOptions
{
    /// <summary>Where the chunks lie.</summary>
    public required IReadOnlyList<Source> Sources { get; init; }

    /// <summary>Only these streams; all where empty.</summary>
    public IReadOnlyList<string> Streams { get; init; } = [];

    /// <summary>What begins earlier is left out.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Believe the size and CRC32C that the bucket tells, and read no object.</summary>
    public bool Quick { get; init; }

    /// <summary>Whether a chain may end without a final chunk.</summary>
    public bool OpenEnds { get; init; }

    /// <summary>Chunks that must be there.</summary>
    public IReadOnlyList<ChunkId> Logged { get; init; } = [];
}

/// <summary>Verifies whole streams: every item by itself, then all of them as chains.</summary>
internal sealed class Verification(VerificationOptions options, ManifestVerifier verifier)
{
    // Downloads overlap; hashing takes a core each.
    private const int AtOnce = 8;

    /// <summary>Runs it.</summary>
    /// <exception cref="SourceException">A source cannot be read.</exception>
    public async Task<VerifyReport> RunAsync(CancellationToken cancellation)
    {
        var found = new ConcurrentBag<CheckedItem>();
        var check = new ItemCheck(verifier, readsContent: !options.Quick);
        foreach (var source in options.Sources)
        {
            await Parallel.ForEachAsync(source.ItemsAsync(cancellation), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (item, token) =>
            {
                if (!IsWanted(item)) return;
                found.Add(await check.CheckAsync(item, token));
            });
        }
        var ends = options.Sources.SelectMany(source => source.KnownEnds()).Where(end => IsWantedStream(end.Stream)).ToList();
        var rules = new ChainRules(options.Since, options.OpenEnds, ends, [.. options.Logged.Where(id => IsWantedStream(id.Stream) && IsWantedTime(id))]);
        var byStream = found.ToLookup(item => item.Stream, StringComparer.Ordinal);
        var streams = byStream.Select(items => items.Key).Concat(ends.Select(end => end.Stream)).Concat(rules.Logged.Select(id => id.Stream))
            .Concat(options.Streams).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new([.. verifier.KeyIds.Order(StringComparer.Ordinal)], [.. streams.Select(stream => Judge(stream, [.. byStream[stream]], rules))]);
    }

    private static Reporting.StreamReport Judge(string stream, List<CheckedItem> items, ChainRules rules)
    {
        var owners = items.Where(item => item.Content is not null).Select(item => item.Content!.Value).DistinctBy(content => content.Sha256).ToDictionary(content => content.Sha256, content => content.Object, StringComparer.Ordinal);
        var chain = new StreamChain(stream, items.Select(item => item.Link).OfType<Link>(), rules);
        var broken = chain.Check();
        var own = items.SelectMany(item => item.Findings.Select(finding => Explain(finding, item, owners)));
        return Reporting.StreamReport.Of(stream, chain.Chains, [.. own.Concat(broken).OrderBy(finding => finding.FromSequence ?? long.MaxValue).ThenBy(finding => finding.Place, StringComparer.Ordinal)]);
    }

    private static Finding Explain(Finding finding, CheckedItem item, Dictionary<string, string> owners) =>
        finding.Kind == FindingKind.Altered && item.ActualSha256 is { } actual && owners.TryGetValue(actual, out var owner)
            ? finding with { Message = $"{finding.Message}; they are those of {owner}" }
            : finding;

    private bool IsWanted(Item item)
    {
        if (item.Name is { } name) return IsWantedStream(name.Split('/')[0]) && IsWantedTime(NamedTime(name));
        return Stated(item) is not { } stated || (IsWantedStream(stated.Stream) && IsWantedTime(stated.From));
    }

    private bool IsWantedStream(string stream) => options.Streams.Count == 0 || options.Streams.Contains(stream, StringComparer.Ordinal);

    private bool IsWantedTime(DateTimeOffset? from) => options.Since is not { } since || from is null || from >= since;

    // An epoch may have begun long before its chunk: only one that began later is certainly wanted.
    private bool IsWantedTime(ChunkId id) => options.Since is not { } since || (Epoch.TryParse(id.Epoch, out var begin) && begin >= since);

    private static DateTimeOffset? NamedTime(string name) =>
        ObjectName.TryParse(name, out var chunk) ? chunk.FirstFrame : LossObjectName.TryParse(name, out var loss) ? loss.From : null;

    private static (string Stream, DateTimeOffset From)? Stated(Item item)
    {
        try
        {
            if (item.Statement is not { } bytes) return null;
            if (item.IsLoss) return LossJson.Read(bytes) is { } record ? (record.Stream, record.From) : null;
            return ManifestJson.Read(bytes) is { } manifest ? (manifest.Stream, manifest.From) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
