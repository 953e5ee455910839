namespace Crispy.AppHost;

/// <summary>The folder that holds all data of a run, video and keys among it. It is its owner's alone, and locked against a second run on
/// the same machine.</summary>
public sealed class DataFolder : IDisposable
{
    private const int MostRuns = 100;

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held) => (Path, _lock) = (path, held);

    /// <summary>Full path of the folder.</summary>
    public string Path { get; }

    /// <summary>Takes the folder that was asked for, or the first free one of <c>run</c>, <c>run-2</c>, ...
    /// under a default parent.</summary>
    /// <exception cref="IOException">It is in use, or cannot be written; the message names it.</exception>
    public static DataFolder Take(string? asked, string defaultParent)
    {
        if (asked is not null)
        {
            var path = System.IO.Path.GetFullPath(asked);
            return TryTake(path) ?? throw new IOException($"--data {path} is in use by another run");
        }
        for (var run = 1; run <= MostRuns; run++)
        {
            if (TryTake(System.IO.Path.Combine(defaultParent, run == 1 ? "run" : $"run-{run}")) is { } folder) return folder;
        }
        throw new IOException($"{MostRuns} runs at once in {defaultParent}: name a folder with --data");
    }

    /// <inheritdoc />
    public void Dispose() => _lock.Dispose();

    /// <summary>A folder below it, made if it is not there, and its owner's alone.</summary>
    public string Below(string name)
    {
        var path = System.IO.Path.Combine(Path, name);
        PrivateFolder.Make(path);
        return path;
    }

    private static DataFolder? TryTake(string path)
    {
        try
        {
            if (PrivateFolder.Make(path) is { } open) Console.Error.WriteLine($"crispy: {open}");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"--data {path} cannot be used: {refused.Message}", refused);
        }
        try
        {
            return new(path, new(System.IO.Path.Combine(path, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException($"--data {path} cannot be written: {refused.Message}", refused);
        }
        catch (IOException) when (Directory.Exists(path))
        {
            return null;
        }
    }
}
