using System.Net.Http.Headers;
using Crispy.ChunkLogger.Events;
using Crispy.Media;
using Google.Cloud.Storage.V1;

namespace Crispy.ChunkLogger.Reading;

/// <summary>What the beginning of an object says.</summary>
/// <param name="Media">Container and picture; null where the bytes that may be read do not tell.</param>
/// <param name="Crc32c">The whole object's CRC32C by the bucket's own headers; null where it sends none.</param>
/// <param name="BytesRead">How many bytes were downloaded.</param>
internal sealed record ObjectHead(MediaHead? Media, string? Crc32c, long BytesRead);

/// <summary>Reads the beginning of objects by range: as a rule one small request, never 64 KiB in all.</summary>
internal sealed class HeadDownload(StorageClient storage)
{
    /// <summary>Bytes of the first request: enough for the headers of Matroska and fragmented MP4.</summary>
    public const int FirstBytes = 16 * 1024;

    /// <summary>Most bytes of one object, both requests together.</summary>
    public const int MostBytes = 60 * 1024;

    /// <exception cref="Google.GoogleApiException">The bucket's answer: 404 where the generation is gone.</exception>
    /// <exception cref="IOException">The answer broke off, or held less than it should.</exception>
    public async Task<ObjectHead> ReadAsync(StoredObject stored, CancellationToken cancellationToken)
    {
        if (stored.Size is 0) return new(null, null, 0);
        using var head = new MemoryStream(FirstBytes);
        var crc32c = await AppendAsync(stored, head, FirstBytes - 1, cancellationToken).ConfigureAwait(false);
        var reading = HeadReader.Read(Bytes(head));
        if (reading.Status == HeadStatus.NeedsMore && head.Length == FirstBytes && stored.Size != FirstBytes)
        {
            await AppendAsync(stored, head, MostBytes - 1, cancellationToken).ConfigureAwait(false);
            reading = HeadReader.Read(Bytes(head));
        }
        if (reading.Status != HeadStatus.NeedsTail || stored.Size is not { } size || size - reading.TailOffset > MostBytes - head.Length)
            return new(reading.Head, crc32c, head.Length);

        using var tail = new MemoryStream();
        await DownloadAsync(stored, tail, reading.TailOffset, size - 1, cancellationToken).ConfigureAwait(false);
        return new(HeadReader.ReadTail(Bytes(head), Bytes(tail)).Head, crc32c, head.Length + tail.Length);
    }

    private Task<string?> AppendAsync(StoredObject stored, MemoryStream head, long last, CancellationToken cancellationToken) =>
        DownloadAsync(stored, head, head.Length, last, cancellationToken);

    private async Task<string?> DownloadAsync(StoredObject stored, MemoryStream destination, long first, long last, CancellationToken cancellationToken)
    {
        // The downloader's buffer is as large as its chunks, 10 MiB where nothing else is said. Its check would hold the hash of the whole object against a part.
        var before = destination.Length;
        var options = new DownloadObjectOptions { Generation = stored.Generation, Range = new RangeHeaderValue(first, last), ChunkSize = MostBytes, DownloadValidationMode = DownloadValidationMode.Never };
        var answer = await storage.DownloadObjectAsync(stored.Bucket, stored.Name, destination, options, cancellationToken).ConfigureAwait(false);
        // A part comes without a checksum: what was cut off on the way shows by its length alone.
        var (got, expected) = (destination.Length - before, Math.Min(last + 1, stored.Size ?? 0) - first);
        return got >= expected ? answer.Crc32c : throw new IOException($"the bucket sent {got} of {expected} bytes of {stored.Name}");
    }

    private static ReadOnlySpan<byte> Bytes(MemoryStream stream) => stream.GetBuffer().AsSpan(0, (int)stream.Length);
}
