using Crispy.Contracts;
using Crispy.Exporting;
using Crispy.Media;
using Microsoft.Extensions.Logging;

namespace Crispy.Archive.Playing;

/// <summary>Turns chunks into fragmented MP4 without touching their pictures, once each.</summary>
internal sealed class Remuxer(ChunkSource source, Ffmpeg ffmpeg, DiskCache cache, ILogger<Remuxer> logger)
{
    // Enough for the headers of a chunk of any container.
    private const int HeadBytes = 64 * 1024;

    // What browsers play within MP4; anything else, such as a camera's G.711, becomes AAC.
    private static readonly string[] AudioKept = ["aac", "mp3", "opus", "flac"];

    /// <summary>Opens a chunk as ffmpeg's MP4 muxer writes it.</summary>
    /// <returns>Null where the chunk is nowhere, or ffmpeg makes nothing of it.</returns>
    /// <exception cref="InvalidDataException">What it made is no fragmented MP4.</exception>
    public async Task<FragmentedMp4?> OpenAsync(ObjectName name, CancellationToken cancellation)
    {
        if (await source.FindAsync(name, cancellation).ConfigureAwait(false) is not { } chunk) return null;
        var file = await cache.OpenAsync($"remuxed/2 {chunk.Key}", (made, token) => RemuxAsync(chunk, name.Extension, made, token),
            cancellation).ConfigureAwait(false);
        return file is null ? null : await FragmentedMp4.ReadAsync(file, chunk.Rotation, cancellation).ConfigureAwait(false);
    }

    private async Task<bool> RemuxAsync(PlayableChunk chunk, string container, Stream file, CancellationToken cancellation)
    {
        var end = await ffmpeg.RunAsync(chunk.CopyAsync, HeadBytes, head => Arguments(container, chunk, head), file, cancellation)
            .ConfigureAwait(false);
        if (end.ExitCode == 0 && file.Length > 0) return true;
        Log.ObjectUnplayable(logger, chunk.Name, end.Errors);
        return false;
    }

    private static string[] Arguments(string container, PlayableChunk chunk, byte[] head)
    {
        HeadReader.TryRead(head, out var media);
        string[] audio = media?.AudioCodec switch
        {
            { } codec when !AudioKept.Contains(codec) => ["-c:a", "aac", "-b:a", "96k"],
            // A transport stream has it in ADTS frames.
            "aac" when container == ChunkContainer.TransportStream => ["-bsf:a", "aac_adtstoasc"],
            _ => [],
        };
        // Apple's players want the parameter sets of H.265 outside of the pictures only.
        string[] tag = media?.Video.Codec == "hevc" ? ["-tag:v", "hvc1"] : [];
        // A fragment a keyframe, so that ffmpeg holds no more than a GOP in memory; edit lists, so that sound and picture stay together.
        return ["-f", InputFormat(container), "-i", "pipe:0", "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", .. audio, .. tag,
            .. PixelShape.Options(chunk.Size.Width, chunk.Size.Height, chunk.Sar),
            "-avoid_negative_ts", "disabled", "-f", "mp4", "-movflags", "+delay_moov+default_base_moof+frag_keyframe", "pipe:1"];
    }

    /// <summary>ffmpeg's name of a container's reader: nothing is guessed from bytes that come from outside.</summary>
    public static string InputFormat(string container) => container switch
    {
        ChunkContainer.Mp4 => "mp4",
        ChunkContainer.TransportStream => "mpegts",
        _ => "matroska",
    };
}
