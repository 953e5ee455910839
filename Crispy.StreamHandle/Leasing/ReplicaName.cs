using Crispy.Spool;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Leasing;

/// <summary>What a replica is called in Redis: its spool's name, and a mark that lies on the volume. A process that starts again on its
/// volume is the same replica and has its streams back at once. Two volumes that were given the same name by mistake are two.</summary>
internal static class ReplicaName
{
    private const string File = ".replica";

    /// <summary>Reads it, or makes the mark.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public static string Of(SpoolOptions spool)
    {
        var path = Path.Combine(Directory.CreateDirectory(spool.Path).FullName, File);
        if (!System.IO.File.Exists(path))
        {
            DurableFile.Write(path, System.Text.Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("n")[..12]));
            DurableFile.SyncFolder(spool.Path);
        }
        return $"{spool.Name}/{System.IO.File.ReadAllText(path).Trim()}";
    }
}
