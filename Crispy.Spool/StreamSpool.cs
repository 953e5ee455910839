using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>What a stream's part of the spool was found to hold at start.</summary>
/// <param name="Losses">Declarations that were begun before, and are ready now.</param>
/// <param name="TakenBack">Chunks that never got their manifest, and are segments again.</param>
public sealed record RecoveredSpool(IReadOnlyList<SpooledLoss> Losses, IReadOnlyList<string> TakenBack);

/// <summary>
/// One stream's part of the spool, as stream-handle owns it. Each method is one transition, and checks what it needs by itself; nothing
/// else moves or deletes these files, but <see cref="UploadSpool"/> in the workers. What a crash within each leaves, and what recovery
/// makes of it, is the table in this project's README. Safe for concurrent use: one transition at a time.
/// </summary>
public sealed class StreamSpool
{
    private readonly string _stream;
    private readonly SpoolLayout _layout;
    private readonly Lock _oneAtATime = new();
    private readonly StreamLedger _ledger;
    private readonly Ownership _ownership;
    private readonly Quarantine _quarantine;
    private readonly LossDeclaration _losses;
    private readonly Storing _storing;
    private readonly Recovery _recovery;
    private volatile bool _isOpen;

    /// <summary>A stream's part of a spool; nothing of it was read yet.</summary>
    /// <param name="stream">The stream's id.</param>
    /// <param name="container">The container of its chunks (<see cref="ChunkContainer"/>).</param>
    /// <param name="layout">Where things lie.</param>
    /// <param name="signer">Signs loss records.</param>
    /// <param name="verifier">Knows the keys whose manifests are the stream's own.</param>
    /// <param name="time">The clock.</param>
    public StreamSpool(string stream, string container, SpoolLayout layout, ManifestSigner signer,
        ManifestVerifier verifier, TimeProvider time)
    {
        (_stream, _layout) = (stream, layout);
        _ledger = new(stream, layout);
        _ownership = new(stream, verifier);
        _quarantine = new(stream, layout, _ownership) { Found = file => Quarantined(file) };
        _losses = new(stream, container, layout, signer, _ledger, time);
        _storing = new(stream, layout, _ledger, _losses, CountInto);
        _recovery = new(stream, layout, _ledger, _ownership, _quarantine);
    }

    /// <summary>Gets the paths of manifests of stored chunks before they are counted and deleted.</summary>
    public Action<IReadOnlyList<string>> Stored { get; init; } = _ => { };

    /// <summary>Gets each file that turns out not to be the stream's own, once.</summary>
    public Action<QuarantinedFile> Quarantined { get; init; } = _ => { };

    /// <summary>What the stream remembers now.</summary>
    public StreamJournal Journal => _ledger.Journal;

    /// <summary>The segments in <c>open/</c>.</summary>
    public OpenSegments Open => new(_stream, _layout);

    /// <summary>Where the manifest of a chunk lies while it is ready.</summary>
    public string ReadyManifest(ChunkManifest manifest) =>
        ChunkFiles.ManifestIn(_layout.Ready(_stream), new(manifest.Stream, manifest.Epoch, manifest.Sequence));

    /// <summary>Where the stream's chunks are; null before <see cref="Recover"/>, and after <see cref="Retire"/>.</summary>
    public Conservation? Law => _isOpen ? SpoolCount.Read(_layout, _stream, _quarantine, () => _ledger.Journal) : null;

    /// <summary>Files that are not the stream's own, as they lie in quarantine now.</summary>
    public IReadOnlyList<QuarantinedFile> Foreign => _quarantine.List(_ledger.Journal.NextSequence);

    /// <summary>Whether nothing of the stream is left but its journal.</summary>
    public bool IsEmpty => Law is { Spooled: 0, Dead: 0, Balance: 0 } && !_layout.ReadyLosses(_stream).Any() && !_layout.HasOpen(_stream);

