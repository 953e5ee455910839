using System.Text.Json;
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
    /// <exception cref="ChunkDeadException">Its size is wrong.</exception>
    /// <exception cref="ChunkLinkException">It, or a folder above it, is a symbolic link, which might lead out of the spool.</exception>
    public FileStream? TryOpen(IncomingChunk chunk)
    {
        var path = Ready(chunk).Chunk;
        RequireNoLink(new FileInfo(path), new DirectoryInfo(_layout.Ready(chunk.Id.Stream)), new DirectoryInfo(_layout.Stream(chunk.Id.Stream)));
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
    /// removed. The manifest's rename is the one moment from which the chunk counts as stored: of several that settle a chunk, one has it. The signature
    /// goes last, since a manifest that is published once more needs it.</remarks>
    public void Remove(IncomingChunk chunk)
    {
        var files = Ready(chunk);
        try
        {
            File.Delete(files.Chunk);
            MoveManifest(files.Manifest, _layout.StoredManifest(chunk.Id));
            File.Delete(files.Signature);
        }
        catch (DirectoryNotFoundException)
        {
            // Then all of them are gone.
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
    public string? ReasonPutAside(IncomingChunk chunk)
    {
        var path = ReasonPath(chunk);
        if (!File.Exists(path)) return null;
        try
        {
            return JsonSerializer.Deserialize<Reason>(File.ReadAllBytes(path), JsonSerializerOptions.Web)?.Why;
        }
        catch (JsonException)
        {
            return "unknown: its .reason.json is not readable";
        }
    }

    /// <summary>Moves a chunk to the dead ones, beside a <c>.reason.json</c>; again after a crash in between, it finishes the move.</summary>
    public void PutAside(IncomingChunk chunk, string reason)
    {
        var folder = Directory.CreateDirectory(_layout.Dead(chunk.Id.Stream)).FullName;
        var content = new Reason(chunk.Manifest.Chunk, reason, time.GetUtcNow(), chunk.Manifest.Object);
        DurableFile.Write(ReasonPath(chunk), JsonSerializer.SerializeToUtf8Bytes(content, JsonSerializerOptions.Web));
        var (from, to) = (Ready(chunk), Dead(chunk));
        foreach (var (source, target) in new[] { (from.Chunk, to.Chunk), (from.Signature, to.Signature), (from.Manifest, to.Manifest) })
            if (File.Exists(source)) File.Move(source, target, overwrite: true);
        DurableFile.SyncFolder(folder);
    }

    private ChunkFiles Dead(IncomingChunk chunk) => _layout.DeadFiles(chunk.Id, chunk.Manifest.Container);

    private string ReasonPath(IncomingChunk chunk) => Path.ChangeExtension(Dead(chunk).Manifest, ".reason.json");

    private static void RequireNoLink(params FileSystemInfo[] parts)
    {
        foreach (var part in parts)
            if (part.LinkTarget is not null) throw new ChunkLinkException($"{part.FullName} is a symbolic link");
    }

    private static ChunkDeadException Damaged(FileStream file, long size)
    {
        using (file) return new($"the file has {file.Length} bytes, the manifest says {size}");
    }

    private sealed record Reason(string Chunk, string Why, DateTimeOffset At, string Object);
}

/// <summary>A path that should be plain leads elsewhere: nothing there is touched.</summary>
internal sealed class ChunkLinkException(string message) : FormatException(message);
