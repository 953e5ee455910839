using Crispy.Backplane;
using Crispy.UploadWorker.Consuming;
using Microsoft.Extensions.Options;

namespace Crispy.UploadWorker.Uploading;

/// <summary>The spool as the worker uses it: open a chunk, remove it once stored, put it aside once dead.</summary>
internal sealed class SpoolFiles(IOptions<SpoolOptions> options, TimeProvider time)
{
    private readonly SpoolLayout _layout = new(options.Value.Path);

    /// <summary>Opens a chunk that is ready.</summary>
    /// <returns>Null where it is not there.</returns>
    /// <exception cref="ChunkDeadException">Its size is wrong; or it, or a folder above it, is a symbolic link, which might lead out of the spool.</exception>
    public FileStream? TryOpen(IncomingChunk chunk)
    {
        var path = Ready(chunk).Chunk;
        if (Links(new FileInfo(path), new DirectoryInfo(_layout.Ready(chunk.Id.Stream)), new DirectoryInfo(_layout.Stream(chunk.Id.Stream))) is { } link)
            throw new ChunkDeadException(DeadReason.Link, $"{link} is a symbolic link");
        try
        {
            // Deletable while open: a competing worker that has stored the same chunk may remove it.
            var file = new FileStream(path, new FileStreamOptions { Share = FileShare.Read | FileShare.Delete, BufferSize = 0, Options = FileOptions.SequentialScan });
            return file.Length == chunk.Manifest.Size ? file : throw Damaged(file, chunk.Manifest.Size);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Path of a chunk that is ready.</summary>
    public ChunkFiles Ready(IncomingChunk chunk) => _layout.ReadyFiles(chunk.Id, chunk.Manifest.Container);

    /// <summary>Removes a stored chunk and leaves its manifest in <c>stored/</c>, by which stream-handle counts it. Removing what is gone does nothing.</summary>
    /// <remarks>The chunk goes first. A chunk without a manifest is what a capture that broke off leaves too, and would have to be
    /// kept; a manifest without its chunk can only be one that was stored: published once more, it is found in the bucket and
    /// removed. The manifest's rename is the one moment from which the chunk counts as stored: of several that settle a chunk, one has it.</remarks>
    public void Remove(IncomingChunk chunk)
    {
        var files = Ready(chunk);
        try
        {
            File.Delete(files.Chunk);
            Failpoint.Pass("file-removed");
            MoveManifest(files.Manifest, _layout.StoredManifest(chunk.Id));
            Failpoint.Pass("file-removed");
        }
        catch (DirectoryNotFoundException)
        {
            // Then both are gone.
        }
    }

    private static void MoveManifest(string from, string to)
    {
        if (!File.Exists(from)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        try
        {
            File.Move(from, to, overwrite: true);
        }
        catch (FileNotFoundException)
        {
            // Another worker stored the same chunk, or stream-handle is declaring it lost: its loss record is recalled when the object is found.
        }
    }

    /// <summary>Why a chunk was put aside; null where it was not.</summary>
    public DeadReason? ReasonPutAside(IncomingChunk chunk) => DeadReason.Read(DeadReason.PathBeside(Dead(chunk).Manifest));

    /// <summary>Whether the spool holds another manifest of this chunk than the message brought. The spool is the truth: such a message must not move its files.</summary>
    public bool Contradicts(IncomingChunk chunk)
    {
        try
        {
            return !SignedManifest.Read(Ready(chunk).Manifest).ManifestBytes.AsSpan().SequenceEqual(chunk.ManifestBytes);
        }
        catch (FormatException)
        {
            return true;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Moves a chunk to the dead ones, beside a <c>.reason.json</c>; again after a crash in between, it finishes the move. A manifest
    /// that is no longer there is written from the message, so that every dead chunk can be listed.</summary>
    /// <returns>False where a folder on the way is a symbolic link: nothing is touched then.</returns>
    public bool PutAside(IncomingChunk chunk, string reason, string error)
    {
        var stream = chunk.Id.Stream;
        if (Links(new DirectoryInfo(_layout.Stream(stream)), new DirectoryInfo(_layout.Ready(stream)), new DirectoryInfo(_layout.Dead(stream))) is not null) return false;
        var folder = Directory.CreateDirectory(_layout.Dead(stream)).FullName;
        var (from, to) = (Ready(chunk), Dead(chunk));
        new DeadReason(chunk.Manifest.Chunk, reason, error, time.GetUtcNow(), chunk.Manifest.Object).Write(DeadReason.PathBeside(to.Manifest));
        TryMove(from.Chunk, to.Chunk);
        if (!TryMove(from.Manifest, to.Manifest) && !File.Exists(to.Manifest)) DurableFile.Write(to.Manifest, SignedManifest.Write(chunk.ManifestBytes, chunk.Signature));
        DurableFile.SyncFolder(folder);
        return true;
    }

    // A link is moved as a link; what it points to stays where it is.
    private static bool TryMove(string source, string target)
    {
        var file = new FileInfo(source);
        if (!file.Exists && file.LinkTarget is null) return false;
        File.Move(source, target, overwrite: true);
        return true;
    }

    private ChunkFiles Dead(IncomingChunk chunk) => _layout.DeadFiles(chunk.Id, chunk.Manifest.Container);

    private static string? Links(params FileSystemInfo[] parts) => parts.FirstOrDefault(part => part.LinkTarget is not null)?.FullName;

    private static ChunkDeadException Damaged(FileStream file, long size)
    {
        using (file) return new(DeadReason.Damaged, $"the file has {file.Length} bytes, the manifest says {size}");
    }
}
