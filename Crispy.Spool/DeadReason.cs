using System.Text.Json;

namespace Crispy.Spool;

/// <summary>Why a chunk is dead: the file <c>&lt;epoch&gt;-&lt;sequence&gt;.reason.json</c> beside it in <c>dead/</c>, as in
/// <c>{"chunk":"gate/20261122T170844123Z/00000042","reason":"damaged","error":"the file has 7 bytes, the manifest says
/// 9","at":"2026-11-22T17:10:00+00:00","object":"gate/..."}</c>.</summary>
/// <param name="Chunk">The chunk's id.</param>
/// <param name="Reason">The kind of failure: one of this type's constants.</param>
/// <param name="Error">The last error, in one line.</param>
/// <param name="At">When it was put aside, UTC.</param>
/// <param name="Object">The object's name that it would have had, where known.</param>
public sealed record DeadReason(string Chunk, string Reason, string Error, DateTimeOffset At, string? Object = null)
{
    /// <summary>The bucket holds other bytes under the chunk's name; nothing was overwritten.</summary>
    public const string Conflict = "conflict";

    /// <summary>The file is not the one that its manifest describes.</summary>
    public const string Damaged = "damaged";

    /// <summary>There is no file, and the bucket does not hold the chunk.</summary>
    public const string Missing = "missing";

    /// <summary>A path in the spool is a symbolic link.</summary>
    public const string Link = "link";

    /// <summary>The message is no chunk's.</summary>
    public const string Invalid = "invalid";

    /// <summary>What is shown where a reason cannot be read.</summary>
    public const string Unknown = "unknown";

    /// <summary>The reasons that a worker gives.</summary>
    public static IReadOnlyList<string> All { get; } = [Conflict, Damaged, Missing, Link, Invalid];

    /// <summary>Path of the reason beside a manifest.</summary>
    public static string PathBeside(string manifest) => Path.ChangeExtension(manifest, ".reason.json");

    /// <summary>Reads a reason.</summary>
    /// <returns>Null where there is no file; <see cref="Unknown"/> where it is not readable.</returns>
    public static DeadReason? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<DeadReason>(File.ReadAllBytes(path), JsonSerializerOptions.Web) is { Reason: not null,
                Error: not null } reason ? reason : Unreadable(path);
        }
        catch (JsonException)
        {
            return Unreadable(path);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Writes it, durably once the folder is synced.</summary>
    public void Write(string path) => DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web));

    private static DeadReason Unreadable(string path) =>
        new("", Unknown, "its .reason.json is not readable", new(File.GetLastWriteTimeUtc(path), TimeSpan.Zero));
}
