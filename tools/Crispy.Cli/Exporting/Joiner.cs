using System.Globalization;
using System.Text;
using Crispy.Cli.Api;
using Crispy.Contracts;

namespace Crispy.Cli.Exporting;

/// <summary>A chunk's file with what is known of it.</summary>
/// <param name="Chunk">The chunk.</param>
/// <param name="Name">The file's name in the folder of all of them: letters and digits.</param>
/// <param name="Facts">What ffmpeg sees in it.</param>
internal sealed record Piece(ChunkAnswer Chunk, string Name, ChunkFacts Facts);

/// <summary>Joins chunks into one file without touching a packet. Each chunk lies as far from the first as their clocks say, so that a gap stays a gap.</summary>
internal static class Joiner
{
    private const string ListName = "list.ffconcat";

    /// <summary>The containers that are written, by extension.</summary>
    public static readonly IReadOnlyDictionary<string, string> Muxers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { [".mp4"] = "mp4", [".mov"] = "mov", [".mkv"] = "matroska", [".ts"] = "mpegts" };

    /// <summary>Joins.</summary>
    /// <param name="pieces">By time; all with the same picture.</param>
    /// <param name="folder">Where they are.</param>
    /// <param name="output">The file, which must not be there.</param>
    /// <param name="sound">What becomes of their sound.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>How far the place of a chunk is from its clock at most.</returns>
    public static async Task<TimeSpan> JoinAsync(IReadOnlyList<Piece> pieces, string folder, string output, SoundPolicy sound,
        CancellationToken cancellation)
    {
        var (list, off) = List(pieces);
        await File.WriteAllTextAsync(Path.Combine(folder, ListName), list, cancellation);
        var muxer = Muxers[Path.GetExtension(output)];
        string[] format = muxer is "mp4" or "mov" ? ["-movflags", "+faststart"] : [];
        // Apple's players want the parameter sets of H.265 outside of the pictures.
        string[] tag = muxer is "mp4" or "mov" && pieces[0].Facts.Picture.StartsWith("hevc ", StringComparison.Ordinal) ? ["-tag:v", "hvc1"] : [];
        string[] audio = sound == SoundPolicy.Drop ? ["-an"] : ["-map", "0:a:0?"];
        // A hole in sound that is encoded stays a hole: it is filled with silence, so that what follows stays beside its pictures.
        string[] encoder = sound == SoundPolicy.Aac ? ["-c:a", "aac", "-af", "aresample=async=1"] : [];
        // Where the parameter sets differ ffmpeg puts them in front of each chunk, so that all can be decoded; where they do not, no byte of a packet is changed.
        string[] asIs = pieces.All(piece => piece.Facts.Parameters == pieces[0].Facts.Parameters) ? ["-auto_convert", "0"] : [];
        // Timestamps as they are: by default a step of more than 30 hours is taken for an error.
        await Ffmpeg.RunAsync("ffmpeg",
            ["-v", "error", "-nostdin", "-copyts", "-dts_error_threshold", "100000000", "-f", "concat", .. asIs, "-i", ListName, "-map",
            "0:V:0", .. audio, "-c", "copy", .. encoder, .. tag, .. format, "-f", muxer, output], folder, cancellation);
        return off;
    }

    /// <summary>Counts a file's video frames.</summary>
    public static async Task<long> FramesAsync(string file, CancellationToken cancellation)
    {
        var count = await Ffmpeg.RunAsync("ffprobe", ["-v", "error", "-select_streams", "v:0", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", file], null, cancellation);
        return long.Parse(count.Trim().Split('\n')[0].TrimEnd(','), CultureInfo.InvariantCulture);
    }

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
            if (index + 1 < pieces.Count) list.Append(CultureInfo.InvariantCulture, $"duration {Instants.Seconds(places[index + 1] - places[index]):0.000000}\n");
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
            end = video + TimeSpan.FromSeconds(chunk.Duration ?? 0);
        }
        return (places, off);
    }
}
