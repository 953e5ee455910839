using System.Globalization;

namespace Crispy.Spool;

/// <summary>
/// The files in <c>open/</c> of a stream, run by run. The segment that a killed writer left is cut back to its last whole packet. Each step
/// is a rename, so that a crash in between neither loses packets nor keeps them twice. <c>00000006.mkv</c> becomes
/// <c>00000006.mkv.broken</c>. That is copied to <c>.part</c>, which becomes <c>00000006.cut.mkv</c>. Then the broken one goes. Where no
/// packet can be saved the broken file itself becomes <c>.cut</c>.
/// </summary>
public sealed class OpenSegments(string stream, SpoolLayout layout)
{
    private const string Broken = ".broken";
    private const string Part = ".part";
    private const string Cut = ".cut";

    /// <summary>Folders of runs, oldest first.</summary>
    public IReadOnlyList<string> Runs() => [.. Directory.GetDirectories(layout.Open(stream)).Order(StringComparer.Ordinal)];

    /// <summary>Makes a run's folder.</summary>
    /// <returns>Its path.</returns>
    public string Begin(string run) => Directory.CreateDirectory(Path.Combine(layout.Open(stream), run)).FullName;

    /// <summary>Whether a file is what could be saved of a segment.</summary>
    public static bool IsCut(string path) => Path.GetFileNameWithoutExtension(path).EndsWith(Cut, StringComparison.Ordinal);

    /// <summary>Segments in a run's folder, in order.</summary>
    public static IReadOnlyList<string> In(string folder) => [.. ChunkFiles.VideosIn(folder).Order(StringComparer.Ordinal)];

    /// <summary>Notes that a segment is not whole.</summary>
    public static void MarkBroken(string segment) => File.Move(segment, segment + Broken);

    /// <summary>Segments that are not whole and were not cut back yet. What was saved before a crash is not saved again.</summary>
    public static IReadOnlyList<string> BrokenIn(string folder)
    {
        foreach (var broken in Directory.GetFiles(folder, $"*{Broken}").Where(broken => File.Exists(CutOf(broken)))) File.Delete(broken);
        return Directory.GetFiles(folder, $"*{Broken}");
    }

    /// <summary>The segment that a broken file was.</summary>
    public static string SegmentOf(string broken) => broken[..^Broken.Length];

    /// <summary>Where what can be saved of a broken segment is written.</summary>
    public static string PartOf(string broken) => SegmentOf(broken) + Part;

    /// <summary>Puts what was saved in the broken segment's place.</summary>
    public static void KeepPart(string broken)
    {
        DurableFile.Sync(PartOf(broken));
        File.Move(PartOf(broken), CutOf(broken));
        DurableFile.SyncFolder(Path.GetDirectoryName(broken)!);
        File.Delete(broken);
    }

    /// <summary>Lets a broken segment, where nothing can be saved, stand for itself: a segment without a frame,
    /// which is declared lost.</summary>
    public static void GiveUp(string broken)
    {
        File.Delete(PartOf(broken));
        File.Move(broken, CutOf(broken));
    }

    /// <summary>Deletes a segment that is settled.</summary>
    public static void Drop(string segment) => File.Delete(segment);

    /// <summary>Deletes a run's folder with all in it: its source is read again.</summary>
    public void DropRun(string run)
    {
        var folder = Path.Combine(layout.Open(stream), run);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Deletes a run's folder where nothing is left in it.</summary>
    public static void DeleteEmpty(string folder)
    {
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
    }

    /// <summary>Where a file whose sequence number was never used becomes a segment again. That is in its run, which is made, in front of
    /// the segments that were not taken yet ('-' sorts before digits).</summary>
    internal static string TakenBack(SpoolLayout layout, string stream, StreamJournal journal, long sequence, string container) =>
        Path.Combine(new OpenSegments(stream, layout).Begin(journal.Run ?? "unknown"),
            $"-{sequence.ToString("D15", CultureInfo.InvariantCulture)}.{container}");

    private static string CutOf(string broken) => Path.ChangeExtension(SegmentOf(broken), $"{Cut}{Path.GetExtension(SegmentOf(broken))}");
}
