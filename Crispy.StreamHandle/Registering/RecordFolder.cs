using Crispy.Spool;

namespace Crispy.StreamHandle.Registering;

/// <summary>The folder <c>.streams</c> of a spool: a file for each <see cref="StreamRecord"/>. Addresses hold passwords, so only the owner
/// can read them (mode 0600 in 0700).</summary>
internal sealed class RecordFolder(SpoolLayout spool, ILogger log)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path = Path.Combine(spool.Root, ".streams");

    /// <summary>All records that can be read. One that cannot is told and left as it is.</summary>
    public IEnumerable<StreamRecord> Read()
    {
        if (!Directory.Exists(_path)) yield break;
        foreach (var file in Directory.EnumerateFiles(_path, "*.json").Order(StringComparer.Ordinal))
            if (TryRead(file) is { } record) yield return record;
    }

    /// <summary>Writes a record, durably.</summary>
    /// <exception cref="IOException">The disk does not take it: the one before stays.</exception>
    public void Write(StreamRecord record)
    {
        if (!Directory.Exists(_path))
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(_path);
            else Directory.CreateDirectory(_path, Private | UnixFileMode.UserExecute);
            DurableFile.SyncFolder(spool.Root);
        }
        DurableFile.Write(Path.Combine(_path, $"{record.Id}.json"), record.ToJson(), Private);
        DurableFile.SyncFolder(_path);
    }

    private StreamRecord? TryRead(string file)
    {
        try
        {
            var record = StreamRecord.Parse(File.ReadAllBytes(file));
            return record.Id == Path.GetFileNameWithoutExtension(file)
                ? record
                : throw new FormatException($"it is the record of '{record.Id}'");
        }
        catch (Exception unreadable) when (unreadable is FormatException or IOException or UnauthorizedAccessException)
        {
            Log.RecordUnreadable(log, file, unreadable.Message);
            return null;
        }
    }
}
