namespace Crispy.Testing;

/// <summary>A volume of its own that can be filled: a tmpfs.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private const int BlockSize = 4096;

    private readonly TempFolder _folder = new();

    private SmallDisk()
    {
    }

    public string Path => _folder.Path;

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Mounts one; skips the test where that is not permitted.</summary>
    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        var disk = new SmallDisk();
        if (!OperatingSystem.IsLinux()) Assert.Skip("needs a tmpfs, which only Linux has");
        var (exitCode, _, error) = await Command.TryAsync("mount", ["-t", "tmpfs", "-o", $"size={megabytes}m", "crispy-test", disk.Path]);
        if (exitCode == 0) return disk;
        disk._folder.Dispose();
        Assert.Skip($"a tmpfs cannot be mounted here: {error}");
        return disk;
    }

    /// <summary>Somebody else takes all the space but some blocks of 4 KiB: a tmpfs gives out nothing smaller.</summary>
    public void Fill(int blocksLeft = 0)
    {
        using var filler = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, 1);
        var block = new byte[BlockSize];
        try
        {
            while (true) filler.Write(block);
        }
        catch (IOException)
        {
            filler.SetLength(Math.Max(0, filler.Length - blocksLeft * BlockSize));
        }
    }

    public void Empty() => File.Delete(Filler);

    public async ValueTask DisposeAsync()
    {
        await Command.TryAsync("umount", ["-l", Path]);
        _folder.Dispose();
    }
}
