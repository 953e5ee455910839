using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>
/// Takes a dead chunk back to the ready ones. A crash between any two steps loses nothing:
/// <list type="number">
/// <item>the manifest, with its signature, is copied into <c>ready/</c> under the name of a pending one,
/// which the next start finishes;</item>
/// <item>it leaves <c>dead/</c>, and the video is moved;</item>
/// <item>the reason leaves <c>dead/</c>;</item>
/// <item>the pending manifest gets its name, and the chunk is ready.</item>
/// </list>
/// After a crash before the video is moved a worker finds no video but the reason, and the chunk is dead again with it.
/// </summary>
internal static class Replay
{
    /// <summary>What keeps a dead chunk from being taken back; null where nothing does.</summary>
    public static string? Obstacle(SpoolLayout layout, ChunkId id, ChunkManifest manifest)
    {
        if (LinkIn(layout, id, manifest) is { } link) return $"{link} is a symbolic link";
        if (!File.Exists(layout.DeadFiles(id, manifest.Container).Chunk)) return "its file is missing";
        return ReadyObstacle(layout, id, manifest);
    }

    /// <summary>What keeps a dead chunk from being given up; null where nothing does.</summary>
    public static string? DiscardObstacle(SpoolLayout layout, ChunkId id, ChunkManifest manifest) =>
        LinkIn(layout, id, manifest) is { } link ? $"{link} is a symbolic link" : ReadyObstacle(layout, id, manifest);

    /// <summary>Goes through the steps.</summary>
    public static void Run(ChunkFiles dead, ChunkFiles ready)
    {
        var (deadFolder, readyFolder) =
            (Path.GetDirectoryName(dead.Manifest)!, Directory.CreateDirectory(Path.GetDirectoryName(ready.Manifest)!).FullName);
        var pending = ready.Manifest + ChunkFiles.Pending;
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

    private static string? LinkIn(SpoolLayout layout, ChunkId id, ChunkManifest manifest) =>
        Links.First(layout.DeadFiles(id, manifest.Container).Chunk, layout.Dead(id.Stream), layout.Ready(id.Stream),
            layout.Stream(id.Stream));

    private static string? ReadyObstacle(SpoolLayout layout, ChunkId id, ChunkManifest manifest)
    {
        var ready = layout.ReadyFiles(id, manifest.Container);
        return File.Exists(ready.Manifest) || File.Exists(ready.Chunk) ? "a chunk of this id is ready in the spool" : null;
    }
}
