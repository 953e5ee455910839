using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>The two files of one chunk in a folder of the spool.</summary>
/// <param name="Chunk">Path of the video.</param>
/// <param name="Manifest">Path of the manifest with its signature (<see cref="SignedManifest"/>); it comes last, so that the video is there
/// before it. When a chunk is stored, the video goes first. So a manifest that is found without its video after a crash names a chunk that
/// the bucket holds. It is cleared away when its message is handled again.</param>
public readonly record struct ChunkFiles(string Chunk, string Manifest)
{
    /// <summary>What is written behind a manifest's name before the journal knows its chunk.</summary>
    internal const string Pending = ".pending";

    /// <summary>The files of a chunk in a folder.</summary>
    public static ChunkFiles In(string folder, ChunkId id, string container)
    {
        if (!ChunkContainer.IsValid(container)) throw new FormatException($"'{container}' is not a container of chunks");
        return new($"{NameIn(folder, id)}.{container}", ManifestIn(folder, id));
    }

    /// <summary>Path of a chunk's manifest in a folder: it is the same for every container.</summary>
    public static string ManifestIn(string folder, ChunkId id) => $"{NameIn(folder, id)}.json";

    /// <summary>Paths of the videos in a folder, in any container.</summary>
    public static IReadOnlyList<string> VideosIn(string folder) =>
        [.. Directory.EnumerateFiles(folder).Where(path => ChunkContainer.Of(path) is not null)];

    /// <summary>Reads a manifest's file name back, as in <c>20261122T170844123Z-00000042.json</c>.</summary>
    /// <returns>False for any other file, such as a <c>.reason.json</c>.</returns>
    public static bool TryParseManifestName(string path, out string epoch, out long sequence)
    {
        (epoch, sequence) = ("", 0);
        if (Path.GetFileName(path).Split('-', '.') is not [var time, var digits, "json"]) return false;
        if (!Epoch.TryParse(time, out _) || !ChunkId.TryParseDigits(digits, out sequence)) return false;
        epoch = time;
        return true;
    }

    private static string NameIn(string folder, ChunkId id) => Path.Combine(folder, $"{id.Epoch}-{ChunkId.Digits(id.Sequence)}");
}
