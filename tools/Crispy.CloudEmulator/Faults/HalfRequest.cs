using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Crispy.CloudEmulator.Faults;

/// <summary>A request's body that breaks off, with the connection, after its first half.</summary>
internal sealed class HalfRequest(HttpContext context) : PassingStream
{
    // Where the length is not announced, this many bytes come through.
    private const long Otherwise = 64 * 1024;

    private readonly Stream _inner = context.Request.Body;
    private readonly PipeReader _arrived = context.Request.BodyReader;
    private long _left = context.Request.ContentLength / 2 ?? Otherwise;

    public override bool CanRead => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return _left == 0 ? 0 : await _inner.ReadAsync(buffer, cancellationToken);
        var read = _left == 0 ? 0 : await _inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        if (read == 0)
        {
            PassOverRest();
            throw new ConnectionResetException("Injected fault: the connection broke in the middle of the body");
        }
        _left -= read;
        return read;
    }

    // Kestrel goes on reading the connection where a body came whole and was read in part. It stumbles over that (Reading is already in
    // progress) once the request is aborted.
    private void PassOverRest()
    {
        if (_arrived.TryRead(out var rest)) _arrived.AdvanceTo(rest.IsCompleted ? rest.Buffer.End : rest.Buffer.Start);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
}
