namespace Crispy.AppHost;

/// <summary>A run without room fails at its start, by name, and not somewhere in the middle.</summary>
public static class DiskSpace
{
    private const long Least = 64L << 20;

    /// <summary>Checks that a folder's volume has room to begin with.</summary>
    /// <exception cref="IOException">It has less than 64 MiB.</exception>
    public static void Require(string folder)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < Least)
            throw new IOException($"no free disk: {free >> 20} MiB left for --data {folder}, at least {Least >> 20} are needed");
    }
}
