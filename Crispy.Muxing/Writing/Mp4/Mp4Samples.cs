namespace Crispy.Muxing.Writing.Mp4;

/// <summary>
/// A track's samples of the open fragment. Decoding times are the presentation times of the fragment in ascending order. Composition
/// times are the presentation times and <see cref="Delay"/>, so that no composition offset is negative: an edit list takes it back.
/// (Readers differ on negative offsets: ffmpeg shifts the whole track by the largest.) Decoding times never step back. They count
/// from <see cref="Origin"/>, which an empty edit puts in its place: ffmpeg takes the end of what begins later for its length.
/// </summary>
internal sealed class Mp4Samples(uint id, bool isVideo) : IDisposable
{
    private const uint Sync = 0x0200_0000;
    private const uint NotSync = 0x0101_0000;
    private const int DefaultBaseIsMoof = 0x02_0000;
    private const int HasDefaultFlags = 0x20;
    private const int RunWithDurationAndSize = 0x301;
    private const int RunWithFlagsAndOffset = 0xC00;

    private readonly record struct Sample(long Time, long Duration, int Size, bool IsKeyframe);

    private readonly List<Sample> _samples = [];
    private readonly List<long> _decoding = [];
    private readonly PooledBytes _bytes = new();
    private long _end;
    private int _dataOffsetAt;

    /// <summary>Samples in the open fragment.</summary>
    public int Count => _samples.Count;

    /// <summary>Bytes in the open fragment.</summary>
    public int Length => _bytes.Length;

    /// <summary>The latest presentation time in the open fragment.</summary>
    public long Latest { get; private set; } = long.MinValue;

    /// <summary>What composition times have in addition, in the track's timescale.</summary>
    public long Delay { get; set; }

    /// <summary>The earliest time of the track's first fragment, in its timescale; null before there is one.</summary>
    public long? Origin { get; private set; }

    /// <summary>The first packet of the track, as far as it is needed to describe it.</summary>
    public byte[] FirstPacket { get; private set; } = [];

    /// <summary>Adds a sample, its times in the track's timescale.</summary>
    public void Add(long time, long duration, bool keyframe, ReadOnlySpan<byte> data)
    {
        const int head = 4096;
        if (FirstPacket.Length == 0) FirstPacket = data[..Math.Min(data.Length, head)].ToArray();
        _samples.Add(new(time, duration, data.Length, keyframe));
        _bytes.Write(data);
        Latest = Math.Max(Latest, time);
    }

    /// <summary>The delay that the open fragment needs: by how much a picture is shown before its place in decoding order.</summary>
    public long DelayNeeded()
    {
        if (Count == 0) return 0;
        SortTimes();
        long needed = 0;
        for (var i = 0; i < _samples.Count; i++) needed = Math.Max(needed, _decoding[i] - (_samples[i].Time - Origin!.Value));
        return needed;
    }

    /// <summary>Decides where the track begins, if it does with the open fragment.</summary>
    public void SetOrigin()
    {
        if (Count > 0 && Origin is null) SortTimes();
    }

    /// <summary>Adds the track's part of a <c>moof</c>.</summary>
    /// <param name="bytes">Where to.</param>
    /// <param name="next">The time of the packet that begins the next fragment, where it is known.</param>
    /// <param name="end">Where the track's last sample ends, at the end of the file.</param>
    public void AddFragment(ByteBuilder bytes, long? next, long? end)
    {
        var last = Schedule(next, end);
        var fragment = bytes.Box("traf"u8);
        var header = bytes.FullBox("tfhd"u8, flags: DefaultBaseIsMoof | HasDefaultFlags);
        bytes.UInt32(id).UInt32(isVideo ? NotSync : Sync).EndBox(header);
        var decodingTime = bytes.FullBox("tfdt"u8, version: 1);
        bytes.UInt64((ulong)_decoding[0]).EndBox(decodingTime);
        var run = bytes.FullBox("trun"u8, version: 1, RunWithDurationAndSize | (isVideo ? RunWithFlagsAndOffset : 0));
        bytes.UInt32((uint)_samples.Count);
        _dataOffsetAt = bytes.Length;
        bytes.UInt32(0);
        for (var i = 0; i < _samples.Count; i++)
        {
            var duration = i + 1 < _samples.Count ? _decoding[i + 1] - _decoding[i] : last;
            bytes.UInt32((uint)Math.Min(duration, uint.MaxValue)).UInt32((uint)_samples[i].Size);
            if (!isVideo) continue;
            bytes.UInt32(_samples[i].IsKeyframe ? Sync : NotSync);
            bytes.UInt32((uint)(int)Math.Clamp(_samples[i].Time - Origin!.Value + Delay - _decoding[i], int.MinValue, int.MaxValue));
        }

        bytes.EndBox(run);
        bytes.EndBox(fragment);
    }

    /// <summary>Says where the samples' bytes are, counted from the <c>moof</c>'s first byte.</summary>
    public void SetDataOffset(ByteBuilder bytes, int offset) =>
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.From(_dataOffsetAt), offset);

    /// <summary>Writes the samples' bytes, and begins the next fragment.</summary>
    public void MoveTo(ChunkFile file)
    {
        _bytes.MoveTo(file);
        _samples.Clear();
        Latest = long.MinValue;
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => _bytes.Dispose();

    // Gives each sample its decoding time; returns how long the last one lasts in decoding time.
    private long Schedule(long? next, long? end)
    {
        SortTimes();
        next -= Origin;
        end -= Origin;
        var reorders = false;
        for (var i = 0; i < _decoding.Count; i++)
        {
            _decoding[i] = Math.Max(_decoding[i], i == 0 ? _end : _decoding[i - 1] + 1);
            reorders |= _decoding[i] != _samples[i].Time - Origin;
        }

        KeepOffsetsPositive();
        var last = _decoding[^1];
        var duration = Math.Max(1, (isVideo ? end : Ended(last, end)) is { } over ? over - last : Usual(next, reorders, last) - last);
        _end = last + duration;
        return duration;
    }

    // A picture deeper in the order than any before: those before it are decoded earlier.
    private void KeepOffsetsPositive()
    {
        for (var i = _decoding.Count - 1; i >= 0; i--)
        {
            var latest = Math.Min(_samples[i].Time - Origin!.Value + Delay, i + 1 < _decoding.Count ? _decoding[i + 1] - 1 : long.MaxValue);
            _decoding[i] = Math.Max(0, Math.Min(_decoding[i], latest));
        }
    }

    // Sound that lasts longer than the pictures is said to end with them: the next chunk's sound follows there.
    private long? Ended(long last, long? end) => end is { } time && time > last ? Math.Min(time, Usual(null, reorders: false, last)) : null;

    private void SortTimes()
    {
        _decoding.Clear();
        foreach (var sample in _samples) _decoding.Add(sample.Time);
        _decoding.Sort();
        Origin ??= _decoding[0];
        for (var i = 0; i < _decoding.Count; i++) _decoding[i] -= Origin.Value;
    }

    // Leading pictures of the next fragment are shown before the one that begins it: the step to it may be too long.
    private long Usual(long? next, bool reorders, long last)
    {
        var step = _samples[^1].Duration > 0 ? _samples[^1].Duration : _decoding.Count > 1 ? last - _decoding[^2] : 0;
        if (next is not { } time || time <= last) return last + step;
        return step > 0 && (reorders || !isVideo) ? Math.Min(time, last + step) : time;
    }
}
