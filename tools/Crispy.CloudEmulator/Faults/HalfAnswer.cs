namespace Crispy.CloudEmulator.Faults;

/// <summary>Sends only the first half of an answer's body: then the connection is reset, or the answer simply ends.</summary>
internal sealed class HalfAnswer(HttpContext context, bool reset) : PassingStream
{
    private readonly Stream _inner = context.Response.Body;
    private long? _left;

    public override bool CanWrite => true;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left is null)
        {
            _left = (context.Response.ContentLength ?? buffer.Length) / 2;
            if (!reset) context.Response.ContentLength = _left;
        }
        var part = buffer[..(int)Math.Min(buffer.Length, _left.Value)];
        _left -= part.Length;
        if (part.Length > 0) await _inner.WriteAsync(part, cancellationToken);
        if (_left > 0 || !reset) return;
        await _inner.FlushAsync(cancellationToken);
        context.Abort();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
}
