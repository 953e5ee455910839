using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Crispy.Spool;

namespace Crispy.UploadWorker.Uploading;

/// <summary>
/// The body of a one-request upload, <c>multipart/related</c> (RFC 2387): the object's JSON, then the file, streamed. The file's SHA-256 is
/// taken as its bytes pass. The end of the body is sent only when it is the expected one. Of a damaged file the server sees an incomplete
/// request and stores nothing.
/// </summary>
internal sealed class ChunkContent : HttpContent
{
    private const int BufferSize = 256 * 1024;

    private readonly byte[] _head;
    private readonly byte[] _tail;
    private readonly FileStream _file;
    private readonly string _sha256;

    /// <param name="objectJson">The object's resource.</param>
    /// <param name="contentType">Media type of the file.</param>
    /// <param name="file">The file, at any position; it stays open, so that the content can be sent again.</param>
    /// <param name="sha256">The file's expected SHA-256, lower-case hexadecimal.</param>
    public ChunkContent(ReadOnlySpan<byte> objectJson, string contentType, FileStream file, string sha256)
    {
        var boundary = $"crispy-{Guid.NewGuid():N}";
        _head =
        [
            .. Encoding.ASCII.GetBytes($"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n"), .. objectJson,
            .. Encoding.ASCII.GetBytes($"\r\n--{boundary}\r\nContent-Type: {contentType}\r\n\r\n"),
        ];
        _tail = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        (_file, _sha256) = (file, sha256);
        Headers.ContentType = new("multipart/related") { Parameters = { new("boundary", boundary) } };
    }

    /// <summary>What is wrong with the file, once that has shown.</summary>
    public string? Damage { get; private set; }

    protected override bool TryComputeLength(out long length)
    {
        length = _head.Length + _file.Length + _tail.Length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await stream.WriteAsync(_head, cancellationToken);
            // A chunk was written seconds ago and is in memory. To read it at once costs less than the hop to another thread that an
            // asynchronous read is.
            for (long offset = 0; RandomAccess.Read(_file.SafeFileHandle, buffer, offset) is > 0 and var read; offset += read)
            {
                hash.AppendData(buffer, 0, read);
                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        RequireUndamaged(Convert.ToHexStringLower(hash.GetHashAndReset()));
        await stream.WriteAsync(_tail, cancellationToken);
    }

    private void RequireUndamaged(string found)
    {
        if (found == _sha256) return;
        Damage = $"the file's SHA-256 is {found}, the manifest's {_sha256}";
        throw new ChunkDeadException(DeadReason.Damaged, Damage);
    }
}
