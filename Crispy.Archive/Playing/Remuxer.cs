using System.Globalization;
using Crispy.Archive.Listing;
using Crispy.Contracts;
using Crispy.Media;
using Microsoft.Extensions.Logging;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Playing;

/// <summary>Turns chunks into fragmented MP4 without touching their pictures, once each.</summary>
internal sealed class Remuxer(Bucket bucket, Ffmpeg ffmpeg, DiskCache cache, ILogger<Remuxer> logger)
{
    // Enough for the headers of a chunk of any container.
    private const int HeadBytes = 64 * 1024;

    // What browsers play within MP4; anything else, such as a camera's G.711, becomes AAC.
    private static readonly string[] AudioKept = ["aac", "mp3", "opus", "flac"];

    /// <summary>Opens a chunk as ffmpeg's MP4 muxer writes it (<see cref="FragmentedMp4"/>).</summary>
    /// <returns>Null where the chunk is not in the bucket, or ffmpeg makes nothing of it.</returns>
    public async Task<FileStream?> OpenAsync(ObjectName name, CancellationToken cancellation)
    {
        if (await bucket.GetAsync(name.ToString(), cancellation).ConfigureAwait(false) is not { } found) return null;
        var key = string.Create(CultureInfo.InvariantCulture, $"remuxed/1 {found.Name}#{found.Generation}");
        return await cache.OpenAsync(key, (file, token) => RemuxAsync(found, name.Extension, file, token), cancellation).ConfigureAwait(false);
    }

    private async Task<bool> RemuxAsync(GcsObject found, string container, Stream file, CancellationToken cancellation)
    {
        var end = await ffmpeg.RunAsync((input, token) => bucket.DownloadAsync(found.Name!, found.Generation, input, null, token), HeadBytes,
            head => Arguments(container, head), file, cancellation).ConfigureAwait(false);
        if (end.ExitCode == 0 && file.Length > 0) return true;
        Log.ObjectUnplayable(logger, found.Name!, end.Errors);
        return false;
    }

    private static string[] Arguments(string container, byte[] head)
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
