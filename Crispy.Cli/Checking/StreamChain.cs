using System.Globalization;
using Crispy.Cli.Sources;
using Crispy.Contracts;

namespace Crispy.Cli.Checking;

/// <summary>
/// Puts the links of one stream together. Numbers and hashes run through all epochs and restarts. Only a recorder whose spool was new
/// begins again at 0 with no predecessor. That is another chain, not a break. Recorders that share a stream by leases have a chain each;
/// the first link of one that takes over names the last of the other.
/// </summary>
/// <param name="stream">The stream.</param>
/// <param name="links">Its links, signed or not, in any order.</param>
/// <param name="rules">What is asked of it.</param>
internal sealed class StreamChain(string stream, IEnumerable<Link> links, ChainRules rules)
{
    private readonly List<Finding> _findings = [];
    private readonly List<Link> _all = Distinct(links);
    private readonly List<List<Link>> _chains = [];
    private readonly List<ExpiredLinks> _expired = [];
    private readonly Expiry _expiry = new(rules.Kept(stream), rules.Now);

    /// <summary>Links that are not here since they are older than they are kept.</summary>
    public IReadOnlyList<ExpiredLinks> Expired => _expired;

    /// <summary>The chains, each in order; what is missing in one is passed over.</summary>
    public IReadOnlyList<IReadOnlyList<Link>> Chains => _chains;

    /// <summary>Puts them together.</summary>
    public IReadOnlyList<Finding> Check()
    {
        var believed = Believed();
        var runs = Runs(believed);
        foreach (var run in runs.Where(run => run[0] is { Previous: null, Sequence: 0 }).OrderBy(run => run[0].From)) _chains.Add(run);
        foreach (var run in runs.Where(run => run[0] is not { Previous: null, Sequence: 0 }).OrderBy(run => run[0].Sequence)) Stitch(run);
        foreach (var chain in _chains) CheckEnd(chain);
        foreach (var end in rules.KnownEnds.Where(end => end.Stream == stream)) CheckKnownEnd(end);
        if (rules.Since is null) foreach (var link in believed.Where(link => link.After is not null)) CheckNamed(link);
        CheckLogged();
        return _findings;
    }

    // The same link can lie in several places: in the bucket and still in the spool. It can also lie there as a chunk and as the
    // declaration that the chunk is lost.
    private static List<Link> Distinct(IEnumerable<Link> links) =>
        [.. links.GroupBy(link => link.Hash, StringComparer.Ordinal)
            .Select(same => same.OrderByDescending(link => link.IsSigned).ThenBy(link => link.LossReason is not null).First())];

    // A signed link vouches for the one before it, no matter what became of that one's own signature.
    private List<Link> Believed()
    {
        var suspects = _all.Where(link => link is { IsSigned: false, IsOwnHash: true })
            .ToDictionary(link => link.Hash, StringComparer.Ordinal);
        var believed = new List<Link>();
        var open = new Stack<Link>(_all.Where(link => link.IsSigned));
        while (open.TryPop(out var link))
        {
            believed.Add(link);
            if (link.Previous is not null && suspects.Remove(link.Previous, out var before)) open.Push(before);
        }
        return believed;
    }

    /// <summary>The longest runs in which each link holds the hash of the one before.</summary>
    private List<List<Link>> Runs(List<Link> believed)
    {
        var byHash = believed.ToDictionary(link => link.Hash, StringComparer.Ordinal);
        var next = new Dictionary<string, Link>(StringComparer.Ordinal);
        var heads = new List<Link>();
        foreach (var link in believed.OrderBy(link => link.Sequence).ThenBy(link => link.From))
        {
            if (link.Previous is null || !byHash.TryGetValue(link.Previous, out var before)) heads.Add(link);
            else if (before.Sequence + 1 != link.Sequence)
                AddHead(heads, link, FindingKind.BrokenLink, $"{link.Place}: chunk {link.Sequence} says to follow chunk {before.Sequence}");
            else if (!next.TryAdd(before.Hash, link))
                AddHead(heads, link, FindingKind.Fork,
                    $"{link.Place}: a second chunk {link.Sequence}, beside {next[before.Hash].Place}; both are signed");
        }
        return [.. heads.Select(head => Follow(head, next))];
    }

