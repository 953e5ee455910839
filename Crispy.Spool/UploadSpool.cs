using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>Where a chunk is that does not lie ready.</summary>
public enum Whereabouts
{
    /// <summary>The spool knows nothing of it; the bucket may.</summary>
    Unknown,

    /// <summary>Stored, and not yet counted by its stream-handle.</summary>
    Stored,

    /// <summary>Declared lost, or about to be.</summary>
    Lost,

    /// <summary>Among the dead ones.</summary>
    Dead,
}

/// <summary>
/// The spool as an upload-worker uses it. What is moved or removed is always the chunk that lies there, by the manifest that lies beside
/// it. A message only says where to look. Each method is one transition of the table in this project's README. Safe for concurrent use, by
/// several workers too.
/// </summary>
/// <param name="root">The spool's folder.</param>
/// <param name="time">The clock.</param>
public sealed class UploadSpool(string root, TimeProvider time)
{
    private readonly SpoolLayout _layout = new(root);

    /// <summary>The chunk that lies ready under an id.</summary>
    /// <returns>Null where none does.</returns>
    /// <exception cref="ChunkDeadException">A folder on the way is a symbolic link.</exception>
    /// <exception cref="FormatException">Its manifest cannot be read, or is another chunk's.</exception>
    public SpooledChunk? Find(ChunkId id)
    {
        RequireNoLink(_layout.Stream(id.Stream), _layout.Ready(id.Stream));
        var path = ChunkFiles.ManifestIn(_layout.Ready(id.Stream), id);
        if (SpooledChunk.Read(path) is not { } chunk) return null;
        return chunk.Id == id ? chunk : throw new FormatException($"the manifest of {id} in the spool is that of {chunk.Id}");
    }

    /// <summary>Where a chunk is that does not lie ready.</summary>
    /// <param name="id">The chunk.</param>
    /// <param name="manifest">The bytes of its manifest: another one's place is none of this chunk's.</param>
    public Whereabouts WhereIs(ChunkId id, ReadOnlySpan<byte> manifest)
    {
        if (IsManifest(ChunkFiles.ManifestIn(_layout.Dead(id.Stream), id), manifest)) return Whereabouts.Dead;
        if (IsManifest(_layout.LostManifest(id), manifest) || File.Exists(_layout.ReadyLoss(id).Record)) return Whereabouts.Lost;
        return IsManifest(_layout.StoredManifest(id), manifest) ? Whereabouts.Stored : Whereabouts.Unknown;
    }

    /// <summary>Whether the spool knows that a chunk is lost. The declaration goes from <c>lost/</c> to <c>ready/</c> and from there to the
    /// bucket, so one that is not found here may be there.</summary>
    public bool IsDeclaredLost(ChunkId id) => File.Exists(_layout.LostManifest(id)) || File.Exists(_layout.ReadyLoss(id).Record);

