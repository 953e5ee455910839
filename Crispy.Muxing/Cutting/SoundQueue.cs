using Crispy.Muxing.Nut;

namespace Crispy.Muxing.Cutting;

/// <summary>The sound that waits for its chunk. Times of sound are in nanoseconds, those of pictures in the video's ticks.</summary>
/// <param name="track">The sound as its demuxer describes it; null where there is none.</param>
/// <param name="times">Its times; null where there is none.</param>
/// <param name="tick">The unit of the video's times.</param>
/// <param name="isLive">Whether the source is a live one.</param>
internal sealed class SoundQueue(AudioTrack? track, SoundTimes? times, Tick tick, bool isLive)
{
    // How far a live source's pictures may run ahead of sound that is waited for.
    private static readonly TimeSpan MostLag = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostLagInFile = TimeSpan.FromSeconds(10);
    private const int Most = 4096;

    private readonly Queue<SoundPacket> _packets = [];
    private long _last = long.MinValue;

    /// <summary>The sound as its packets describe it so far; null where there is none.</summary>
    public AudioTrack? Track { get; private set; } = track;

    /// <summary>Takes a packet.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="reached">The latest picture's time; null before the first.</param>
    public void Take(NutPacket packet, TimeSpan? reached)
    {
        if (packet.NewExtradata is { } extradata) Track = Track! with { Configuration = extradata };
        var data = packet.Data;
        if (Track!.Codec == "aac" && Adts.Begins(data) && Track.Configuration.Length == 0)
            Track = Track with { Configuration = Adts.Configuration(data) };
        if (Track.Codec == "aac" && Adts.Begins(data)) data = Adts.Frame(data);
        if (Track.Codec == "ac3" && NutCodecs.IsEnhancedAc3(data)) Track = Track with { Codec = "eac3" };
        long? near = reached is { } picture ? picture.Ticks * 100 : null;
        _last = times!.Of(packet.Time, near);
        _packets.Enqueue(SoundPacket.Of(_last, data));
    }

    /// <summary>Whether the first sound is worth waiting for.</summary>
    /// <param name="held">How long the pictures last that wait for it.</param>
    public bool IsAwaited(long held) => Track is not null && _packets.Count == 0 && tick.Span(held) < MostLag;

    /// <summary>Whether all sound before a picture came, or is not waited for any longer.</summary>
    /// <param name="start">When that picture is shown.</param>
    /// <param name="now">When the latest picture is shown.</param>
    public bool IsPast(long start, long now)
    {
        if (Track is null || _last == long.MinValue) return true;
        var boundary = tick.In(Tick.Nanosecond, start);
        var lag = isLive ? MostLag : MostLagInFile;
        return _last >= boundary || tick.Span(now - start) > lag || boundary - _last > 2 * lag.Ticks * 100;
    }

    /// <summary>A file's time 0: that of its first picture or its first sound, which an encoder's delay may put before it.</summary>
    /// <param name="start">When its first picture is shown.</param>
    /// <param name="isFirst">Whether no chunk came before: then its sound may be earlier by any time.</param>
    public long Zero(long start, bool isFirst) =>
        First() is { } sound && (isFirst || tick.Span(start - sound) < MostLag) ? Math.Min(start, sound) : start;

    /// <summary>Gives sound to the chunk whose pictures are shown with it, so it waits until the pictures are past it.</summary>
    /// <param name="closing">The chunk that takes no more pictures; null where there is none.</param>
    /// <param name="chunk">The chunk that takes pictures; null where there is none.</param>
    /// <param name="all">Whether no more pictures come.</param>
    public void Drain(ClosingChunk? closing, OpenChunk? chunk, bool all)
    {
        while (_packets.TryPeek(out var packet))
        {
            if (closing is not null && packet.Time < tick.In(Tick.Nanosecond, closing.End)) Add(closing.Chunk, _packets.Dequeue());
            else if (chunk is not null && (all || packet.Time < tick.In(Tick.Nanosecond, chunk.Last) || _packets.Count > Most))
                Add(chunk, _packets.Dequeue());
            else break;
        }
        if (chunk is null && closing is null && _packets.Count > Most) _packets.Dequeue().Free();
    }

    /// <summary>Drops what waits.</summary>
    public void Free()
    {
        while (_packets.TryDequeue(out var packet)) packet.Free();
    }

    // A tick earlier, since a tick of sound may be finer.
    private long? First() => _packets.TryPeek(out var first) ? Tick.Nanosecond.In(tick, first.Time) - 1 : null;

    // ffmpeg keeps a track's last packet back until the next one, or the source's end. The chunk that it belongs to may be gone by then.
    private static void Add(OpenChunk chunk, SoundPacket packet)
    {
        if (chunk.Reaches(packet)) chunk.Add(packet);
        else chunk.DropLate(packet);
    }
}
