using Crispy.Spool;

namespace Crispy.StreamHandle.Spooling;

/// <summary>What of one stream lay in the spool when it was last measured.</summary>
/// <param name="Waiting">Chunks that are ready and wait for their upload.</param>
/// <param name="OldestTicks">When the oldest of them became ready, UTC ticks; 0 for none.</param>
/// <param name="Dead">Chunks that no retry can store.</param>
public readonly record struct StreamFill(int Waiting, long OldestTicks, int Dead)
{
    /// <summary>How long the oldest chunk has waited; zero when none waits.</summary>
    /// <param name="now">The time.</param>
    public TimeSpan OldestAge(DateTimeOffset now) =>
        OldestTicks > 0 && now.UtcTicks > OldestTicks ? TimeSpan.FromTicks(now.UtcTicks - OldestTicks) : TimeSpan.Zero;

    /// <summary>Counts one file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="ready">The folder of ready chunks.</param>
    /// <param name="dead">The folder of dead ones.</param>
    internal StreamFill With(FileInfo file, string ready, string dead)
    {
        if (file.Extension != ".json" || !ChunkFiles.TryParseManifestName(file.FullName, out _, out _)) return this;
        if (file.DirectoryName == dead) return this with { Dead = Dead + 1 };
        if (file.DirectoryName != ready) return this;
        var ticks = file.LastWriteTimeUtc.Ticks;
        return this with { Waiting = Waiting + 1, OldestTicks = OldestTicks == 0 ? ticks : Math.Min(OldestTicks, ticks) };
    }
}
