using Crispy.Backplane;
using Crispy.Contracts;
using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Api;

/// <summary>The dead chunks of the spool: the folders <c>dead/</c> are the truth about them, of streams that are no longer configured too. The letters in
/// the queue <c>crispy.dead</c> are for whoever wants to hear of a death as it happens: they expire by themselves, and a replay leaves them alone.</summary>
public sealed class DeadChunks(SpoolLayout spool, ChunkPublisher publisher, StreamSupervisor supervisor, TimeProvider clock, ILogger<DeadChunks> log) : IDisposable
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
        return new(all.Count, [.. shown.Select(Find).OfType<DeadChunk>()], page.Count > limit ? shown[^1].ToString() : null);
    }

    /// <summary>One dead chunk; null where there is none of that id.</summary>
    public DeadChunk? Find(ChunkId id)
    {
        var path = ChunkFiles.ManifestIn(spool.Dead(id.Stream), id);
        if (!File.Exists(path)) return null;
        var reason = DeadReason.Read(DeadReason.PathBeside(path)) ?? new(id.ToString(), DeadReason.Unknown, "there is no .reason.json beside it", default);
        var manifest = TryRead(path);
        var file = manifest is null ? null : new FileInfo(spool.DeadFiles(id, manifest.Container).Chunk);
        return new(id.ToString(), reason.Reason, reason.Error, reason.At == default ? null : reason.At, file is { Exists: true } ? file.Length : null, manifest?.Size,
            manifest?.From, manifest?.To, manifest?.Object, manifest is not null && Obstacle(id, manifest) is null);
    }

    /// <summary>Takes a dead chunk back into the spool and publishes it.</summary>
    /// <remarks>The steps, so that a crash between any two loses nothing: the manifest, with its signature, is copied into <c>ready/</c> under the name of a pending
    /// one, which the next start finishes; it leaves <c>dead/</c>; the video is moved; the reason leaves <c>dead/</c>; the pending manifest gets
    /// its name, last. After a crash before the video is moved a worker finds no video but the reason, and the chunk is dead again with it.</remarks>
    /// <returns>False where there is none of that id.</returns>
    /// <exception cref="NotReplayableException">It cannot be replayed as it is; says why.</exception>
    public async Task<bool> ReplayAsync(ChunkId id)
    {
        await _oneAtATime.WaitAsync();
        try
        {
            var path = ChunkFiles.ManifestIn(spool.Dead(id.Stream), id);
            if (!File.Exists(path)) return false;
            var manifest = Read(path);
            if (Obstacle(id, manifest) is { } obstacle) throw new NotReplayableException(obstacle);
            MoveBack(spool.DeadFiles(id, manifest.Container), spool.ReadyFiles(id, manifest.Container));
        }
        finally
        {
            _oneAtATime.Release();
        }
        var chunk = id.ToString();
        Log.ChunkReplayed(log, chunk);
        publisher.PublishAnew(ChunkFiles.ManifestIn(spool.Ready(id.Stream), id));
        return true;
    }

    /// <summary>Declares a dead chunk lost, with a signed record of the reason <c>discarded</c>, and deletes its files.</summary>
    /// <param name="id">The chunk.</param>
    /// <param name="note">Why, in words; or null.</param>
    /// <returns>The name of its loss record's object; null where there is no dead chunk of that id.</returns>
    /// <exception cref="NotReplayableException">It cannot be discarded as it is; says why.</exception>
    public async Task<string?> DiscardAsync(ChunkId id, string? note)
    {
        await _oneAtATime.WaitAsync();
        try
        {
            var path = ChunkFiles.ManifestIn(spool.Dead(id.Stream), id);
            if (!File.Exists(path)) return null;
            var manifest = Read(path);
            if (LinkIn(id, manifest) is { } link) throw new NotReplayableException($"{link.FullName} is a symbolic link");
            if (IsReady(id, manifest)) throw new NotReplayableException("a chunk of this id is ready in the spool");
            var runner = await RunnerAsync(id.Stream) ?? throw new NotReplayableException("its stream's journal is not read yet");
            if (!runner.Discard(id, note)) return null;
            Log.ChunkDiscarded(log, manifest.Chunk);
            return new LossObjectName(id.Stream, manifest.From, id.Sequence).ToString();
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

    private static void MoveBack(ChunkFiles dead, ChunkFiles ready)
    {
        var (deadFolder, readyFolder) = (Path.GetDirectoryName(dead.Manifest)!, Directory.CreateDirectory(Path.GetDirectoryName(ready.Manifest)!).FullName);
        var pending = ready.Manifest + ChunkSpooler.Pending;
        DurableFile.Write(pending, File.ReadAllBytes(dead.Manifest));
        DurableFile.SyncFolder(readyFolder);
        File.Delete(dead.Manifest);
        File.Move(dead.Chunk, ready.Chunk, overwrite: true);
        DurableFile.SyncFolder(readyFolder);
        File.Delete(DeadReason.PathBeside(dead.Manifest));
        DurableFile.SyncFolder(deadFolder);
        File.Move(pending, ready.Manifest);
        DurableFile.SyncFolder(readyFolder);
    }

    private string? Obstacle(ChunkId id, ChunkManifest manifest)
    {
        var dead = spool.DeadFiles(id, manifest.Container);
        if (LinkIn(id, manifest) is { } link) return $"{link.FullName} is a symbolic link";
        if (!File.Exists(dead.Chunk)) return "its file is missing";
        return IsReady(id, manifest) ? "a chunk of this id is ready in the spool" : null;
    }

    private FileSystemInfo? LinkIn(ChunkId id, ChunkManifest manifest)
    {
        FileSystemInfo[] parts = [new FileInfo(spool.DeadFiles(id, manifest.Container).Chunk), new DirectoryInfo(spool.Dead(id.Stream)), new DirectoryInfo(spool.Ready(id.Stream)), new DirectoryInfo(spool.Stream(id.Stream))];
        return parts.FirstOrDefault(part => part.LinkTarget is not null);
    }

    private bool IsReady(ChunkId id, ChunkManifest manifest)
    {
        var ready = spool.ReadyFiles(id, manifest.Container);
        return File.Exists(ready.Manifest) || File.Exists(ready.Chunk);
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

    private static ChunkManifest? TryRead(string path)
    {
        try
        {
            return Read(path);
        }
        catch (NotReplayableException)
        {
            return null;
        }
    }

    private static ChunkManifest Read(string path)
    {
        try
        {
            return ManifestJson.Read(SignedManifest.Read(path).ManifestBytes);
        }
        catch (Exception unreadable) when (unreadable is FormatException or IOException)
        {
            throw new NotReplayableException($"its manifest cannot be read: {unreadable.Message}");
        }
    }
}

/// <summary>A dead chunk can be neither replayed nor discarded as it is.</summary>
public sealed class NotReplayableException(string message) : Exception(message);
