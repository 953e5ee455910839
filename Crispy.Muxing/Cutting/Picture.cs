using System.Buffers;
using Crispy.Muxing.Bitstreams;

namespace Crispy.Muxing.Cutting;

/// <summary>A picture that was not written yet.</summary>
internal sealed class Picture
{
    private byte[] _buffer = [];

    public long Time { get; set; }

    public bool IsTimed { get; set; }

    /// <summary>Whether its time is a guess of ffmpeg's (<see cref="SourceTimes.IsGuessed"/>).</summary>
    public bool IsGuessed { get; init; }

    public bool IsKeyframe { get; init; }

    public PictureInfo Info { get; init; }

    /// <summary>Where its packet begins.</summary>
    public long Byte { get; init; }

    /// <summary>When it came, by the clock's timestamps.</summary>
    public long ArrivedAt { get; init; }

    /// <summary>When its camera says it was taken, in microseconds since 1970 UTC; null where it does not.</summary>
    public long? Camera { get; init; }

    /// <summary>The codec's configuration when it came, where a chunk may begin with it; else null.</summary>
    public byte[]? Configuration { get; init; }

    /// <summary>Whether the codec's configuration is another one from it on.</summary>
    public bool HasNewHeader { get; init; }

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Data => _buffer.AsSpan(0, Length);

    /// <summary>Adds a further slice, or field.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        if (Length + data.Length > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Length + data.Length);
            Data.CopyTo(larger);
            if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        data.CopyTo(_buffer.AsSpan(Length));
        Length += data.Length;
    }

    public void Free()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, Length) = ([], 0);
    }
}

/// <summary>A packet of sound that was not written yet.</summary>
/// <param name="Time">In nanoseconds on the source's timeline.</param>
/// <param name="Buffer">Rented.</param>
/// <param name="Length">Bytes of it that count.</param>
internal readonly record struct SoundPacket(long Time, byte[] Buffer, int Length)
{
    public static SoundPacket Of(long time, ReadOnlySpan<byte> data)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(buffer);
        return new(time, buffer, data.Length);
    }

    public void Free() => ArrayPool<byte>.Shared.Return(Buffer);
}