    /// <summary>Opens the video of a chunk that is ready.</summary>
    /// <returns>Null where it is not there.</returns>
    /// <exception cref="ChunkDeadException">Its size is wrong; or it, or a folder above it, is a symbolic link,
    /// which might lead out of the spool.</exception>
    public FileStream? Open(SpooledChunk chunk)
    {
        var path = Ready(chunk).Chunk;
        RequireNoLink(path, _layout.Ready(chunk.Id.Stream), _layout.Stream(chunk.Id.Stream));
        try
        {
            // Deletable while open: a competing worker that has stored the same chunk may remove it.
            var file = new FileStream(path,
                new FileStreamOptions { Share = FileShare.Read | FileShare.Delete, BufferSize = 0, Options = FileOptions.SequentialScan });
            return file.Length == chunk.Manifest.Size ? file : throw Damaged(file, chunk.Manifest.Size);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Removes a chunk that the bucket holds, and leaves its manifest in <c>stored/</c>, by which stream-handle counts it. Nothing
    /// happens where another worker did so.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="objectName">The object that the bucket holds.</param>
    /// <param name="crc32c">Its CRC32C by the bucket's word, base64.</param>
    /// <exception cref="InvalidOperationException">That is not the object of the manifest that lies in the spool.</exception>
    /// <remarks>The video goes first. A video without a manifest is what a capture that broke off leaves too, and would have to be
    /// kept. A manifest without its video can only be one that was stored: its message comes once more, and finds it in the bucket.
    /// The manifest's rename is the one moment from which the chunk counts as stored: of several that settle a chunk, one has it.</remarks>
    public void MarkStored(SpooledChunk chunk, string objectName, string crc32c)
    {
        if (Reread(chunk) is not { } lies) return;
        if (lies.Manifest.Object != objectName || lies.Manifest.Crc32c != crc32c)
            throw new InvalidOperationException(
                $"{objectName} with CRC32C {crc32c} is not the object of {lies.Manifest.Chunk}, {lies.Manifest.Object} with "
                    + $"{lies.Manifest.Crc32c}");
        var files = Ready(lies);
        File.Delete(files.Chunk);
        Failpoint.Pass("file-removed");
        MoveManifest(files.Manifest, _layout.StoredManifest(lies.Id));
        Failpoint.Pass("file-removed");
    }

    /// <summary>Why a chunk is dead; null where it is not.</summary>
    public DeadReason? ReasonDead(ChunkId id) => DeadReason.Read(DeadReason.PathBeside(ChunkFiles.ManifestIn(_layout.Dead(id.Stream), id)));

    /// <summary>Moves a chunk to the dead ones, beside a <c>.reason.json</c>; after a crash in between it finishes the move. Nothing
    /// happens where another worker did so.</summary>
    /// <returns>False where a folder on the way is a symbolic link: nothing is touched then.</returns>
    public bool Bury(SpooledChunk chunk, string reason, string error)
    {
        var stream = chunk.Id.Stream;
        if (Links.First(_layout.Stream(stream), _layout.Ready(stream), _layout.Dead(stream)) is not null) return false;
        if (Reread(chunk) is not { } lies) return true;
        var folder = Directory.CreateDirectory(_layout.Dead(stream)).FullName;
        var (from, to) = (Ready(lies), _layout.DeadFiles(lies.Id, lies.Manifest.Container));
        new DeadReason(lies.Manifest.Chunk, reason, error, time.GetUtcNow(), lies.Manifest.Object)
            .Write(DeadReason.PathBeside(to.Manifest));
        TryMove(from.Chunk, to.Chunk);
        TryMove(from.Manifest, to.Manifest);
        DurableFile.SyncFolder(folder);
        return true;
    }

    /// <summary>The loss record that lies ready for a chunk.</summary>
    /// <returns>Null where none does.</returns>
    /// <exception cref="ChunkDeadException">It, or a folder above it, is a symbolic link.</exception>
    /// <exception cref="FormatException">It cannot be read, or is another chunk's.</exception>
    public SpooledLoss? FindLoss(ChunkId id)
    {
        var files = _layout.ReadyLoss(id);
        RequireNoLink(files.Record, files.Signature, _layout.Ready(id.Stream), _layout.Stream(id.Stream));
        if (SpooledLoss.Read(files.Record) is not { } loss) return null;
        return loss.Record.Chunk == id.ToString()
            ? loss
            : throw new FormatException($"the loss record of {id} in the spool is that of {loss.Record.Chunk}");
    }

    /// <summary>Opens a loss record that is ready.</summary>
    /// <returns>Null where another worker took it.</returns>
    public FileStream? OpenLoss(SpooledLoss loss)
    {
        try
        {
            return new(_layout.ReadyLoss(IdOf(loss)).Record,
                new FileStreamOptions { Share = FileShare.Read | FileShare.Delete, BufferSize = 0 });
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Removes a loss record that the bucket holds. Nothing happens where another worker did so.</summary>
    /// <param name="loss">The record.</param>
    /// <param name="objectName">The object that the bucket holds.</param>
    /// <param name="crc32c">Its CRC32C by the bucket's word, base64.</param>
    /// <exception cref="InvalidOperationException">That is not this record's object.</exception>
    public void MarkLossStored(SpooledLoss loss, string objectName, string crc32c)
    {
        if (loss.Record.Object != objectName || Crc32C.Of(loss.Bytes) != crc32c)
            throw new InvalidOperationException($"{objectName} with CRC32C {crc32c} is not the loss record of {loss.Record.Chunk}");
        RemoveLoss(loss);
    }

    /// <summary>Takes the declaration of a loss back, because the bucket holds the chunk: it counts as stored from here on.</summary>
    /// <param name="loss">The record.</param>
    /// <param name="objectName">The object that the bucket holds.</param>
    /// <param name="crc32c">Its CRC32C by the bucket's word, base64.</param>
    /// <exception cref="InvalidOperationException">That is not the object of the chunk that was declared lost.</exception>
    public void TakeLossBack(SpooledLoss loss, string objectName, string crc32c)
    {
        if (loss.Record.Manifest is not { } lost || lost.Object != objectName || lost.Crc32c != crc32c)
            throw new InvalidOperationException($"{objectName} with CRC32C {crc32c} is not what {loss.Record.Chunk} was declared lost as");
        Directory.CreateDirectory(_layout.Stored(loss.Record.Stream));
        DurableFile.Write(_layout.StoredManifest(IdOf(loss)), SignedLines.Write(loss.Bytes, loss.Signature, "loss record"));
        RemoveLoss(loss);
    }

    /// <summary>Moves a loss record to the dead ones; after a crash in between it finishes the move.</summary>
    public void BuryLoss(SpooledLoss loss)
    {
        var id = IdOf(loss);
        var (from, to) = (_layout.ReadyLoss(id), LossFiles.In(Directory.CreateDirectory(_layout.Dead(id.Stream)).FullName, id));
        TryMove(from.Signature, to.Signature);
        TryMove(from.Record, to.Record);
    }

    private ChunkFiles Ready(SpooledChunk chunk) => _layout.ReadyFiles(chunk.Id, chunk.Manifest.Container);

    // What lies there now: null where another worker took it, or it is no longer the same.
    private SpooledChunk? Reread(SpooledChunk chunk) =>
        Find(chunk.Id) is { } lies && lies.ManifestBytes.AsSpan().SequenceEqual(chunk.ManifestBytes) ? lies : null;

    private void RemoveLoss(SpooledLoss loss)
    {
        var files = _layout.ReadyLoss(IdOf(loss));
        foreach (var path in new[] { files.Record, files.Signature })
            if (File.Exists(path)) File.Delete(path);
    }

    private static ChunkId IdOf(SpooledLoss loss) => new(loss.Record.Stream, loss.Record.Epoch, loss.Record.Sequence);

    private static bool IsManifest(string path, ReadOnlySpan<byte> manifest)
    {
        try
        {
            return SignedLines.FirstLine(File.ReadAllBytes(path)).SequenceEqual(manifest);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static void MoveManifest(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        try
        {
            File.Move(from, to, overwrite: true);
        }
        catch (FileNotFoundException)
        {
            // Another worker stored the same chunk, or stream-handle is declaring it lost:
            // its loss record is recalled when the object is found.
        }
    }

    // A link is moved as a link; what it points to stays where it is.
    private static void TryMove(string from, string to)
    {
        if (File.Exists(from) || new FileInfo(from).LinkTarget is not null) File.Move(from, to, overwrite: true);
    }

    private static void RequireNoLink(params ReadOnlySpan<string> paths)
    {
        if (Links.First(paths) is { } link) throw new ChunkDeadException(DeadReason.Link, $"{link} is a symbolic link");
    }

    private static ChunkDeadException Damaged(FileStream file, long size)
    {
        using (file) return new(DeadReason.Damaged, $"the file has {file.Length} bytes, the manifest says {size}");
    }
}
