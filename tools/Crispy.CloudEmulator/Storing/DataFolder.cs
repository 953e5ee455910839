namespace Crispy.CloudEmulator.Storing;

/// <summary>
/// Where everything lies: <c>bucket/</c> (the objects, nothing else), <c>meta/</c> (the ledger), <c>uploads/</c> (what is not
/// yet an object). Held by one process at a time.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _held;

    /// <exception cref="OptionException">It cannot be made or written, or another emulator runs on it.</exception>
    public DataFolder(string root)
    {
        root = Path.GetFullPath(root);
        Buckets = Path.Combine(root, "bucket");
        Uploads = Path.Combine(root, "uploads");
        var meta = Path.Combine(root, "meta");
        try
        {
            foreach (var folder in (string[])[Buckets, Uploads, meta]) Directory.CreateDirectory(folder);
            _held = new FileStream(Path.Combine(meta, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OptionException($"--data '{root}' cannot be used: {error.Message}");
        }
        Ledger = Path.Combine(meta, "ledger.db");
    }

    public string Buckets { get; }

    public string Uploads { get; }

    /// <summary>The ledger's file.</summary>
    public string Ledger { get; }

    public string SessionFile(string session) => Path.Combine(Uploads, $"{session}.session");

    public void Dispose() => _held.Dispose();
}
