using Crispy.Cli.Api;

namespace Crispy.Cli.Exporting;

/// <summary>What becomes of a range's sound.</summary>
internal enum SoundPolicy
{
    /// <summary>Its packets are taken along as they are.</summary>
    Keep,

    /// <summary>It is left out.</summary>
    Drop,

    /// <summary>It is encoded anew as AAC, which every container holds; no packet of the video is changed.</summary>
    Aac,
}

/// <summary>Whether a container can hold a chunk's sound.</summary>
internal static class Sound
{
    // ffmpeg puts any codec into a transport stream; these have a stream type there that players know.
    private static readonly string[] InTransportStreams = ["aac", "aac_latm", "mp2", "mp3", "ac3", "eac3", "dts", "truehd", "opus",
        "s302m"];

    private static readonly Dictionary<string,
        string> Known = new(StringComparer.Ordinal) { ["pcm_alaw"] = " (G.711 A-law)", ["pcm_mulaw"] = " (G.711 µ-law)" };

    /// <summary>Refuses what the container cannot hold, before a range is fetched.</summary>
    /// <param name="file">A chunk of the range.</param>
    /// <param name="facts">What ffprobe says of it.</param>
    /// <param name="output">The file that is to be written.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="UnableException">It cannot; the message says what can be done.</exception>
    public static async Task RequireAsync(string file, ChunkFacts facts, string output, CancellationToken cancellation)
    {
        if (facts.Sound?.Split(' ')[0] is not { } codec || await IsHeldAsync(file, codec, output, cancellation)) return;
        throw new UnableException($"the sound is {codec}{Known.GetValueOrDefault(codec)}, which {Path.GetExtension(output)} cannot hold: "
            + "--audio aac encodes it, --audio drop leaves it out, and a file that ends in .mkv holds it as it is");
    }

    // Which codecs a container takes differs by ffmpeg's version: it is tried with the one that will write it.
    private static async Task<bool> IsHeldAsync(string file, string codec, string output, CancellationToken cancellation)
    {
        var muxer = Joiner.Muxers[Path.GetExtension(output)];
        if (muxer == "mpegts") return InTransportStreams.Contains(codec, StringComparer.Ordinal);
        var tried = $"{file}.sound{Path.GetExtension(output)}";
        try
        {
            await Ffmpeg.RunAsync("ffmpeg",
                ["-v", "error", "-nostdin", "-i", file, "-map", "0:a:0", "-c", "copy", "-t", "1", "-f", muxer, tried], null, cancellation);
            return true;
        }
        catch (CommandException refused) when (refused is not UnableException)
        {
            return false;
        }
        finally
        {
            File.Delete(tried);
        }
    }
}
