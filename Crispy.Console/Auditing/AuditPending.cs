using System.Text.Json;
using Crispy.Spool;

namespace Crispy.Console.Auditing;

/// <summary>What was begun and has no entry yet: a file each, written before it is done. A process that ends in between finds it at its
/// next start. The file keeps some room, so that its end can be written on a full disk.</summary>
internal sealed class AuditPending
{
    // What a status adds, and more.
    private const int Room = 64;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder;

    /// <param name="folder">The log's folder.</param>
    public AuditPending(string folder)
    {
        _folder = Path.Combine(folder, "pending");
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(_folder);
        else Directory.CreateDirectory(_folder, OwnerOnly | UnixFileMode.UserExecute);
    }

    /// <summary>Keeps what begins.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Begin(AuditEntry entry)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(entry, ApiJson.Options);
        DurableFile.Write(PathOf(entry), [.. json, .. Enumerable.Repeat((byte)' ', Room)], OwnerOnly);
        DurableFile.SyncFolder(_folder);
    }

    /// <summary>Keeps how it ended, for the time until the log takes it: in the place that it has on the disk.</summary>
    public void End(AuditEntry entry)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(entry, ApiJson.Options);
        try
        {
            using var file = File.OpenHandle(PathOf(entry), FileMode.Open, FileAccess.Write);
            var padding = Math.Max(0, (int)(RandomAccess.GetLength(file) - json.Length));
            RandomAccess.Write(file, [.. json, .. Enumerable.Repeat((byte)' ', padding)], 0);
            RandomAccess.FlushToDisk(file);
        }
        catch (IOException)
        {
            // It is in memory still; after a kill it counts as begun, with an end that nobody knows.
        }
    }

    /// <summary>The log has it.</summary>
    public void Forget(AuditEntry entry)
    {
        try
        {
            File.Delete(PathOf(entry));
        }
        catch (IOException)
        {
            // The next start finds its id in the log.
        }
    }

    /// <summary>What has no entry yet, oldest first. Files that were never whole are deleted: what they were of was not begun.</summary>
    public IReadOnlyList<AuditEntry> Read()
    {
        foreach (var half in Directory.EnumerateFiles(_folder, "*.new")) File.Delete(half);
        return [.. Directory.EnumerateFiles(_folder, "*.json").Select(Read).OfType<AuditEntry>().OrderBy(entry => entry.At)];
    }

    private static AuditEntry? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<AuditEntry>(File.ReadAllBytes(path), ApiJson.Options);
        }
        catch (JsonException)
        {
            File.Move(path, path + ".unreadable", overwrite: true);
            return null;
        }
    }

    private string PathOf(AuditEntry entry) => Path.Combine(_folder, $"{entry.Id}.json");
}
