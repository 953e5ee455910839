using System.Collections.Concurrent;
using System.Text.Json.Nodes;
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

    /// <summary>For how long video is kept; null asks the sources for their rules.</summary>
    public RetentionPeriod? Kept { get; init; }

    /// <summary>Whether a recorder goes on while this is looked at.</summary>
    public bool IsRecording { get; init; }

    /// <summary>How long what is missing may be on its way, then. A chunk is between its number and its place in the spool for a moment,
    /// longer on a slow disk. It is never between spool and bucket.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Verifies whole streams: every item by itself, then all of them as chains. Where a recorder goes on meanwhile, what is not there
/// yet is looked for again before it is called missing.</summary>
internal sealed class Verification(VerificationOptions options, ManifestVerifier verifier, TimeProvider time)
{
    // Downloads overlap; hashing takes a core each.
    private const int AtOnce = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);

    private static readonly string[] MayBeOnItsWay = [FindingKind.Missing, FindingKind.OpenEnd, FindingKind.BrokenLink];

    private readonly ItemCheck _check = new(verifier, readsContent: !options.Quick);
    private readonly JsonArray _rules = [];
    private readonly ConcurrentDictionary<string, CheckedItem> _found = new(StringComparer.Ordinal);

    /// <summary>Runs it.</summary>
    /// <exception cref="SourceException">A source cannot be read.</exception>
    public async Task<VerifyReport> RunAsync(CancellationToken cancellation)
    {
        // Where chains end is asked first: what is recorded meanwhile is then more than must be there.
        List<KnownEnd> ends = [.. KnownEnds()];
        await LookAsync(_ => true, cancellation);
        await AskRulesAsync(cancellation);
        var report = Judge(ends);
        if (!options.IsRecording) return report;
        var (last, began) = (Last(ends), time.GetTimestamp());
        while (report.Streams.Any(stream => stream.Findings.Any(finding => MayBeOnItsWay.Contains(finding.Kind)))
            && time.GetElapsedTime(began) < options.Patience)
        {
            await Task.Delay(Pause, time, cancellation);
            // A stream that had no end yet has begun since.
            ends.AddRange(KnownEnds().Where(end => ends.All(known => known.Stream != end.Stream)).ToList());
            foreach (var (stream, sequence) in Last(ends).Where(each => !last.ContainsKey(each.Key))) last[stream] = sequence;
            // What came later than the first look proves nothing, and may come in any order.
            await LookAsync(item => Sequence(item) is not { } sequence || sequence.Number <= last.GetValueOrDefault(sequence.Stream, -1),
                cancellation);
            report = Judge(ends);
        }
        return report with { Recording = true };
    }

    private async Task AskRulesAsync(CancellationToken cancellation)
    {
        if (options.Kept is not null) return;
        foreach (var source in options.Sources)
            foreach (var rule in await source.RulesAsync(cancellation) ?? []) _rules.Add(rule?.DeepClone());
    }

    private IEnumerable<KnownEnd> KnownEnds() =>
        options.Sources.SelectMany(source => source.KnownEnds()).Where(end => IsWantedStream(end.Stream));

    private async Task LookAsync(Func<Item, bool> matters, CancellationToken cancellation)
    {
        // Spools first: what leaves one meanwhile is in the bucket by then.
        foreach (var source in options.Sources.OrderByDescending(source => source.IsSpool))
        {
            await Parallel.ForEachAsync(source.ItemsAsync(cancellation),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (item, token) =>
            {
                if (_found.ContainsKey(Key(item)) || !IsWanted(item) || !matters(item)) return;
                try
                {
                    _found[Key(item)] = await _check.CheckAsync(item, token) with { Waits = item.Waits };
                }
                catch (Exception gone) when (item.Name is null && gone is FileNotFoundException or DirectoryNotFoundException)
                {
                    // A worker has taken it out of the spool: the bucket, which is looked at later, has it.
                }
            });
        }
    }

    // Two objects may lie at one place under two names; what is loss and what is chunk has a place of its own.
    private static string Key(Item item) => $"{item.Place}\n{item.Name}";

    // The greatest number of each stream that must be there by now.
    private Dictionary<string, long> Last(IEnumerable<KnownEnd> ends) =>
        _found.Values.Select(item => item.Link).OfType<Link>().Select(link => (link.Stream, link.Sequence))
            .Concat(ends.Select(end => (end.Stream, end.Sequence)))
            .GroupBy(each => each.Stream, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.Max(each => each.Sequence), StringComparer.Ordinal);

    private VerifyReport Judge(List<KnownEnd> ends)
    {
        var rules = new ChainRules(options.Since, options.OpenEnds, ends,
            [.. options.Logged.Where(id => IsWantedStream(id.Stream) && IsWantedTime(id))], options.IsRecording)
        {
            Kept = stream => options.Kept ?? LifecycleRules.VideoOf(_rules, stream),
                KeptBy = options.Kept is null ? "the bucket's rule" : "--retention", Now = time.GetUtcNow(),
        };
        var byStream = _found.Values.ToLookup(item => item.Stream, StringComparer.Ordinal);
        var streams = byStream.Select(items => items.Key).Concat(ends.Select(end => end.Stream))
            .Concat(rules.Logged.Select(id => id.Stream))
            .Concat(options.Streams).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new([.. verifier.KeyIds.Order(StringComparer.Ordinal)],
            [.. streams.Select(stream => Judge(stream, [.. byStream[stream]], rules))]);
    }

    // Chunks that wait, and lie nowhere else.
    private static int OnTheirWay(List<CheckedItem> items)
    {
        var elsewhere = items.Where(item => !item.Waits).Select(item => item.Link?.Chunk).ToHashSet(StringComparer.Ordinal);
        return items.Count(item => item is { Waits: true, Link: { } link } && !elsewhere.Contains(link.Chunk));
    }

    private static VerifiedStream Judge(string stream, List<CheckedItem> items, ChainRules rules)
    {
        var owners = items.Where(item => item.Content is not null).Select(item => item.Content!.Value).DistinctBy(content => content.Sha256)
            .ToDictionary(content => content.Sha256, content => content.Object, StringComparer.Ordinal);
        var chain = new StreamChain(stream, items.Select(item => item.Link).OfType<Link>(), rules);
        var broken = chain.Check();
        var own = items.SelectMany(item => item.Findings.Select(finding => Explain(finding, item, owners)));
        return VerifiedStream.Of(stream, chain.Chains,
            [.. own.Concat(broken).OrderBy(finding => finding.FromSequence ?? long.MaxValue)
            .ThenBy(finding => finding.Place, StringComparer.Ordinal)])
            with { OnTheirWay = rules.IsRecording ? OnTheirWay(items) : null,
                Expired = chain.Expired is { Count: > 0 } expired ? expired : null };
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

    private static (string Stream, long Number)? Sequence(Item item) =>
        Stated(item) is { } stated ? (stated.Stream, stated.Sequence) : null;

    private static (string Stream, DateTimeOffset From, long Sequence)? Stated(Item item)
    {
        try
        {
            if (item.Statement is not { } bytes) return null;
            if (item.IsLoss) return LossJson.Read(bytes) is { } record ? (record.Stream, record.From, record.Sequence) : null;
            return ManifestJson.Read(bytes) is { } manifest ? (manifest.Stream, manifest.From, manifest.Sequence) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
