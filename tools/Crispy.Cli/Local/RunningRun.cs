using Crispy.Cli.Api;

namespace Crispy.Cli.Local;

/// <summary>Local runs (<c>crispy up</c>) note the addresses of what they started in their data folder, for as long as they last.</summary>
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

    /// <summary>The API of the run that was started last in this clone; null where none runs.</summary>
    public static ApiAddress? Newest()
    {
        if (Repository.Find() is not { } root || Path.Combine(root, "artifacts") is var artifacts && !Directory.Exists(artifacts)) return null;
        return Directory.EnumerateDirectories(artifacts, "run*").SelectMany(folder => Notes.Select(name => Path.Combine(folder, name))).Where(File.Exists)
            .OrderByDescending(File.GetLastWriteTimeUtc).Select(note => In(Path.GetDirectoryName(note)!)).FirstOrDefault(address => address is not null);
    }

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