    private void AddHead(List<Link> heads, Link link, string kind, string message)
    {
        heads.Add(link);
        _findings.Add(At(kind, link, message));
    }

    private static List<Link> Follow(Link head, Dictionary<string, Link> next)
    {
        var run = new List<Link> { head };
        while (next.TryGetValue(run[^1].Hash, out var link)) run.Add(link);
        return run;
    }

    /// <summary>Puts a run whose predecessor is not here behind the chain that it most likely continues. Of those that end before its
    /// number, that is the one that ends nearest in time.</summary>
    private void Stitch(List<Link> run)
    {
        var head = run[0];
        if (_findings.Any(finding => finding.Kind == FindingKind.Fork && finding.Place == head.Place))
        {
            _chains.Add(run);
            return;
        }
        var chain = _chains.Where(chain => chain[^1].Sequence < head.Sequence)
            .OrderBy(chain => Spool(chain) != Spool(run)).ThenBy(chain => (head.From - chain[^1].To).Duration()).FirstOrDefault();
        if (chain is null)
        {
            if (rules.Since is null && !IsExpired([], 0, head)) Missing(0, head.Sequence - 1, $"before {head.Place}", head.From);
            _chains.Add(run);
            return;
        }
        var last = chain[^1];
        if (last.Sequence + 1 < head.Sequence && IsExpired(chain, last.Sequence + 1, head))
        {
            // Deleted from the oldest on, around what is held.
        }
        else if (last.Sequence + 1 < head.Sequence) Missing(last.Sequence + 1, head.Sequence - 1, $"between {last.Place} and {head.Place}",
            last.To, head.From);
        else _findings.Add(
            At(FindingKind.BrokenLink, head,
                $"{head.Place}: chunk {head.Sequence} does not follow {last.Place}: one of the two manifests was replaced"));
        chain.AddRange(run);
    }

    private bool IsExpired(List<Link> before, long first, Link head)
    {
        if (first >= head.Sequence || !_expiry.Explains(before, head)) return false;
        _expired.Add(new(first, head.Sequence - 1, _expiry.Days, rules.KeptBy, head.From));
        return true;
    }

    private static string? Spool(List<Link> run) => run.FirstOrDefault(link => link.Spool is not null)?.Spool;

    // What another recorder took over from, and nothing but declared losses after it: the chain ends there because its recorder died.
    private bool IsTakenOver(List<Link> chain)
    {
        var end = chain.FindLastIndex(link => link.LossReason is null);
        return chain.Skip(Math.Max(0, end))
            .Any(link => _chains.Any(other => other != chain && other.Any(next => next.IsSigned && next.After?.Sha256 == link.Hash)));
    }

    private void CheckNamed(Link link)
    {
        var named = link.After!;
        if (_all.Any(each => each.Hash == named.Sha256) || !ChunkId.TryParse(named.Chunk, out var id)) return;
        if (_findings.Any(finding => finding.Kind == FindingKind.Missing && finding.FromSequence <= id.Sequence
            && id.Sequence <= finding.ToSequence))
            return;
        if (IsExpired(id)) return;
        _findings.Add(
            new(FindingKind.Missing, stream, $"chunk {id} is missing: {link.Place} says to record on from it") { Chunk = named.Chunk,
                FromSequence = id.Sequence, ToSequence = id.Sequence });
    }

    private void CheckEnd(List<Link> chain)
    {
        var last = chain[^1];
        if (last.IsFinal || rules.OpenEnds || IsTakenOver(chain) || IsBeingRecorded(chain) || _expiry.Explains(chain, null)) return;
        if (rules.KnownEnds.Any(end => end.Stream == stream && end.Sequence == last.Sequence && (end.Hash ?? last.Hash) == last.Hash))
            return;
        _findings.Add(At(FindingKind.OpenEnd, last,
            $"{last.Place}: the chain ends here without a final chunk, at {Instants.Format(last.To)}: it is recorded still, the recorder "
                + $"died, or the tail is cut off (--log or the spool tells which)"));
    }

