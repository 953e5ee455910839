namespace Crispy.Spool;

/// <summary>Room on the spool's volume that is set aside for loss records and journals:
/// declaring a loss on a full disk needs some.</summary>
public sealed class SpoolReserve(SpoolLayout layout)
{
    /// <summary>Bytes that are set aside.</summary>
    public const int Size = 256 * 1024;

    private readonly string _path = Path.Combine(layout.Root, ".reserve");

    /// <summary>Bytes that it takes now.</summary>
    public long Bytes => new FileInfo(_path) is { Exists: true } file ? file.Length : 0;

    /// <summary>Gives the room up.</summary>
    public void GiveUp() => File.Delete(_path);

    /// <summary>Sets the room aside, where it is not yet.</summary>
    /// <exception cref="IOException">There is no room.</exception>
    public void SetAside()
    {
        if (!File.Exists(_path))
            using (File.OpenHandle(_path, FileMode.CreateNew, FileAccess.Write, preallocationSize: Size)) { }
    }
}
