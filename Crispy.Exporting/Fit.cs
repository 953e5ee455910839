namespace Crispy.Exporting;

/// <summary>What becomes of a range's sound.</summary>
public enum SoundPolicy
{
    /// <summary>Its packets are taken along as they are.</summary>
    Keep,

    /// <summary>It is left out.</summary>
    Drop,

    /// <summary>It is re-encoded as AAC, which every container holds; no packet of the video is changed.</summary>
    Aac,
}

/// <summary>Whether a container can hold what a chunk has.</summary>
public static class Fit
{
    // ffmpeg puts any codec into a transport stream; these have a stream type there that players know.
    private static readonly string[] InTransportStreams = ["aac", "aac_latm", "mp2", "mp3", "ac3", "eac3", "dts", "truehd", "opus",
        "s302m"];

    private static readonly Dictionary<string, string> Known =
        new(StringComparer.Ordinal) { ["pcm_alaw"] = " (G.711 A-law)", ["pcm_mulaw"] = " (G.711 µ-law)" };

    /// <summary>A codec's name, and what people call it.</summary>
    public static string NameOf(string codec) => $"{codec}{Known.GetValueOrDefault(codec)}";

    /// <summary>Whether a container holds the sound of a chunk.</summary>
    /// <param name="tools">ffmpeg.</param>
    /// <param name="file">The chunk.</param>
    /// <param name="codec">Its sound's codec.</param>
    /// <param name="muxer">The container, by ffmpeg's name (<see cref="Joiner.Muxers"/>).</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<bool> HoldsSoundAsync(FfmpegTools tools, string file, string codec, string muxer,
        CancellationToken cancellation) =>
        muxer == "mpegts" ? InTransportStreams.Contains(codec, StringComparer.Ordinal)
            : await HoldsAsync(tools, file, "0:a:0", muxer, cancellation).ConfigureAwait(false);

    /// <summary>Whether a container holds the video of a chunk.</summary>
    /// <inheritdoc cref="HoldsSoundAsync"/>
    public static Task<bool> HoldsVideoAsync(FfmpegTools tools, string file, string muxer, CancellationToken cancellation) =>
        HoldsAsync(tools, file, "0:V:0", muxer, cancellation);

    // Which codecs a container takes differs by ffmpeg's version: it is tried with the one that will write it.
    private static async Task<bool> HoldsAsync(FfmpegTools tools, string file, string track, string muxer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(tools);
        var tried = $"{file}.tried";
        try
        {
            string[] arguments = ["-v", "error", "-nostdin", "-i", file, "-map", track, "-c", "copy", "-t", "1", "-f", muxer, tried];
            await tools.RunAsync("ffmpeg", arguments, null, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (ExportException refused) when (refused is not MissingProgramException)
        {
            return false;
        }
        finally
        {
            File.Delete(tried);
        }
    }
}