    // The end that the journal knew when it was asked is here; what follows was recorded since.
    private bool IsBeingRecorded(List<Link> chain) => rules.IsRecording && rules.KnownEnds.Any(end => end.Stream == stream
        && chain.Any(link => link.Sequence == end.Sequence && (end.Hash ?? link.Hash) == link.Hash));

    private void CheckKnownEnd(KnownEnd end)
    {
        if (end.Hash is not null && _all.Any(link => link.Hash == end.Hash)) return;
        var last = _chains.Select(chain => chain[^1]).MaxBy(link => link.To);
        if (last is not null && last.Sequence < end.Sequence)
            Missing(last.Sequence + 1, end.Sequence, $"after {last.Place}: {end.Witness} knows of them", last.To);
        else if (last is null) Missing(0, end.Sequence, $"{end.Witness} knows of them", null);
        else _findings.Add(At(FindingKind.BrokenLink, last, $"{last.Place}: {end.Witness} knows another chunk {end.Sequence}"));
    }

    private void CheckLogged()
    {
        var here = _all.Select(link => link.Chunk).ToHashSet(StringComparer.Ordinal);
        foreach (var id in rules.Logged.Where(id => id.Stream == stream && !here.Contains(id.ToString())).OrderBy(id => id.Sequence))
        {
            if (_findings.Any(finding => finding.Kind == FindingKind.Missing && finding.FromSequence <= id.Sequence
                && id.Sequence <= finding.ToSequence))
                continue;
            if (IsExpired(id)) continue;
            _findings.Add(
                new(FindingKind.Missing, stream, $"chunk {id} was logged as stored and verified, and is not here") { Chunk = id.ToString(),
                    FromSequence = id.Sequence, ToSequence = id.Sequence });
        }
    }

    private bool IsExpired(ChunkId id) => _expired.Exists(links => links.FromSequence <= id.Sequence && id.Sequence <= links.ToSequence)
        && Epoch.TryParse(id.Epoch, out var begin) && _expiry.IsDue(begin);

    private void Missing(long from, long to, string where, DateTimeOffset? begin, DateTimeOffset? end = null)
    {
        var numbers = from == to ? $"chunk {from} is" : string.Create(CultureInfo.InvariantCulture, $"chunks {from} to {to} are");
        var time = (begin, end) switch
        {
            ({ } first, { } last) => $" ({Instants.Format(first)} to {Instants.Format(last)})",
            _ => "",
        };
        _findings.Add(
            new(FindingKind.Missing, stream, $"{stream}: {numbers} missing {where}{time}") { FromSequence = from, ToSequence = to });
    }

    private Finding At(string kind, Link link, string message) =>
        new(kind, stream, message) { Place = link.Place, Chunk = link.Chunk, FromSequence = link.Sequence, ToSequence = link.Sequence };
}

/// <summary>What is asked of chains.</summary>
/// <param name="Since">What begins earlier is left out: chains may then begin anywhere. Null takes everything.</param>
/// <param name="OpenEnds">Whether a chain may end without a final chunk.</param>
/// <param name="KnownEnds">Where chains must end at least.</param>
/// <param name="Logged">Chunks that must be there.</param>
/// <param name="IsRecording">Whether a recorder goes on while this is looked at.</param>
internal sealed record ChainRules(DateTimeOffset? Since, bool OpenEnds, IReadOnlyList<KnownEnd> KnownEnds, IReadOnlyList<ChunkId> Logged,
    bool IsRecording = false)
{
    /// <summary>How long the video of a stream is kept.</summary>
    public Func<string, RetentionPeriod> Kept { get; init; } = _ => RetentionPeriod.Forever;

    /// <summary>Who says so.</summary>
    public string KeptBy { get; init; } = "";

    /// <summary>Now, UTC.</summary>
    public DateTimeOffset Now { get; init; }
}
