using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Crispy.Archive.Listing;
using Crispy.Archive.Playing;
using Crispy.Contracts;
using Crispy.Media;
using Microsoft.Extensions.Logging;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Pictures;

/// <summary>Shows the first keyframe of chunks, small, from as little of the object as holds it.</summary>
internal sealed class PictureReader(Bucket bucket, Places places, Ffmpeg ffmpeg, DiskCache cache, TimeProvider time, ILogger<PictureReader> logger)
{
    /// <summary>Pixels of a row that a picture may have: a few, so that nobody fills the cache with every number.</summary>
    public static readonly int[] Widths = [320, 640, 1280];

    // Most keyframes lie within the first of these, in bytes; the last is the most that is read for a picture.
    private static readonly long[] Heads = [256 << 10, 2 << 20, 32 << 20];

    // A page of hundreds of tiles asks for the newest of each again and again.
    private static readonly TimeSpan NewestKept = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, GcsObject? Found)> _newest = new(StringComparer.Ordinal);

    /// <summary>The chunk that shows an instant, or the newest.</summary>
    /// <returns>Null where nothing was recorded then.</returns>
    public async Task<GcsObject?> FindAsync(string stream, DateTimeOffset? at, CancellationToken cancellation)
    {
        if (at is null) return await NewestAsync(stream, cancellation).ConfigureAwait(false);
        var found = await places.LastBeforeAsync(stream, at.Value.AddMilliseconds(1), cancellation).ConfigureAwait(false);
        return ObjectReading.ManifestOrNull(ChunkMetadata.ManifestBytes(found?.Metadata)) is { } manifest && manifest.From <= at.Value.AddMilliseconds(1) && manifest.To > at ? found : null;
    }

    /// <summary>The entity tag of a chunk's picture.</summary>
    public static string ETagOf(GcsObject found, int width) =>
        $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key(found, width))))[..32]}\"";

    /// <summary>Makes the picture, or takes it from the cache.</summary>
    /// <returns>JPEG; null where there is none to be seen in the chunk.</returns>
    public async Task<byte[]?> ReadAsync(GcsObject found, int width, CancellationToken cancellation)
    {
        var file = await cache.OpenAsync(Key(found, width), (destination, token) => MakeAsync(found, width, destination, token), cancellation)
            .ConfigureAwait(false);
        if (file is null) return null;
        await using (file.ConfigureAwait(false))
        {
            var jpeg = new byte[file.Length];
            await file.ReadExactlyAsync(jpeg, cancellation).ConfigureAwait(false);
            return jpeg;
        }
    }

    private static string Key(GcsObject found, int width) =>
        string.Create(CultureInfo.InvariantCulture, $"picture/2 {width} {found.Name}#{found.Generation}");

    private async Task<GcsObject?> NewestAsync(string stream, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (_newest.TryGetValue(stream, out var known) && now - known.At < NewestKept) return known.Found;
        var found = await places.NewestAsync(stream, now, cancellation).ConfigureAwait(false);
        _newest[stream] = (now, found);
        return found;
    }

    private async Task<bool> MakeAsync(GcsObject found, int width, Stream destination, CancellationToken cancellation)
    {
        if (!ObjectName.TryParse(found.Name, out var name)) return false;
        var shape = PictureShape.Of(found);
        using var head = new MemoryStream();
        var size = (long)(found.Size ?? 0);
        FfmpegEnd? end = null;
        foreach (var wanted in Heads)
        {
            if (head.Length >= size || !await bucket.DownloadAsync(found.Name!, found.Generation, head, new RangeHeaderValue(head.Length, Math.Min(wanted, size) - 1), cancellation).ConfigureAwait(false)) break;
            // A transport stream does not tell where a picture ends but by the next one's beginning: half a picture would be shown.
            if (name.Extension == ChunkContainer.TransportStream && head.Length < size && !HoldsTwo(head)) continue;
            using var jpeg = new MemoryStream();
            end = await ffmpeg.RunAsync((input, token) => input.WriteAsync(head.GetBuffer().AsMemory(0, (int)head.Length), token).AsTask(), 0, _ => Arguments(name.Extension, shape, width), jpeg, cancellation).ConfigureAwait(false);
            if (jpeg.Length == 0) continue;
            jpeg.Position = 0;
            await jpeg.CopyToAsync(destination, cancellation).ConfigureAwait(false);
            return true;
        }
        Log.ObjectUnplayable(logger, found.Name!, end?.Errors ?? "it is empty or gone");
        return false;
    }

    private static bool HoldsTwo(MemoryStream head)
    {
        using var bytes = new MemoryStream(head.GetBuffer(), 0, (int)head.Length, writable: false);
        return ChunkReader.Read(bytes).Frames >= 2;
    }

    // Damaged frames are thrown away: what the head cuts off is one.
    private static string[] Arguments(string container, PictureShape? shape, int width) =>
        ["-threads", "1", "-fflags", "+discardcorrupt", "-skip_frame", "nokey", .. shape is null ? (string[])[] : ["-noautorotate"],
            "-f", Remuxer.InputFormat(container), "-i", "pipe:0", "-map", "0:v:0", "-frames:v", "1",
            "-vf", PictureShape.Filter(shape, width), "-q:v", "4", "-c:v", "mjpeg", "-f", "image2pipe", "pipe:1"];
}
