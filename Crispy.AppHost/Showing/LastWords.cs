using Crispy.Spool;

namespace Crispy.AppHost.Showing;

/// <summary>What a run that has ended leaves on disk, for people.</summary>
internal static class LastWords
{
    /// <summary>Says it.</summary>
    /// <param name="spool">The spool's folder.</param>
    public static string Of(string spool)
    {
        var layout = new SpoolLayout(spool);
        var (waiting, bytes, open, dead) = (0L, 0L, 0L, 0L);
        foreach (var stream in layout.Streams())
        {
            foreach (var manifest in Files(() => layout.ReadyManifests(stream)))
            {
                // A manifest without its video is that of a chunk that the bucket has.
                var videos = Videos(manifest);
                if (videos.Count == 0) continue;
                waiting++;
                bytes += videos.Sum(Length);
            }
            open += Files(() => Directory.Exists(layout.Open(stream))
                ? Directory.EnumerateFiles(layout.Open(stream), "*", SearchOption.AllDirectories) : []).Count(file => Length(file) > 0);
            dead += Files(() => layout.DeadManifests(stream)).Count;
        }
        List<string> words = [];
        if (waiting > 0)
            words.Add($"{Spell.Count(waiting, "chunk")} ({Spell.Bytes(bytes)}) {(waiting == 1 ? "waits" : "wait")} on disk; "
                + $"{(waiting == 1 ? "it is" : "they are")} stored at the next start.");
        if (open > 0)
            words.Add($"{Spell.Count(open, "segment")} that {(open == 1 ? "was" : "were")} being written {(open == 1 ? "is" : "are")} "
                + $"saved at the next start.");
        if (dead > 0) words.Add($"{Spell.Count(dead, "chunk")} {(dead == 1 ? "is" : "are")} dead: crispy dead lists them while it runs.");
        return words.Count > 0 ? string.Join(' ', words) : "Nothing waits on disk: every chunk is stored.";
    }

    private static List<string> Files(Func<IEnumerable<string>> list)
    {
        try
        {
            return [.. list()];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static List<string> Videos(string manifest) =>
        Files(() => Contracts.ChunkContainer.All.Select(container => Path.ChangeExtension(manifest, container)).Where(File.Exists));

    private static long Length(string file)
    {
        try
        {
            return new FileInfo(file).Length;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
