using Crispy.Backplane;
using Crispy.Contracts;
using Crispy.UploadWorker.Consuming;
using Microsoft.Extensions.Options;

namespace Crispy.UploadWorker.Uploading;

/// <summary>The spool as the worker uses it for loss records.</summary>
internal sealed class LossSpool(IOptions<SpoolOptions> options)
{
    private readonly SpoolLayout _layout = new(options.Value.Path);

    /// <summary>Opens a record that is ready; null where it is not there.</summary>
    /// <exception cref="ChunkDeadException">It, or a folder above it, is a symbolic link.</exception>
    public FileStream? TryOpen(IncomingLoss loss)
    {
        var path = _layout.ReadyLoss(loss.Id).Record;
        foreach (var part in new FileSystemInfo[] { new FileInfo(path), new DirectoryInfo(_layout.Ready(loss.Id.Stream)), new DirectoryInfo(_layout.Stream(loss.Id.Stream)) })
            if (part.LinkTarget is not null) throw new ChunkDeadException(DeadReason.Link, $"{part.FullName} is a symbolic link");
        try
        {
            return new(path, new FileStreamOptions { Share = FileShare.Read | FileShare.Delete, BufferSize = 0 });
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Whether the spool knows that a chunk is lost: the declaration goes from <c>lost/</c> to <c>ready/</c> and from there to the bucket, so one that is
    /// not found here may be there.</summary>
    public bool IsDeclared(ChunkId chunk) => File.Exists(_layout.LostManifest(chunk)) || File.Exists(_layout.ReadyLoss(chunk).Record);

    /// <summary>Removes a record that the bucket holds, or that is recalled. Removing what is gone does nothing.</summary>
    public void Remove(IncomingLoss loss) => Remove(_layout.ReadyLoss(loss.Id));

    /// <summary>Takes a declaration back, because the bucket holds the chunk: it counts as stored from here on.</summary>
    public void Recall(IncomingLoss loss)
    {
        Directory.CreateDirectory(_layout.Stored(loss.Id.Stream));
        DurableFile.Write(_layout.StoredManifest(loss.Id), loss.Bytes);
        Remove(loss);
    }

    /// <summary>Moves a record to the dead ones; again after a crash in between, it finishes the move.</summary>
    public void PutAside(IncomingLoss loss)
    {
        var (from, to) = (_layout.ReadyLoss(loss.Id), LossFiles.In(Directory.CreateDirectory(_layout.Dead(loss.Id.Stream)).FullName, loss.Id));
        if (File.Exists(from.Signature)) File.Move(from.Signature, to.Signature, overwrite: true);
        if (File.Exists(from.Record)) File.Move(from.Record, to.Record, overwrite: true);
    }

    private static void Remove(LossFiles files)
    {
        foreach (var path in new[] { files.Record, files.Signature })
        {
            try
            {
                File.Delete(path);
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
        }
    }
}
