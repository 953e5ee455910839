using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Crispy.Archive.Listing;
using Crispy.Archive.Playing;
using Crispy.Archive.Spooled;
using Crispy.Contracts;
using Crispy.Exporting;
using Crispy.Media;
using Microsoft.Extensions.Logging;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Pictures;

/// <summary>A chunk that a picture can be made of.</summary>
/// <param name="Name">Its object's name.</param>
/// <param name="Key">What tells it from all others that ever had this name.</param>
/// <param name="Shape">How its picture must be shown; null where the container is believed.</param>
/// <param name="Size">Bytes of its file.</param>
/// <param name="ReadOnAsync">Appends more of the file, at least up to as many bytes as are wanted; false where there is no more.</param>
internal sealed record PicturedChunk(ObjectName Name, string Key, PictureShape? Shape, long Size,
    Func<MemoryStream, long, CancellationToken, Task<bool>> ReadOnAsync);

/// <summary>Shows the first keyframe of chunks, small, from as little of the object as holds it.</summary>
internal sealed class PictureReader(Bucket bucket, ChunkSource chunks, SpoolClient spools, Places places, Ffmpeg ffmpeg, DiskCache cache,
    TimeProvider time, ILogger<PictureReader> logger)
{
    /// <summary>Pixels of a row that a picture may have: a few, so that nobody fills the cache with every number.</summary>
    public static readonly int[] Widths = [320, 640, 1280];

    // Most keyframes lie within the first of these, in bytes; the last is the most that is read for a picture.
    private static readonly long[] Heads = [256 << 10, 2 << 20, 32 << 20];

    // A page of hundreds of tiles asks for the newest of each again and again.
    private static readonly TimeSpan NewestKept = TimeSpan.FromSeconds(3);

    // A stored chunk that is older may not be the newest: what waits is asked too.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, PicturedChunk? Found)> _newest = new(StringComparer.Ordinal);

    /// <summary>The stored chunk that shows an instant; or the newest, which may wait for its upload,
    /// as in an outage of the bucket.</summary>
    /// <returns>Null where nothing was recorded then.</returns>
    /// <exception cref="ArchiveAwayException">The bucket does not answer, and nothing that can be shown waits.</exception>
    public async Task<PicturedChunk?> FindAsync(string stream, DateTimeOffset? at, CancellationToken cancellation)
    {
        if (at is not { } instant) return await NewestAsync(stream, cancellation).ConfigureAwait(false);
        var found = await places.LastBeforeAsync(stream, instant.AddMilliseconds(1), cancellation).ConfigureAwait(false);
        return ObjectReading.ManifestOrNull(ChunkMetadata.ManifestBytes(found?.Metadata)) is { } manifest
            && manifest.From <= instant.AddMilliseconds(1) && manifest.To > instant ? Stored(found) : null;
    }

    /// <summary>The entity tag of a chunk's picture.</summary>
    public static string ETagOf(PicturedChunk found, int width) =>
        $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key(found, width))))[..32]}\"";

    /// <summary>Makes the picture, or takes it from the cache.</summary>
    /// <returns>JPEG; null where there is none to be seen in the chunk.</returns>
    public async Task<byte[]?> ReadAsync(PicturedChunk found, int width, CancellationToken cancellation)
    {
        var file = await cache.OpenAsync(Key(found, width),
            (destination, token) => MakeAsync(found, width, destination, token), cancellation)
            .ConfigureAwait(false);
        if (file is null) return null;
        await using (file.ConfigureAwait(false))
        {
            var jpeg = new byte[file.Length];
            await file.ReadExactlyAsync(jpeg, cancellation).ConfigureAwait(false);
            return jpeg;
        }
    }

    private static string Key(PicturedChunk found, int width) =>
        string.Create(CultureInfo.InvariantCulture, $"picture/2 {width} {found.Key}");

    private async Task<PicturedChunk?> NewestAsync(string stream, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (_newest.TryGetValue(stream, out var known) && now - known.At < NewestKept) return known.Found;
        // While it is away each question takes as long as its patience.
        var found = bucket.IsAway ? null : await NewestStoredAsync(stream, now, cancellation).ConfigureAwait(false);
        if (!(found?.Name.FirstFrame > now - Fresh))
            found = await NewestWaitingAsync(stream, found, cancellation).ConfigureAwait(false) ?? found;
        found ??= Stored(await places.NewestAsync(stream, now, cancellation).ConfigureAwait(false));
        _newest[stream] = (now, found);
        return found;
    }

    private async Task<PicturedChunk?> NewestStoredAsync(string stream, DateTimeOffset now, CancellationToken cancellation)
    {
        try
        {
            return Stored(await places.NewestAsync(stream, now, cancellation).ConfigureAwait(false));
        }
        catch (ArchiveAwayException)
        {
            // Where nothing waits either, it is asked again, and says so.
            return null;
        }
    }

    private async Task<PicturedChunk?> NewestWaitingAsync(string stream, PicturedChunk? stored, CancellationToken cancellation)
    {
        var spool = await spools.ListAsync(stream, cancellation).ConfigureAwait(false);
        var newest = spool.Items.Where(item => item.IsAtHand && !(item.From <= stored?.Name.FirstFrame))
            .OrderBy(item => item.From).LastOrDefault();
        if (!newest.IsAtHand || !ObjectName.TryParse(newest.ObjectName(stream), out var name)) return null;
        return await chunks.FindAsync(name, cancellation).ConfigureAwait(false) is not { } chunk ? null
            : new(name, chunk.Key, new(chunk.Rotation, PixelShape.Parse(chunk.Sar)), newest.Size, async (head, _, token) =>
            {
                if (head.Length > 0) return false;
                await chunk.CopyAsync(head, token).ConfigureAwait(false);
                return true;
            });
    }

    private PicturedChunk? Stored(GcsObject? found)
    {
        if (!ObjectName.TryParse(found?.Name, out var name)) return null;
        var (key, size) = (string.Create(CultureInfo.InvariantCulture, $"{found!.Name}#{found.Generation}"), (long)(found.Size ?? 0));
        return new(name, key, PictureShape.Of(found), size, (head, wanted, token) =>
            bucket.DownloadAsync(found.Name!, found.Generation, head,
                new RangeHeaderValue(head.Length, Math.Min(wanted, size) - 1), token));
    }

    private async Task<bool> MakeAsync(PicturedChunk found, int width, Stream destination, CancellationToken cancellation)
    {
        using var head = new MemoryStream();
        FfmpegEnd? end = null;
        foreach (var wanted in Heads)
        {
            if (head.Length >= found.Size || !await found.ReadOnAsync(head, wanted, cancellation).ConfigureAwait(false)) break;
            // A transport stream does not tell where a picture ends but by the next one's beginning: half a picture would be shown.
            if (found.Name.Extension == ChunkContainer.TransportStream && head.Length < found.Size && !HoldsTwo(head)) continue;
            using var jpeg = new MemoryStream();
            end = await ffmpeg.RunAsync((input, token) => input.WriteAsync(head.GetBuffer().AsMemory(0, (int)head.Length), token).AsTask(),
                0, _ => Arguments(found.Name.Extension, found.Shape, width), jpeg, cancellation).ConfigureAwait(false);
            if (jpeg.Length == 0) continue;
            jpeg.Position = 0;
            await jpeg.CopyToAsync(destination, cancellation).ConfigureAwait(false);
            return true;
        }
        Log.ObjectUnplayable(logger, found.Name.ToString(), end?.Errors ?? "it is empty or gone");
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
