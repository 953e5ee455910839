using System.Net.Http.Headers;
using Crispy.Media;
using Google.Cloud.Storage.V1;

namespace Crispy.ChunkLogger.Reading;

/// <summary>What the beginning of an object says.</summary>
/// <param name="Media">Container and picture; null where the bytes that may be read do not tell.</param>
/// <param name="BytesRead">How many bytes were downloaded.</param>
internal sealed record ObjectHead(MediaHead? Media, long BytesRead);

/// <summary>Reads the beginning of objects by range: as a rule one small request.</summary>
internal sealed class HeadDownload(StorageClient storage)
{
    /// <summary>Bytes of the first request: enough for the headers of Matroska and fragmented MP4.</summary>
    public const int FirstBytes = 16 * 1024;

    /// <summary>Most bytes of one object, all ranges together. With the object's description, whose metadata is up to 8 KiB, and all
    /// headers, it stays under 64 KiB.</summary>
    public const int MostBytes = 48 * 1024;

    /// <exception cref="Google.GoogleApiException">The bucket's answer: 404 where the generation is gone.</exception>
    /// <exception cref="IOException">The answer broke off, or held less than it should.</exception>
    public async Task<ObjectHead> ReadAsync(StoredObject stored, CancellationToken cancellationToken)
    {
        // Inflated, a few bytes could be any number of them.
        if (stored.Size == 0 || !string.IsNullOrEmpty(stored.ContentEncoding)) return new(null, 0);
        using var head = new MemoryStream(FirstBytes);
        await AppendAsync(stored, head, FirstBytes - 1, cancellationToken);
        var reading = HeadReader.Read(Bytes(head));
        if (reading.Status == HeadStatus.NeedsMore && head.Length == FirstBytes && stored.Size != FirstBytes)
        {
            await AppendAsync(stored, head, MostBytes - 1, cancellationToken);
            reading = HeadReader.Read(Bytes(head));
        }
        if (reading.Status != HeadStatus.NeedsTail || stored.Size - reading.TailOffset > MostBytes - head.Length)
            return new(reading.Head, head.Length);

        using var tail = new MemoryStream();
        await DownloadAsync(stored, tail, reading.TailOffset, stored.Size - 1, cancellationToken);
        return new(HeadReader.ReadTail(Bytes(head), Bytes(tail)).Head, head.Length + tail.Length);
    }

    private Task AppendAsync(StoredObject stored, MemoryStream head, long last, CancellationToken cancellationToken) =>
        DownloadAsync(stored, head, head.Length, last, cancellationToken);

    private async Task DownloadAsync(
        StoredObject stored, MemoryStream destination, long first, long last, CancellationToken cancellationToken)
    {
        var before = destination.Length;
        var options = new DownloadObjectOptions
        {
            Generation = stored.Generation,
            Range = new RangeHeaderValue(first, last),
            // The downloader's buffer is as large as its chunks, 10 MiB where nothing else is said.
            ChunkSize = MostBytes,
            // Where the hash of the whole object comes beside a part, it would be held against the part.
            DownloadValidationMode = DownloadValidationMode.Never,
        };
        await storage.DownloadObjectAsync(stored.Bucket, stored.Name, destination, options, cancellationToken)
            ;
        // A part comes without a checksum: what was cut off on the way shows by its length alone.
        var (got, expected) = (destination.Length - before, Math.Min(last + 1, stored.Size) - first);
        if (got < expected) throw new IOException($"the bucket sent {got} of {expected} bytes of {stored.Name}");
    }

    private static ReadOnlySpan<byte> Bytes(MemoryStream stream) => stream.GetBuffer().AsSpan(0, (int)stream.Length);
}
