using Crispy.Media.Bytes;
using Crispy.Media.Containers;

namespace Crispy.Media;

/// <summary>How far the bytes at the head of a chunk answer.</summary>
public enum HeadStatus
{
    /// <summary>All is known.</summary>
    Complete,

    /// <summary>The bytes end too early: read more of them.</summary>
    NeedsMore,

    /// <summary>An MP4 whose description lies behind its frames: read from <see cref="HeadReading.TailOffset"/> to the end, and give that
    /// to <see cref="HeadReader.ReadTail"/>.</summary>
    NeedsTail,

    /// <summary>No known container, or none with video.</summary>
    Unsupported,
}

/// <summary>What the head of a chunk says.</summary>
/// <param name="Status">How far the bytes answer.</param>
/// <param name="Head">The answer; null unless <paramref name="Status"/> is <see cref="HeadStatus.Complete"/>.</param>
/// <param name="TailOffset">Where the description of an MP4 begins, in bytes from the chunk's start;
/// -1 when that is not known or not needed.</param>
public readonly record struct HeadReading(HeadStatus Status, MediaHead? Head, long TailOffset);

/// <summary>Reads container, codec and resolution from the first bytes of a chunk. Any bytes are safe: nothing is thrown, and work and
/// memory are bounded by their number.</summary>
public static class HeadReader
{
    /// <summary>Reads the bytes and says what is missing if they do not answer.</summary>
    public static HeadReading Read(ReadOnlySpan<byte> head)
    {
        using var source = new ByteSource(head);
        var container = ContainerReader.Open(source, headOnly: true);
        return container is null
            ? new(head.Length < TransportStreamReader.PacketSize ? HeadStatus.NeedsMore : HeadStatus.Unsupported, null, -1)
            : Read(container);
    }

    /// <summary>Reads an MP4 whose description lies behind its frames.</summary>
    /// <param name="head">The chunk's first bytes: in them are the first frames, which say what the description does not.</param>
    /// <param name="tail">The bytes from <see cref="HeadReading.TailOffset"/> on.</param>
    public static HeadReading ReadTail(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        using var source = new ByteSource(tail);
        if (!Mp4Reader.Recognises(tail)) return new(HeadStatus.Unsupported, null, -1);
        var container = new Mp4Reader(source, headOnly: true);
        container.TakeFirstBytes(head);
        return Read(container);
    }

    private static HeadReading Read(ContainerReader container)
    {
        container.Read();
        if (container.HeadIsComplete) return new(HeadStatus.Complete, new(container.Name, container.Format!, container.AudioCodec), -1);
        if (container.DescriptionOffset >= 0) return new(HeadStatus.NeedsTail, null, container.DescriptionOffset);
        return new((container.Damage & Damage.Corrupt) != 0 ? HeadStatus.Unsupported : HeadStatus.NeedsMore, null, -1);
    }

    /// <summary>Reads the bytes; false when they do not answer.</summary>
    public static bool TryRead(ReadOnlySpan<byte> head, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out MediaHead? media)
    {
        media = Read(head).Head;
        return media is not null;
    }
}
