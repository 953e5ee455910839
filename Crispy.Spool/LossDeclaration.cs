using System.Security.Cryptography;
using System.Text;
using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>
/// Declares chunks of one stream lost. A crash between any two steps leaves each chunk either ready or lost, counted once, with one record:
/// <list type="number">
/// <item>the manifest is renamed from <c>ready/</c> to <c>lost/</c>: of a worker that stores it and of us one has it;</item>
/// <item>the video follows and is deleted, which makes room;</item>
/// <item>the record is durable in <c>lost/</c>;</item>
/// <item>the journal counts the loss;</item>
/// <item>the record is renamed into <c>ready/</c>, and the manifest in <c>lost/</c> deleted.</item>
/// </list>
/// Who uploads the record first asks the bucket for the chunk, and takes the declaration back if it is there.
/// A dead chunk that somebody discards goes the same way from <c>dead/</c>. A durable note in <c>lost/</c> comes first, so that a crash
/// after the rename goes on with it instead of giving the chunk back. The rest of its files in <c>dead/</c> goes last, with the note.
/// </summary>
internal sealed class LossDeclaration(string stream, string container, SpoolLayout spool, ManifestSigner signer,
    StreamLedger ledger, TimeProvider time)
{
    /// <summary>A segment that becomes no chunk, while its loss is being declared.</summary>
    public const string Segment = ".segment";

    /// <summary>The note that a dead chunk must be declared lost; its text says why.</summary>
    private const string Discarded = ".discard";

    /// <summary>Drops ready chunks, oldest first; those that a worker is uploading are left to it.</summary>
    /// <param name="bytes">How much room is wanted, at least.</param>
    /// <returns>The records, and the size of the chunks that are gone.</returns>
    /// <exception cref="IOException">The disk does not take a record: the next call, or the next start, goes on with it.</exception>
    public (IReadOnlyList<SpooledLoss> Losses, long Bytes) DropOldest(long bytes)
    {
        long freed = 0;
        foreach (var manifest in spool.ReadyManifests(stream))
        {
            if (freed >= bytes) break;
            freed += Claim(manifest);
        }
        return (Finish(), freed);
    }

    /// <summary>Deletes the files that <see cref="KeepUnusable"/> kept.</summary>
    /// <returns>Their size.</returns>
    public long DropUnusable()
    {
        long bytes = 0;
        if (!Directory.Exists(spool.Lost(stream))) return 0;
        foreach (var path in ChunkFiles.VideosIn(spool.Lost(stream))
            .Where(path => !File.Exists(Path.ChangeExtension(path, ".json"))).ToList())
        {
            bytes += new FileInfo(path).Length;
            File.Delete(path);
        }
        return bytes;
    }

    /// <summary>Declares a dead chunk lost.</summary>
    /// <param name="id">The chunk, whose manifest in <c>dead/</c> is ours.</param>
    /// <param name="note">Why, in a person's words; or null.</param>
    /// <returns>Records that are ready; null where the chunk is not dead.</returns>
    /// <exception cref="IOException">The disk does not take a record: the next call, or the next start, goes on with it.</exception>
    /// <exception cref="FormatException">The manifest cannot be read.</exception>
    public IReadOnlyList<SpooledLoss>? Discard(ChunkId id, string? note)
    {
        var dead = ChunkFiles.ManifestIn(spool.Dead(stream), id);
        if (SpooledChunk.Read(dead) is null) return null;
        Directory.CreateDirectory(spool.Lost(stream));
        DurableFile.Write(DiscardNote(id), Encoding.UTF8.GetBytes(note ?? ""));
        DurableFile.SyncFolder(spool.Lost(stream));
        File.Move(dead, spool.LostManifest(id), overwrite: true);
        Failpoint.Pass("discard-claimed");
        return Finish();
    }

    /// <summary>Finishes what was begun, now or before a crash.</summary>
    /// <returns>Records that are ready.</returns>
    public IReadOnlyList<SpooledLoss> Finish()
    {
        if (!Directory.Exists(spool.Lost(stream))) return [];
        ReturnSegments();
        var claims = spool.LostManifests(stream).ToList();
        Count([.. claims.Select(Settle).OfType<LossRecord>()]);
        var losses = MakeReady();
        foreach (var claim in claims) Clear(claim);
        ClearDiscards();
        return losses;
    }

    /// <summary>Signs and writes a record where it waits to be counted.</summary>
    public void Write(LossRecord record, byte[] bytes)
    {
        var files = LossFiles.In(spool.Lost(stream), Id(record));
        DurableFile.Write(files.Signature, Encoding.ASCII.GetBytes(signer.Sign(bytes)));
        DurableFile.Write(files.Record, bytes);
    }

    /// <summary>Gives records their place in <c>ready/</c>, those that the journal counts; others are what a crash left, and go.</summary>
    public IReadOnlyList<SpooledLoss> MakeReady()
    {
        var ready = new List<SpooledLoss>();
        foreach (var path in Directory.EnumerateFiles(spool.Lost(stream), "*.loss").Order(StringComparer.Ordinal).ToList())
        {
            if (!LossFiles.TryParseRecordName(path, out var epoch, out var sequence)) continue;
            var from = LossFiles.Of(path);
            var to = spool.ReadyLoss(new(stream, epoch, sequence));
            if (!ledger.Journal.LostOrNone.Contains(sequence))
            {
                File.Delete(from.Record);
                File.Delete(from.Signature);
                continue;
            }
            if (File.Exists(from.Signature)) File.Move(from.Signature, to.Signature, overwrite: true);
            File.Move(from.Record, to.Record, overwrite: true);
            if (SpooledLoss.Read(to.Record) is not { } loss) continue;
            ready.Add(loss);
        }
        if (ready.Count > 0) DurableFile.SyncFolder(spool.Ready(stream));
        return ready;
    }

    /// <returns>The chunk's size; 0 where it is not ours.</returns>
    private long Claim(string manifestPath)
    {
        if (SpooledChunk.TryRead(manifestPath) is not { } chunk) return 0;
        var files = spool.ReadyFiles(chunk.Id, chunk.Manifest.Container);
        try
        {
            // A worker that uploads it holds it shared.
            using var video = new FileStream(files.Chunk, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            Directory.CreateDirectory(spool.Lost(stream));
            File.Move(manifestPath, spool.LostManifest(chunk.Id), overwrite: true);
            if (!MoveVideo(chunk)) return 0;
        }
        catch (IOException taken) when (taken is FileNotFoundException or DirectoryNotFoundException || taken.HResult == Errno.WouldBlock)
        {
            return 0;
        }
        File.Delete(LostVideo(chunk));
        return chunk.Manifest.Size;
    }

    private string LostVideo(SpooledChunk chunk) => ChunkFiles.In(spool.Lost(stream), chunk.Id, chunk.Manifest.Container).Chunk;

    /// <returns>False where a worker was first: then the chunk is stored or dead, and its manifest goes there.</returns>
    private bool MoveVideo(SpooledChunk chunk)
    {
        try
        {
            File.Move(spool.ReadyFiles(chunk.Id, chunk.Manifest.Container).Chunk, LostVideo(chunk), overwrite: true);
            return true;
        }
        catch (FileNotFoundException)
        {
            Yield(chunk, IsDead(chunk) ? spool.DeadFiles(chunk.Id, chunk.Manifest.Container).Manifest : spool.StoredManifest(chunk.Id));
            return false;
        }
    }

    private bool IsDead(SpooledChunk chunk) => File.Exists(spool.DeadFiles(chunk.Id, chunk.Manifest.Container).Chunk);

    private void Yield(SpooledChunk chunk, string manifest)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(manifest)!);
        File.Move(spool.LostManifest(chunk.Id), manifest, overwrite: true);
    }

    /// <returns>The record of a claimed chunk that is not yet counted; null where it is.</returns>
    private LossRecord? Settle(string claim)
    {
        if (SpooledChunk.Read(claim) is not { } chunk || ledger.Journal.LostOrNone.Contains(chunk.Manifest.Sequence)) return null;
        if (File.Exists(DiscardNote(chunk.Id))) File.Delete(spool.DeadFiles(chunk.Id, chunk.Manifest.Container).Chunk);
        else if (File.Exists(spool.ReadyFiles(chunk.Id, chunk.Manifest.Container).Chunk) && !MoveVideo(chunk)) return null;
        if (IsDead(chunk))
        {
            Yield(chunk, spool.DeadFiles(chunk.Id, chunk.Manifest.Container).Manifest);
            return null;
        }
        File.Delete(LostVideo(chunk));
        var files = LossFiles.In(spool.Lost(stream), chunk.Id);
        if (File.Exists(files.Record)) return LossJson.Read(File.ReadAllBytes(files.Record));
        var record = Record(chunk);
        Write(record, LossJson.Write(record));
        return record;
    }

    private LossRecord Record(SpooledChunk chunk)
    {
        var manifest = chunk.Manifest;
        var note = File.Exists(DiscardNote(chunk.Id)) ? File.ReadAllText(DiscardNote(chunk.Id)) : null;
        return new()
        {
            Chunk = manifest.Chunk,
            Stream = stream,
            Epoch = manifest.Epoch,
            Sequence = manifest.Sequence,
            Object = new LossObjectName(stream, manifest.From, manifest.Sequence).ToString(),
            From = manifest.From,
            To = manifest.To,
            Reason = note is null ? LossReason.DroppedOldest : LossReason.Discarded,
            Note = note is { Length: > 0 } ? note : null,
            Frames = manifest.Frames,
            Bytes = manifest.Size,
            Declared = Instants.RoundToMicrosecond(time.GetUtcNow()),
            Manifest = new(Convert.ToHexStringLower(SHA256.HashData(chunk.ManifestBytes)), manifest.Object, manifest.Crc32c),
            Previous = manifest.Previous,
            Traceparent = manifest.Traceparent,
        };
    }

    private void Count(List<LossRecord> records)
    {
        if (records.Count == 0) return;
        DurableFile.SyncFolder(spool.Lost(stream));
        ledger.Write(
            ledger.Journal.WithLost(records.Select(record => record.Sequence),
                records.Select(record => new Gap(record.From, record.To, record.Reason))));
    }

    private void Clear(string claim)
    {
        if (SpooledChunk.Read(claim) is not { } chunk) return;
        File.Delete(LostVideo(chunk));
        File.Delete(claim);
    }

    // What is left in dead/ of a chunk whose loss is counted. A note without a claim is of a discard that never began.
    private void ClearDiscards()
    {
        foreach (var note in Directory.EnumerateFiles(spool.Lost(stream), $"*{Discarded}").ToList())
        {
            var manifest = Path.ChangeExtension(note, ".json");
            if (!ChunkFiles.TryParseManifestName(manifest, out var epoch, out var sequence) || File.Exists(manifest)) continue;
            if (ledger.Journal.LostOrNone.Contains(sequence))
            {
                var dead = ChunkFiles.ManifestIn(spool.Dead(stream), new(stream, epoch, sequence));
                File.Delete(DeadReason.PathBeside(dead));
            }
            File.Delete(note);
        }
    }

    private string DiscardNote(ChunkId id) => Path.ChangeExtension(spool.LostManifest(id), Discarded);

    // A segment whose loss the journal does not know is read once more.
    private void ReturnSegments()
    {
        foreach (var path in Directory.EnumerateFiles(spool.Lost(stream), $"*{Segment}").ToList())
        {
            var record = Path.ChangeExtension(path, ".loss");
            if (!LossFiles.TryParseRecordName(record, out _, out var sequence)) continue;
            if (ledger.Journal.LostOrNone.Contains(sequence)) KeepUnusable(path, container);
            else File.Move(path, OpenSegments.TakenBack(spool, stream, ledger.Journal, sequence, container), overwrite: true);
        }
    }

    /// <summary>Keeps a file that cannot be used, for a look, until the room is needed. An empty one, or one that was dropped for room,
    /// goes.</summary>
    public static void KeepUnusable(string path, string container)
    {
        if (!File.Exists(path)) return;
        if (new FileInfo(path).Length == 0) File.Delete(path);
        else File.Move(path, Path.ChangeExtension(path, container), overwrite: true);
    }

    private static ChunkId Id(LossRecord record) => new(record.Stream, record.Epoch, record.Sequence);
}
