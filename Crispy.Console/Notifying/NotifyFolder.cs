using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Crispy.Spool;

namespace Crispy.Console.Notifying;

/// <summary>The files behind notices. <c>state.json</c> is the <see cref="NotifyMemory"/>; below a folder for each target lie the notices
/// that
/// wait for it, a file each, named by its number. Each is written beside, fsync'd and renamed: a kill leaves the old or the new one.
/// Where files cannot be written notices are sent all the same, which is told once.</summary>
/// <param name="path">The folder; null keeps nothing on disk.</param>
/// <param name="log">Where trouble is told.</param>
internal sealed partial class NotifyFolder(string? path, ILogger log)
{
    private const string Gone = "gone";
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private int _failed;

    /// <summary>Reads what was remembered; an empty memory where nothing was.</summary>
    public NotifyMemory ReadMemory() => Try(() => Read<NotifyMemory>(StateFile)) ?? new();

    /// <summary>Remembers.</summary>
    public void Write(NotifyMemory memory) => Write(StateFile, memory);

    /// <summary>The notices that wait for a target, oldest first; what cannot be read is told and deleted.</summary>
    public IReadOnlyList<NumberedNotice> ReadWaiting(string target)
    {
        var waiting = new List<NumberedNotice>();
        foreach (var file in Files(target))
        {
            if (Try(() => Read<Notice>(file)) is not { } notice) continue;
            if (long.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out var number))
                waiting.Add(new(number, notice));
        }
        return [.. waiting.OrderBy(each => each.Number)];
    }

    /// <summary>Keeps a notice for a target; again, it changes nothing.</summary>
    public void Add(string target, NumberedNotice notice) => Write(FileOf(target, notice.Number), notice.Notice);

    /// <summary>Forgets a notice that its target has, or will not get.</summary>
    public void Remove(string target, long number) => Delete(FileOf(target, number));

    /// <summary>Whether a target once said that it wants no more.</summary>
    public bool IsGone(string target) => path is not null && File.Exists(Path.Combine(path, target, Gone));

    /// <summary>Remembers, or forgets, that a target wants no more.</summary>
    public void SetGone(string target, bool gone)
    {
        if (path is null) return;
        if (gone) Write(Path.Combine(path, target, Gone), true);
        else Delete(Path.Combine(path, target, Gone));
    }

    /// <summary>Deletes what is kept for targets that are no longer configured.</summary>
    /// <returns>How many notices.</returns>
    public int Forget(IReadOnlyCollection<string> targets)
    {
        var count = 0;
        Try(() =>
        {
            if (path is null || !Directory.Exists(path)) return true;
            foreach (var folder in Directory.EnumerateDirectories(path))
            {
                var name = Path.GetFileName(folder);
                if (!TargetName().IsMatch(name) || targets.Contains(name)) continue;
                count += Directory.EnumerateFiles(folder, "*.json").Count();
                Directory.Delete(folder, recursive: true);
            }
            return true;
        });
        return count;
    }

    private string? StateFile => path is null ? null : Path.Combine(path, "state.json");

    private string? FileOf(string target, long number) =>
        path is null ? null : Path.Combine(path, target, number.ToString("x16", CultureInfo.InvariantCulture) + ".json");

    private string[] Files(string target) =>
        path is null ? [] : Try(() => Directory.Exists(Path.Combine(path, target)) ? Directory.GetFiles(Path.Combine(path, target),
            "*.json") : []) ?? [];

    private T? Read<T>(string? file) where T : class
    {
        if (file is null || !File.Exists(file)) return null;
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(file), JsonSerializerOptions.Web);
        }
        catch (JsonException torn)
        {
            Log.NoticeUnreadable(log, file, torn.Message);
            File.Delete(file);
            return null;
        }
    }

    private void Write<T>(string? file, T value)
    {
        if (file is null) return;
        Try(() =>
        {
            var folder = Path.GetDirectoryName(file)!;
            MakePrivate(path!);
            MakePrivate(folder);
            DurableFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web), FileMode);
            DurableFile.SyncFolder(folder);
            _failed = 0;
            return true;
        });
    }

    private void Delete(string? file)
    {
        if (file is null) return;
        Try(() =>
        {
            // A folder that is not there holds no file.
            if (Directory.Exists(Path.GetDirectoryName(file))) File.Delete(file);
            return true;
        });
    }

    // Notices name cameras and say where the system is weak. The mode is that of the last folder alone.
    private static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, FileMode | UnixFileMode.UserExecute);
    }

    private T? Try<T>(Func<T?> action)
    {
        try
        {
            return action();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            if (Interlocked.Exchange(ref _failed, 1) == 0) Log.NoticesNotKept(log, path!, failed.Message);
            return default;
        }
    }

    [GeneratedRegex(@"\A[0-9a-f]{16}(-[0-9]+)?\z")]
    private static partial Regex TargetName();
}
