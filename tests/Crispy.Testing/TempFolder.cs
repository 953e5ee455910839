namespace Crispy.Testing;

/// <summary>A new empty folder under the system's temporary folder, deleted with everything in it on dispose.</summary>
public sealed class TempFolder : IDisposable
{
    private const string Memory = "/dev/shm";

    /// <summary>A folder on the disk.</summary>
    public TempFolder() : this(Directory.CreateTempSubdirectory("crispy-").FullName)
    {
    }

    private TempFolder(string path) => Path = path;

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>A folder in memory, where the system has a place for such; else on the disk.</summary>
    public static TempFolder InMemory() =>
        Directory.Exists(Memory)
        ? new(Directory.CreateDirectory(System.IO.Path.Combine(Memory, $"crispy-{Guid.NewGuid():N}")).FullName)
        : new();

    /// <summary>A path below the folder; nothing is created.</summary>
    public string this[params string[] parts] => System.IO.Path.Combine([Path, .. parts]);

    /// <inheritdoc />
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A server that is still closing its files may add one while we delete: the system clears its temporary folder.
        }
    }
}
