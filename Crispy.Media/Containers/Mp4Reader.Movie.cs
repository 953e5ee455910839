using System.Buffers.Binary;

namespace Crispy.Media.Containers;

/// <summary>The boxes that describe tracks and list samples (ISO/IEC 14496-12, sections 8.2 to 8.6).</summary>
internal sealed partial class Mp4Reader
{
    private const int MaxSampleDescription = ushort.MaxValue;

    private bool ReadLeaf(Mp4Box box)
    {
        var type = box.Type;
        if (type == Mp4Box.TypeOf("mvhd"u8)) return ReadTimescale(scale => _movieTimescale = scale);
        if (type == Mp4Box.TypeOf("mdhd"u8)) return ReadTimescale(scale => _track.Timescale = scale);
        if (type == Mp4Box.TypeOf("tkhd"u8)) return ReadTrackHeader();
        if (type == Mp4Box.TypeOf("hdlr"u8)) return ReadHandler();
        if (type == Mp4Box.TypeOf("elst"u8)) return ReadEditList(box);
        if (type == Mp4Box.TypeOf("stsd"u8)) return ReadSampleDescription(box);
        if (type == Mp4Box.TypeOf("stts"u8)) return ReadRuns(box, (count, delta) => _track.AddDuration(count, delta));
        if (type == Mp4Box.TypeOf("ctts"u8)) return ReadRuns(box, (count, offset) => _track.AddShift(count, offset));
        if (type == Mp4Box.TypeOf("stss"u8)) return ReadSyncSamples(box);
        if (type == Mp4Box.TypeOf("stsz"u8)) return ReadSampleSizes(box, compact: false);
        if (type == Mp4Box.TypeOf("stz2"u8)) return ReadSampleSizes(box, compact: true);
        if (type == Mp4Box.TypeOf("stco"u8)) return ReadOffsets(box, 4);
        if (type == Mp4Box.TypeOf("co64"u8)) return ReadOffsets(box, 8);
        return ReadFragmentLeaf(box);
    }

    private bool ReadTimescale(Action<uint> use)
    {
        if (!Source.TryTake(4, out var version) || !Source.Skip(version[0] == 1 ? 16 : 8) || !Source.TryTakeUInt32(out var scale))
            return false;
        use(Math.Max(scale, 1));
        return true;
    }

    private bool ReadTrackHeader()
    {
        if (!Source.TryTake(4, out var version)) return false;
        var version0 = version[0] != 1;
        if (!Source.Skip(version0 ? 8 : 16) || !Source.TryTakeUInt32(out var id)) return false;
        _track.Id = id;
        if (!Source.Skip(4) || !Source.TryTakeNumber(version0 ? 4 : 8, out var duration)) return false;
        _track.PresentedTicks = duration == (version0 ? uint.MaxValue : ulong.MaxValue) ? 0 : duration;
        return true;
    }

    private bool ReadHandler()
    {
        if (!Source.Skip(8) || !Source.TryTakeUInt32(out var handler)) return false;

        // A second hdlr inside minf (QuickTime) names the data handler.
        if (_track.Handler == 0) _track.Handler = handler;
        return true;
    }

    private bool ReadEditList(Mp4Box box)
    {
        if (!Source.TryTake(4, out var version)) return false;
        var size = version[0] == 1 ? 8 : 4;
        if (!Source.TryTakeUInt32(out var count)) return false;
        for (var i = 0u; i < count && Source.Position < box.End; i++)
        {
            if (!Source.TryTakeNumber(size, out var duration) || !Source.TryTakeNumber(size, out var mediaTime) || !Source.Skip(4))
                return false;
            var time = size == 4 ? (int)mediaTime : (long)mediaTime;
            if (time == -1)
            {
                _track.EmptyEdit = Math.Min(_track.EmptyEdit + Math.Min(duration, long.MaxValue / 4), long.MaxValue / 4);
                continue;
            }

            _track.MediaTime = Math.Clamp(time, long.MinValue / 4, long.MaxValue / 4);
            break;
        }

        return true;
    }

    private bool ReadSampleDescription(Mp4Box box)
    {
        var size = (int)Math.Clamp(box.End - Source.Position, 0, MaxSampleDescription);
        var available = Source.Peek(size);
        if (available.Length < size) return false;
        if (size < 16) return true;
        var entry = available[8..size];
        entry = entry[..(int)Math.Clamp(BinaryPrimitives.ReadUInt32BigEndian(entry), 8, (uint)entry.Length)];
        if (_track.Handler == Mp4Box.TypeOf("soun"u8)) AudioCodec ??= Mp4SampleEntry.AudioName(entry);
        if (_track.Handler != Mp4Box.TypeOf("vide"u8) || _video is not null) return true;
        _video = _track;
        var description = Mp4SampleEntry.ReadVideo(entry);
        VideoCodecName = description.Codec;
        ContainerWidth = description.Width;
        ContainerHeight = description.Height;
        TakeConfiguration(description.Configuration);
        return true;
    }
}
