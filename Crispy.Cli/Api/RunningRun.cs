using Crispy.AppHost;
using Crispy.Cli.Local;

namespace Crispy.Cli.Api;

/// <summary>Local runs (<c>crispy up</c>) note the addresses of what they started in their data folder. They note that folder in a registry
/// of their user's. Both are gone when the run is over.</summary>
internal static class RunningRun
{
    // The console serves the whole API, stream-handle all but the archive; a run with --once has no console.
    private static readonly string[] Notes = ["console.url", "stream-handle.url"];

    /// <summary>The API of the run of a data folder; null where none runs.</summary>
    public static ApiAddress? In(string folder)
    {
        foreach (var note in Notes.Select(name => Path.Combine(folder, name)))
        {
            if (Read(note) is { } url) return new(url, note);
        }
        return null;
    }

    /// <summary>The API of the one run of this user, in any data folder; null where none runs.</summary>
    /// <exception cref="UnableException">Several run: the message names them.</exception>
    public static ApiAddress? Only()
    {
        var runs = new RunRegistry().Running();
        if (runs.Count == 0) return Newest();
        if (runs.Count > 1)
            throw new UnableException(
                $"{runs.Count} runs are there; which one? "
                    + $"{string.Join(", or ", runs.Select(run => $"--data {Quoted(run.Data)}{(run.Api is { } api ? $" ({api})" : "")}"))}");
        return In(runs[0].Data) ?? throw new UnreachableException($"cannot reach the API: the run of {runs[0].Data} is still starting");
    }

    /// <summary>Whether a data folder is some run's at the moment: a run holds its lock.</summary>
    public static bool IsHeld(string folder)
    {
        var file = Path.Combine(folder, ".lock");
        if (!File.Exists(file)) return false;
        try
        {
            using var mine = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    // Where runs could not register, as with a home folder that cannot be written: the newest of this clone.
    private static ApiAddress? Newest()
    {
        if (Repository.Find() is not { } root || Path.Combine(root, "artifacts") is var artifacts && !Directory.Exists(artifacts))
            return null;
        return Directory.EnumerateDirectories(artifacts, "run*").Where(IsHeld)
            .SelectMany(folder => Notes.Select(name => Path.Combine(folder, name))).Where(File.Exists)
            .OrderByDescending(File.GetLastWriteTimeUtc).Select(note => In(Path.GetDirectoryName(note)!))
            .FirstOrDefault(address => address is not null);
    }

    private static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"'{path}'" : path;

    private static Uri? Read(string note)
    {
        try
        {
            return File.Exists(note) && ApiAddress.TryParse(File.ReadAllText(note).Trim(), out var url) ? url : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
