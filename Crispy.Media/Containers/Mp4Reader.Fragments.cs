using System.Buffers.Binary;
using System.Numerics;
using Crispy.Media.Bytes;

namespace Crispy.Media.Containers;

/// <summary>The boxes of movie fragments (ISO/IEC 14496-12, section 8.8).</summary>
internal sealed partial class Mp4Reader
{
    // Not a sync sample, or said to depend on another.
    private const uint NotAKeyframe = 0x0101_0000;

    private long _fragmentOffset;
    private long _baseOffset;
    private Mp4Track? _fragmentTrack;
    private Mp4FragmentDefaults _defaults;
    private int? _firstOffset;

    private bool ReadFragmentLeaf(Mp4Box box)
    {
        if (box.Type == Mp4Box.TypeOf("trex"u8)) return ReadTrackExtends();
        if (box.Type == Mp4Box.TypeOf("tfhd"u8)) return ReadFragmentHeader();
        if (box.Type == Mp4Box.TypeOf("tfdt"u8)) return ReadDecodingTime();
        return box.Type != Mp4Box.TypeOf("trun"u8) || ReadRun(box);
    }

    private bool ReadTrackExtends()
    {
        if (!Source.TryTake(24, out var bytes)) return false;
        var id = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        var defaults = new Mp4FragmentDefaults(
            BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
                BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]));
        foreach (var track in _tracks)
        {
            Work.Count();
            if (track.Id == id) track.Defaults = defaults;
        }

        return true;
    }

    private bool ReadFragmentHeader()
    {
        if (!Source.TryTakeUInt32(out var flags) || !Source.TryTakeUInt32(out var id)) return false;
        _fragmentTrack = null;
        foreach (var track in _tracks)
        {
            Work.Count();
            if (track.Id == id) _fragmentTrack = track;
        }

        _defaults = _fragmentTrack?.Defaults ?? default;
        _baseOffset = _fragmentOffset;
        if ((flags & 0x01) != 0)
        {
            if (!Source.TryTakeNumber(8, out var offset)) return false;
            _baseOffset = (long)(offset & long.MaxValue);
        }

        if ((flags & 0x02) != 0 && !Source.Skip(4)) return false;
        if (!TryTakeField(flags, 0x08, _defaults.Duration, out var duration) || !TryTakeField(flags, 0x10, _defaults.Size, out var size)
            || !TryTakeField(flags, 0x20, _defaults.Flags, out var sampleFlags)) return false;
        _defaults = new(duration, size, sampleFlags);
        return true;
    }

    private bool TryTakeField(uint flags, uint present, uint otherwise, out uint value)
    {
        value = otherwise;
        return (flags & present) == 0 || Source.TryTakeUInt32(out value);
    }

    private bool ReadDecodingTime()
    {
        if (!Source.TryTake(4, out var version) || !Source.TryTakeNumber(version[0] == 1 ? 8 : 4, out var time)) return false;
        if (_fragmentTrack is not null) _fragmentTrack.NextDecodingTime = (long)Math.Min(time, long.MaxValue / 2);
        return true;
    }

    private bool ReadRun(Mp4Box box)
    {
        if (!Source.TryTakeUInt32(out var flags) || !Source.TryTakeUInt32(out var count)) return false;
        if (_fragmentTrack is null || _fragmentTrack != _video) return true;
        if (!TryTakeField(flags, 0x01, 0, out var dataOffset) || !TryTakeField(flags, 0x04, _defaults.Flags, out var firstFlags))
            return false;
        if ((flags & 0x01) != 0) _video.AddOffset((ulong)Math.Max(0, _baseOffset + (int)dataOffset));
        return (flags & 0xF00) == 0
            ? AddUniformRun(count, firstFlags)
            : ReadSamples(box, flags, count, firstFlags);
    }

    private bool AddUniformRun(uint count, uint firstFlags)
    {
        var firstIsKey = (firstFlags & NotAKeyframe) == 0;
        var others = count > 0 && (_defaults.Flags & NotAKeyframe) == 0 ? count - 1L : 0;
        Timeline.AddRun(_video!.NextDecodingTime, _defaults.Duration, count, others + (firstIsKey && count > 0 ? 1 : 0), firstIsKey);
        _video.AddSamples(count, _defaults.Size);
        _video.NextDecodingTime = (long)Int128.Min(_video.NextDecodingTime + (Int128)count * _defaults.Duration, long.MaxValue / 2);
        return true;
    }

    private bool ReadSamples(Mp4Box box, uint flags, uint count, uint firstFlags)
    {
        var size = 4 * BitOperations.PopCount(flags & 0xF00);
        for (var i = 0u; i < count; i++)
        {
            if (Source.Position + size > box.End)
            {
                Damage |= Damage.Corrupt;
                return true;
            }

            if (!Source.TryTake(size, out var sample)) return false;
            var duration = (flags & 0x100) != 0 ? Next(ref sample) : _defaults.Duration;
            _video!.AddSamples(1, (flags & 0x200) != 0 ? Next(ref sample) : _defaults.Size);
            var sampleFlags = (flags & 0x400) != 0 ? Next(ref sample) : i == 0 ? firstFlags : _defaults.Flags;
            var offset = (flags & 0x800) != 0 ? (int)Next(ref sample) : 0;
            _firstOffset ??= offset;
            Timeline.DurationsAreDecodingSteps |= offset != _firstOffset;
            Timeline.Add(_video.NextDecodingTime + offset, duration, (sampleFlags & NotAKeyframe) == 0);
            _video.NextDecodingTime = Math.Min(_video.NextDecodingTime + duration, long.MaxValue / 2);
        }

        return true;
    }

    private static uint Next(ref ReadOnlySpan<byte> sample)
    {
        var value = BinaryPrimitives.ReadUInt32BigEndian(sample);
        sample = sample[4..];
        return value;
    }
}
