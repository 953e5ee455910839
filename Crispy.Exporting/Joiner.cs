using System.Globalization;
using System.Text;
using Crispy.Contracts;

namespace Crispy.Exporting;

/// <summary>A chunk's file with what is known of it.</summary>
/// <param name="Chunk">The chunk.</param>
/// <param name="Name">The file's path within the folder of all of them: letters, digits, <c>-</c>, <c>.</c>, <c>_</c> and <c>/</c>.</param>
/// <param name="Facts">What ffmpeg sees in it.</param>
public sealed record Piece(ExportChunk Chunk, string Name, ChunkFacts Facts)
{
    /// <summary>All that one file can hold one of.</summary>
    public string Picture => Facts.Picture + (Chunk.Rotation == 0 ? "" : $", turned by {Chunk.Rotation}")
        + (Chunk.Sar is null ? "" : $", pixels {Chunk.Sar}");
}

/// <summary>Joins chunks into one file without touching a packet. Each chunk lies as far from the first as their clocks say,
/// so that a gap stays a gap.</summary>
/// <param name="tools">ffmpeg.</param>
public sealed class Joiner(FfmpegTools tools)
{
    private const string ListName = "list.ffconcat";

    /// <summary>The containers that are written, by extension.</summary>
    public static readonly IReadOnlyDictionary<string, string> Muxers = new Dictionary<string, string>(
        StringComparer.OrdinalIgnoreCase) { [".mp4"] = "mp4", [".mov"] = "mov", [".mkv"] = "matroska", [".ts"] = "mpegts" };

    /// <summary>Joins.</summary>
    /// <param name="pieces">By time; all with the same picture.</param>
    /// <param name="folder">Where they are.</param>
    /// <param name="output">The file, which must not be there.</param>
    /// <param name="sound">What becomes of their sound.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>How far the place of a chunk is from its clock at most.</returns>
    /// <exception cref="ExportException">It cannot be done.</exception>
    public async Task<TimeSpan> JoinAsync(IReadOnlyList<Piece> pieces, string folder, string output, SoundPolicy sound,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        if (pieces.FirstOrDefault(piece => piece.Picture != pieces[0].Picture) is { } other) throw OtherPicture(pieces[0], other);
        var (list, off) = List(pieces);
        await File.WriteAllTextAsync(Path.Combine(folder, ListName), list, cancellation).ConfigureAwait(false);
        var muxer = Muxers[Path.GetExtension(output)];
        var first = pieces[0].Chunk;
        var turns = muxer == "mpegts" ? 0 : first.Rotation;
        string[] format = muxer switch
        {
            "mp4" or "mov" => ["-movflags", "+faststart"],
            "matroska" when turns != 0 => Orientation.MatroskaOptions,
            _ => [],
        };
        // Apple's players want the parameter sets of H.265 outside of the pictures.
        string[] tag = muxer is "mp4" or "mov" && pieces[0].Facts.Picture.StartsWith("hevc ", StringComparison.Ordinal)
            ? ["-tag:v", "hvc1"]
            : [];
        string[] audio = sound == SoundPolicy.Drop ? ["-an"] : ["-map", "0:a:0?"];
        // A hole in sound that is encoded stays a hole: it is filled with silence, so that what follows stays beside its pictures.
        string[] encoder = sound == SoundPolicy.Aac ? ["-c:a", "aac", "-af", "aresample=async=1"] : [];
        // Where the parameter sets differ, ffmpeg puts them in front of each chunk, so that all can be decoded. Where they do not, no byte
        // of a packet is changed.
        string[] asIs = pieces.All(piece => piece.Facts.Parameters == pieces[0].Facts.Parameters) ? ["-auto_convert", "0"] : [];
        // Timestamps as they are: by default a step of more than 30 hours is taken for an error.
        await tools.RunAsync("ffmpeg",
            ["-v", "error", "-nostdin", "-copyts", "-dts_error_threshold", "100000000", "-f", "concat", .. asIs, "-i", ListName, "-map",
            "0:V:0", .. audio, "-c", "copy", .. encoder, .. PixelShape.Options(pieces[0].Facts.Picture, first.Sar), .. tag, .. format, "-f",
            muxer, output], folder, cancellation)
            .ConfigureAwait(false);
        // How a picture must be turned, ffmpeg tells differently in each version, and not at all for a transport stream.
        if (muxer is "mp4" or "mov") await Orientation.TurnMp4Async(output, turns, cancellation).ConfigureAwait(false);
        else if (muxer == "matroska" && turns != 0) await Orientation.TurnMatroskaAsync(output, turns, cancellation).ConfigureAwait(false);
        return off;
    }

    /// <summary>Counts a file's video frames.</summary>
    public async Task<long> FramesAsync(string file, CancellationToken cancellation)
    {
        var count = await tools.RunAsync("ffprobe",
            ["-v", "error", "-select_streams", "v:0", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", file],
            null, cancellation)
            .ConfigureAwait(false);
        return long.Parse(count.Trim().Split('\n')[0].TrimEnd(','), CultureInfo.InvariantCulture);
    }

    private static ExportException OtherPicture(Piece first, Piece other) => new(
        $"the picture changes at {Instants.Format(other.Chunk.From)} from {first.Picture} to {other.Picture}, and a file holds one: export "
            + $"the parts, one to {Instants.Format(other.Chunk.From)} and one from there");

    // ffmpeg's list of files. A file begins where the one before it began plus that one's "duration", at its earliest packet:
    //   ffconcat version 1.0
    //   file '000000.mkv'
    //   duration 3.000000
    private static (string List, TimeSpan Off) List(IReadOnlyList<Piece> pieces)
    {
        var list = new StringBuilder("ffconcat version 1.0\n");
        var (places, off) = Places(pieces);
        foreach (var (index, piece) in pieces.Index())
        {
            list.Append(CultureInfo.InvariantCulture, $"file '{piece.Name}'\n");
            if (index + 1 < pieces.Count)
                list.Append(CultureInfo.InvariantCulture, $"duration {Instants.Seconds(places[index + 1] - places[index]):0.000000}\n");
        }
        return (list.ToString(), off);
    }

    // A camera's media may run a little longer than our clock says; then the next chunk waits for its end, since timestamps never go back.
    private static (TimeSpan[] Places, TimeSpan Off) Places(IReadOnlyList<Piece> pieces)
    {
        var (places, off) = (new TimeSpan[pieces.Count], TimeSpan.Zero);
        var (first, end) = (pieces[0], pieces[0].Facts.Lead);
        foreach (var (index, (chunk, _, facts)) in pieces.Index())
        {
            var video = chunk.From - first.Chunk.From + first.Facts.Lead;
            if (end > video) (off, video) = (end - video > off ? end - video : off, end);
            places[index] = video - facts.Lead;
            end = video + chunk.Duration;
        }
        return (places, off);
    }
}
