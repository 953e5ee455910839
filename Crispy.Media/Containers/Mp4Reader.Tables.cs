using System.Buffers.Binary;

namespace Crispy.Media.Containers;

/// <summary>The tables of a track's samples (ISO/IEC 14496-12, sections 8.6 and 8.7). All entries of the video track's are read,
/// once.</summary>
internal sealed partial class Mp4Reader
{
    private delegate bool TakeEntry(ReadOnlySpan<byte> entry);

    private bool ReadRuns(Mp4Box box, Func<uint, uint, bool> add)
    {
        if (!Source.Skip(4) || !Source.TryTakeUInt32(out var count)) return false;
        return ReadEntries(box, count, 8, entry => add(Number(entry[..4]), Number(entry[4..])));
    }

    private bool ReadSyncSamples(Mp4Box box)
    {
        if (!Source.Skip(4) || !Source.TryTakeUInt32(out var count)) return false;
        _track.BeginSyncSamples(count);
        return ReadEntries(box, count, 4, entry => _track.AddSyncSample(BinaryPrimitives.ReadUInt32BigEndian(entry)));
    }

    private bool ReadOffsets(Mp4Box box, int size)
    {
        if (!Source.Skip(4) || !Source.TryTakeUInt32(out var count)) return false;
        return ReadEntries(box, count, size, entry =>
        {
            _track.AddOffset(size == 4 ? BinaryPrimitives.ReadUInt32BigEndian(entry) : BinaryPrimitives.ReadUInt64BigEndian(entry));
            return true;
        });
    }

    // stsz: the size of all samples or 0 (4), their number (4), 4 bytes each. stz2: reserved (3), bits of a size (1), their number (4).
    private bool ReadSampleSizes(Mp4Box box, bool compact)
    {
        if (!Source.Skip(4) || !Source.TryTakeUInt32(out var size) || !Source.TryTakeUInt32(out var count)) return false;
        _track.BeginSamples(count);
        if (!compact && size > 0)
        {
            return _track.AddSamples(count, size);
        }

        var bits = compact ? (int)size & 0xFF : 32;
        if (bits is not (4 or 8 or 16 or 32))
        {
            Damage |= Damage.Corrupt;
            return true;
        }

        return bits == 4
            ? ReadEntries(box, (count + 1L) / 2, 1, entry => _track.AddSamples(1, (uint)(entry[0] >> 4) + (entry[0] & 15u)))
            : ReadEntries(box, count, bits / 8, entry => _track.AddSamples(1, Number(entry)));
    }

    // The video track is known by its description, which may also follow the tables.
    private bool IsWanted => _video is null ? _track.Handler == Mp4Box.TypeOf("vide"u8) : _track == _video;

    // An entry that is refused ends the table.
    private bool ReadEntries(Mp4Box box, long count, int size, TakeEntry take)
    {
        if (!IsWanted) return true;
        if (count * size > box.End - Source.Position)
        {
            Damage |= Damage.Corrupt;
            count = Math.Max(0, box.End - Source.Position) / size;
        }

        for (var i = 0L; i < count; i++)
        {
            if (!Source.TryTake(size, out var entry)) return false;
            if (take(entry)) continue;
            Damage |= Damage.Corrupt;
            return true;
        }

        return true;
    }

    private static uint Number(ReadOnlySpan<byte> bytes)
    {
        uint number = 0;
        foreach (var next in bytes) number = number << 8 | next;
        return number;
    }
}
