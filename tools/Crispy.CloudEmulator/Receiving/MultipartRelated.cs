using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Storing;
using Microsoft.Net.Http.Headers;

namespace Crispy.CloudEmulator.Receiving;

/// <summary>
/// A <c>multipart/related</c> body (RFC 2387) of two parts: the object's JSON, then its bytes, which go straight to a file.
/// <code>
/// --b\r\n Content-Type: application/json\r\n\r\n {...}\r\n--b\r\n Content-Type: video/mp4\r\n\r\n ...bytes... \r\n--b--
/// </code>
/// </summary>
internal sealed class MultipartRelated
{
    private const int HeaderLimit = 16 * 1024;

    private readonly PipeReader _body;
    private readonly byte[] _delimiter;
    private readonly CancellationToken _cancellation;

    /// <exception cref="StorageException">The content type names no boundary.</exception>
    public MultipartRelated(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 } boundary)
            throw Malformed("the content type has no boundary");
        _delimiter = Encoding.UTF8.GetBytes($"\r\n--{boundary}");
        _body = request.BodyReader;
        _cancellation = request.HttpContext.RequestAborted;
    }

    /// <summary>The first part.</summary>
    public async Task<byte[]> ReadResourceAsync()
    {
        await ReadUntilAsync(_delimiter.AsMemory(2), HeaderLimit);
        await ReadUntilAsync("\r\n"u8.ToArray(), HeaderLimit);
        await ReadHeadersAsync();
        return await ReadUntilAsync(_delimiter, JsonBody.Limit);
    }

    /// <summary>The second part's content type; its bytes are next.</summary>
    public async Task<string?> ReadMediaTypeAsync()
    {
        var end = await ReadUntilAsync("\r\n"u8.ToArray(), HeaderLimit);
        if (end.AsSpan().StartsWith("--"u8)) throw Malformed("it has one part only");
        return await ReadHeadersAsync();
    }

    /// <summary>The second part's bytes.</summary>
    public async Task CopyMediaAsync(StagedFile target)
    {
        while (true)
        {
            var read = await _body.ReadAsync(_cancellation);
            var buffer = read.Buffer;
            var reader = new SequenceReader<byte>(buffer);
            if (reader.TryReadTo(out ReadOnlySequence<byte> media, _delimiter))
            {
                target.Write(media);
                _body.AdvanceTo(reader.Position);
                await DrainAsync();
                return;
            }
            if (read.IsCompleted)
            {
                _body.AdvanceTo(buffer.End);
                throw Malformed("the last part has no end");
            }
            var safe = Math.Max(0, buffer.Length - _delimiter.Length + 1);
            target.Write(buffer.Slice(0, safe));
            _body.AdvanceTo(buffer.GetPosition(safe), buffer.End);
        }
    }

    private async Task DrainAsync()
    {
        while (true)
        {
            var read = await _body.ReadAsync(_cancellation);
            _body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return;
        }
    }

    private async Task<string?> ReadHeadersAsync()
    {
        string? type = null;
        while (true)
        {
            var line = Encoding.UTF8.GetString(await ReadUntilAsync("\r\n"u8.ToArray(), HeaderLimit));
            if (line.Length == 0) return type;
            const string name = "content-type:";
            if (line.StartsWith(name, StringComparison.OrdinalIgnoreCase)) type = line[name.Length..].Trim();
        }
    }

    /// <summary>What comes before an end, which is skipped.</summary>
    private async Task<byte[]> ReadUntilAsync(ReadOnlyMemory<byte> end, int limit)
    {
        while (true)
        {
            var read = await _body.ReadAsync(_cancellation);
            var reader = new SequenceReader<byte>(read.Buffer);
            if (reader.TryReadTo(out ReadOnlySequence<byte> before, end.Span))
            {
                var bytes = before.ToArray();
                _body.AdvanceTo(reader.Position);
                return bytes;
            }
            var hopeless = read.IsCompleted || read.Buffer.Length > limit;
            _body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (hopeless) throw Malformed("a boundary is missing");
        }
    }

    private static StorageException Malformed(string why) => StorageException.Invalid($"Invalid multipart request: {why}");
}