    /// <summary>Takes the stream's folder for this process alone, until it is disposed.</summary>
    /// <exception cref="InvalidOperationException">Another process has it.</exception>
    public FileStream Lock()
    {
        var folder = Directory.CreateDirectory(_layout.Stream(_stream)).FullName;
        try
        {
            return new(Path.Combine(folder, "stream.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken) when (taken.HResult == Errno.WouldBlock)
        {
            throw new InvalidOperationException($"another process records stream '{_stream}' into {folder}");
        }
    }

    /// <summary>Brings the folder in order, no matter what happened before; from then on the other transitions can be made.</summary>
    /// <exception cref="IOException">The disk refuses: another try goes on.</exception>
    /// <exception cref="InvalidDataException">The journal is none.</exception>
    public RecoveredSpool Recover()
    {
        lock (_oneAtATime)
        {
            // What was being declared lost comes first: to the rest of the recovery it would look like a chunk without a manifest.
            _ledger.Load(StreamJournal.Read(_layout.Journal(_stream)));
            var losses = _losses.Finish();
            var takenBack = _recovery.Recover();
            _isOpen = true;
            return new(losses, takenBack);
        }
    }

    /// <summary>Leaves the stream to another owner: from now on this one touches nothing.</summary>
    public void Retire()
    {
        lock (_oneAtATime) _isOpen = false;
    }

    /// <summary>Changes what the stream remembers of its source and its run.</summary>
    /// <exception cref="IOException">The disk is full: nothing is changed.</exception>
    public void Remember(Func<StreamJournal, StreamJournal> change)
    {
        lock (_oneAtATime)
        {
            var changed = change(_ledger.Journal);
            if (changed != _ledger.Journal) _ledger.Write(changed);
        }
    }

    /// <summary>Stores segments as ready chunks, and those that cannot be kept as losses.</summary>
    /// <returns>Records of losses that are ready.</returns>
    /// <exception cref="IOException">The disk refuses: called again with the same batch it goes on.</exception>
    /// <exception cref="InvalidOperationException">The numbers of the batch were given meanwhile.</exception>
    public IReadOnlyList<SpooledLoss> Store(SegmentBatch batch)
    {
        lock (_oneAtATime) return _storing.Store(batch);
    }

    /// <summary>Declares times lost that have no segment.</summary>
    /// <param name="declare">Gives the records, each with the next number, and the journal after them.</param>
    /// <returns>Records that are ready.</returns>
    /// <exception cref="IOException">The disk does not take the records: nothing is declared yet.</exception>
    public IReadOnlyList<SpooledLoss> DeclareLost(
        Func<StreamJournal, (IReadOnlyList<(LossRecord Record, byte[] Bytes)> Records, StreamJournal After)> declare)
    {
        lock (_oneAtATime)
        {
            var (records, after) = declare(_ledger.Journal);
            if (records.Count == 0) return [];
            Directory.CreateDirectory(_layout.Lost(_stream));
            foreach (var (record, bytes) in records) _losses.Write(record, bytes);
            DurableFile.SyncFolder(_layout.Lost(_stream));
            _ledger.Write(
                after.WithLost(records.Select(each => each.Record.Sequence),
                    records.Select(each => new Gap(each.Record.From, each.Record.To, each.Record.Reason))));
            return _losses.MakeReady();
        }
    }

    /// <summary>Counts the chunks that workers stored since the last time, then forgets their manifests.</summary>
    /// <exception cref="IOException">The disk refuses: they are counted the next time.</exception>
    public void CountStored()
    {
        lock (_oneAtATime)
            if (_isOpen && _layout.StoredManifests(_stream).Any()) CountInto(_ledger.Journal);
    }

    /// <summary>Drops the oldest ready chunks, each leaving a loss record; those that a worker is uploading are left to it.</summary>
    /// <param name="bytes">How much room is wanted, at least.</param>
    /// <returns>The records, and the bytes that are free now.</returns>
    /// <exception cref="IOException">The disk does not take a record: the next call, or the next start, goes on with it.</exception>
    public (IReadOnlyList<SpooledLoss> Losses, long Bytes) DropOldest(long bytes)
    {
        lock (_oneAtATime) return _isOpen ? _losses.DropOldest(bytes) : ([], 0);
    }

    /// <summary>Deletes files that were kept for a look although they cannot be used.</summary>
    /// <returns>Their bytes.</returns>
    public long DropUnusable()
    {
        lock (_oneAtATime) return _isOpen ? _losses.DropUnusable() : 0;
    }

    /// <summary>Declares a dead chunk lost, because a person wants it so, and deletes its files.</summary>
    /// <param name="id">The chunk.</param>
    /// <param name="note">Why, in that person's words; or null.</param>
    /// <returns>Records that are ready; null where the chunk is not dead.</returns>
    /// <exception cref="SpoolRefusedException">It was never captured, cannot be read, or something is in the way.</exception>
    /// <exception cref="IOException">The disk does not take the record: the next start goes on with it.</exception>
    public IReadOnlyList<SpooledLoss>? Discard(ChunkId id, string? note)
    {
        lock (_oneAtATime)
        {
            if (!_isOpen || RequireDead(id) is not { } manifest) return null;
            Require(Replay.DiscardObstacle(_layout, id, manifest));
            return _losses.Discard(id, note);
        }
    }

    /// <summary>Takes a dead chunk back to the ready ones.</summary>
    /// <returns>The path of its manifest; null where the chunk is not dead.</returns>
    /// <exception cref="SpoolRefusedException">It was never captured, cannot be read, or something is in the way.</exception>
    public string? TakeBack(ChunkId id)
    {
        lock (_oneAtATime)
        {
            if (!_isOpen || RequireDead(id) is not { } manifest) return null;
            Require(Replay.Obstacle(_layout, id, manifest));
            var ready = _layout.ReadyFiles(id, manifest.Container);
            Replay.Run(_layout.DeadFiles(id, manifest.Container), ready);
            return ready.Manifest;
        }
    }

    /// <summary>What keeps a dead chunk from being taken back; null where nothing does.</summary>
    public static string? ReplayObstacle(SpoolLayout layout, ChunkId id, ChunkManifest manifest) => Replay.Obstacle(layout, id, manifest);

    private ChunkManifest? RequireDead(ChunkId id)
    {
        var path = ChunkFiles.ManifestIn(_layout.Dead(_stream), id);
        if (!File.Exists(path)) return null;
        Require(_ownership.Objection(path, _ledger.Journal.NextSequence, unreadable: true));
        return ManifestJson.Read(SignedManifest.Read(path).ManifestBytes);
    }

    private static void Require(string? objection)
    {
        if (objection is not null) throw new SpoolRefusedException(objection);
    }

    // What is stored is counted in the same write as what else changed.
    private StreamJournal CountInto(StreamJournal changed)
    {
        var stored = _quarantine.OwnStored(changed.NextSequence);
        if (stored.Count > 0) Stored(stored);
        if (stored.Count > 0) changed = changed.WithStored(SpoolCount.Sequences(stored));
        if (changed != _ledger.Journal) _ledger.Write(changed);
        foreach (var manifest in stored) File.Delete(manifest);
        return _ledger.Journal;
    }
}
