using System.Globalization;
using Crispy.Contracts;
using Crispy.Exporting;
using Microsoft.Extensions.Logging;

namespace Crispy.Archive.Playing;

/// <summary>
/// Encodes chunks as H.264 that every browser plays, one by one as they are asked for: there is no session, only the cache. The picture is
/// at most 1280 wide, upright, and its pixels are square. It is for looking; what was recorded and signed stays as it is.
/// </summary>
internal sealed class Converter(ChunkSource source, Ffmpeg ffmpeg, DiskCache cache, ConversionDesk desk, TimeProvider time,
    ILogger<Converter> logger)
{
    /// <summary>The codec of what it makes, as ffmpeg names it.</summary>
    public const string Codec = "h264";

    private const int Widest = 1280;

    // A minute of video on a slow machine; an hour in one chunk is not for looking at.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>Opens a chunk, converted first where it is not yet.</summary>
    /// <returns>Null where the chunk is nowhere, or ffmpeg makes nothing of it.</returns>
    /// <exception cref="ArchiveBusyException">Others have all places, or it takes too long.</exception>
    /// <exception cref="InvalidDataException">What was made is no fragmented MP4.</exception>
    public async Task<FragmentedMp4?> OpenAsync(ObjectName name, string viewer, CancellationToken cancellation)
    {
        if (await source.FindAsync(name, cancellation).ConfigureAwait(false) is not { } chunk) return null;
        var file = await cache.OpenAsync($"converted/1 {chunk.Key}", async (made, token) =>
        {
            using var place = await desk.EnterAsync(viewer, token).ConfigureAwait(false);
            return await ConvertAsync(chunk, name.Extension, made, token).ConfigureAwait(false);
        }, cancellation).ConfigureAwait(false);
        return file is null ? null : await FragmentedMp4.ReadAsync(file, 0, cancellation).ConfigureAwait(false);
    }

    private async Task<bool> ConvertAsync(PlayableChunk chunk, string container, Stream file, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            var end = await ffmpeg.RunAsync(chunk.CopyAsync, 0, _ => Arguments(container, chunk), file, either.Token, isBackground: true)
                .ConfigureAwait(false);
            if (end.ExitCode == 0 && file.Length > 0) return true;
            Log.ObjectUnplayable(logger, chunk.Name, end.Errors);
            return false;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ArchiveBusyException($"Converting a chunk took longer than {Limit.TotalMinutes:0} minutes on this machine.");
        }
    }

    private static string[] Arguments(string container, PlayableChunk chunk)
    {
        var shape = new PictureShape(chunk.Rotation, PixelShape.Parse(chunk.Sar));
        var filter = $"{PictureShape.Upright(shape)}{Scale},format=yuv420p";
        // Threads hold pictures: two of them keep within the memory of a small machine.
        return ["-threads", "2", "-noautorotate", "-fflags", "+discardcorrupt", "-f", Remuxer.InputFormat(container), "-i", "pipe:0",
            "-map", "0:v:0", "-map", "0:a:0?",
            "-vf", filter, "-threads", "2", "-fps_mode", "passthrough", "-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "baseline",
            "-crf", "26", "-maxrate", "4M", "-bufsize", "8M", "-bf", "0",
            "-c:a", "aac", "-b:a", "96k", "-ac", "2", "-avoid_negative_ts", "disabled", "-f", "mp4", "-movflags",
            "+delay_moov+default_base_moof+frag_keyframe", "pipe:1"];
    }

    // Square pixels, even numbers, and neither wider nor higher than that.
    private static readonly string Shown = string.Create(CultureInfo.InvariantCulture, $"min(min({Widest},iw*sar),{Widest}*dar)");
    private static readonly string Scale = $"scale=w='max(2,trunc({Shown}/2)*2)':h='max(2,trunc({Shown}/dar/2)*2)',setsar=1";
}
