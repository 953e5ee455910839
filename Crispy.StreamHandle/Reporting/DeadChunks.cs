using Crispy.Contracts;
using Crispy.Spool;
using Crispy.StreamHandle.Supervising;

namespace Crispy.StreamHandle.Reporting;

/// <summary>The dead chunks of the spool: the folders <c>dead/</c> are the truth about them, of streams that are no longer configured too.
/// The letters in the queue <c>crispy.dead</c> are for those who want to hear of a death at once. They expire by themselves,
/// and a replay leaves them alone.</summary>
public sealed class DeadChunks(SpoolLayout spool, StreamSupervisor supervisor, TimeProvider clock, ILogger<DeadChunks> log) : IDisposable
{
    /// <summary>How long the spool of a stream that nobody records may take to be brought in order.</summary>
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>Ids of all of them, by stream and then by sequence number.</summary>
    public IEnumerable<ChunkId> Ids() => spool.Streams().Order(StringComparer.Ordinal).SelectMany(Ids);

    /// <summary>A page, by stream and then by sequence number.</summary>
    /// <param name="stream">Only this stream's; null for all.</param>
    /// <param name="after">The last chunk of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    public DeadPage Page(string? stream, ChunkId? after, int limit)
    {
        var all = spool.Streams().Where(id => stream is null || id == stream).Order(StringComparer.Ordinal).SelectMany(Ids).ToList();
        var rest = after is { } last ? all.Where(id => IsAfter(id, last)) : all;
        var page = rest.Take(limit + 1).ToList();
        var shown = page.Take(limit).ToList();
        return new(all.Count, [.. shown.Select(Find).OfType<DeadChunk>()], page.Count > limit ? shown[^1].ToString() : null)
        {
            Quarantined = [.. Foreign().Where(file => stream is null || file.Stream == stream)],
        };
    }

    /// <summary>One dead chunk; null where there is none of that id.</summary>
    public DeadChunk? Find(ChunkId id)
    {
        var path = ChunkFiles.ManifestIn(spool.Dead(id.Stream), id);
        if (!File.Exists(path)) return null;
        var reason = DeadReason.Read(DeadReason.PathBeside(path))
            ?? new(id.ToString(), DeadReason.Unknown, "there is no .reason.json beside it", default);
        var manifest = TryRead(path);
        var file = manifest is null ? null : new FileInfo(spool.DeadFiles(id, manifest.Container).Chunk);
        return new(id.ToString(), reason.Reason, reason.Error, reason.At == default ? null : reason.At,
            file is { Exists: true } ? file.Length : null, manifest?.Size,
            manifest?.From, manifest?.To, manifest?.Object,
            manifest is not null && StreamSpool.ReplayObstacle(spool, id, manifest) is null);
    }

    /// <summary>Takes a dead chunk back into the spool and publishes it.</summary>
    /// <returns>False where there is none of that id.</returns>
    /// <exception cref="SpoolRefusedException">It cannot be replayed as it is; says why.</exception>
    public async Task<bool> ReplayAsync(ChunkId id)
    {
        if (!await ActAsync(id, runner => runner.Replay(id))) return false;
        var chunk = id.ToString();
        Log.ChunkReplayed(log, chunk);
        return true;
    }

    /// <summary>Declares a dead chunk lost, with a signed record of the reason <c>discarded</c>, and deletes its files.</summary>
    /// <param name="id">The chunk.</param>
    /// <param name="note">Why, in words; or null.</param>
    /// <returns>The name of its loss record's object; null where there is no dead chunk of that id.</returns>
    /// <exception cref="SpoolRefusedException">It cannot be discarded as it is; says why.</exception>
    public async Task<string?> DiscardAsync(ChunkId id, string? note)
    {
        LossObjectName? record = null;
        var done = await ActAsync(id, runner =>
        {
            if (TryRead(ChunkFiles.ManifestIn(spool.Dead(id.Stream), id)) is { } manifest)
                record = new(id.Stream, manifest.From, id.Sequence);
            return runner.Discard(id, note);
        });
        if (!done) return null;
        var chunk = id.ToString();
        Log.ChunkDiscarded(log, chunk);
        return record?.ToString();
    }

    /// <summary>Files in streams' folders that are not their streams' own, by stream.</summary>
    public IReadOnlyList<QuarantinedFile> Foreign() =>
        [.. supervisor.Streams.SelectMany(stream => stream.Foreign).OrderBy(file => file.Stream, StringComparer.Ordinal)];

    private async Task<bool> ActAsync(ChunkId id, Func<StreamRunner, bool> act)
    {
        await _oneAtATime.WaitAsync();
        try
        {
            if (!File.Exists(ChunkFiles.ManifestIn(spool.Dead(id.Stream), id))) return false;
            return act(await RunnerAsync(id.Stream) ?? throw new SpoolRefusedException("its stream's journal is not read yet"));
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _oneAtATime.Dispose();

    // A stream that nobody records has a runner for as long as something is left of it.
    private async Task<StreamRunner?> RunnerAsync(string stream)
    {
        if (supervisor.Find(stream) is null) await supervisor.ApplyAsync(stream);
        var began = clock.GetTimestamp();
        while (clock.GetElapsedTime(began) < RecoveryLimit)
        {
            if (supervisor.Find(stream) is { Law: not null } runner) return runner;
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, CancellationToken.None);
        }
        return null;
    }

    private IEnumerable<ChunkId> Ids(string stream)
    {
        foreach (var path in spool.DeadManifests(stream))
            if (ChunkFiles.TryParseManifestName(path, out var epoch, out var sequence)) yield return new(stream, epoch, sequence);
    }

    private static bool IsAfter(ChunkId id, ChunkId last) => string.CompareOrdinal(id.Stream, last.Stream) switch
    {
        0 => (id.Sequence, id.Epoch).CompareTo((last.Sequence, last.Epoch)) > 0,
        var order => order > 0,
    };

    private static ChunkManifest? TryRead(string path) => SpooledChunk.ManifestOrNull(path);
}
