namespace Crispy.Media.Codecs;

/// <summary>An <c>hvcC</c> record (ISO/IEC 14496-15, 8.3.3.1): gives its NAL units one by one, and makes such records.</summary>
internal ref struct HevcRecord
{
    private const int FixedPart = 23;
    private ReadOnlySpan<byte> _rest;
    private int _arrays;
    private int _left;

    /// <summary>Reads a record; of other bytes nothing is taken.</summary>
    public HevcRecord(ReadOnlySpan<byte> record)
    {
        // Early writers left the version 0; start codes begin with two zeros and a byte of at most 1.
        if (record.Length < FixedPart || record[0] > 1 || record is [0, 0, <= 1, ..]) return;
        LengthSize = (record[21] & 3) + 1;
        _arrays = record[22];
        _rest = record[FixedPart..];
    }

    /// <summary>Bytes of the length before each NAL unit; 0 where the bytes are no record.</summary>
    public int LengthSize { get; }

    /// <summary>Takes the next unit of the next array.</summary>
    public bool TryTake(out ReadOnlySpan<byte> unit)
    {
        unit = default;
        while (_left == 0)
        {
            if (_arrays == 0 || _rest.Length < 3) return false;
            _left = _rest[1] << 8 | _rest[2];
            _rest = _rest[3..];
            _arrays--;
        }

        if (_rest.Length < 2) return false;
        var length = _rest[0] << 8 | _rest[1];
        if (length > _rest.Length - 2) return false;
        unit = _rest.Slice(2, length);
        _rest = _rest[(2 + length)..];
        _left--;
        return true;
    }

    /// <summary>Makes a record with lengths of four bytes, whose sets may also come in band.</summary>
    /// <param name="sps">The sequence parameter set that is used most.</param>
    /// <param name="video">Video parameter sets.</param>
    /// <param name="sequences">Sequence parameter sets, the most used one first.</param>
    /// <param name="pictures">Picture parameter sets.</param>
    public static byte[] Make(HevcSps sps, IReadOnlyList<byte[]> video, IReadOnlyList<byte[]> sequences, IReadOnlyList<byte[]> pictures)
    {
        List<byte> record =
        [
            1, .. sps.ProfileTierLevel, 0xF0, 0, 0xFC, (byte)(0xFC | sps.ChromaFormat), (byte)(0xF8 | sps.LumaDepth - 8),
            (byte)(0xF8 | sps.ChromaDepth - 8), 0, 0, (byte)(sps.SubLayers + 1 << 3 | (sps.AreNested ? 4 : 0) | 3),
        ];
        (int Type, IReadOnlyList<byte[]> Sets)[] arrays = [(Hevc.VpsType, video), (Hevc.SpsType, sequences), (Hevc.PpsType, pictures)];
        record.Add((byte)arrays.Count(array => array.Sets.Count > 0));
        foreach (var (type, sets) in arrays)
        {
            if (sets.Count == 0) continue;
            record.AddRange([(byte)type, (byte)(sets.Count >> 8), (byte)sets.Count]);
            foreach (var set in sets) record.AddRange([(byte)(set.Length >> 8), (byte)set.Length, .. set]);
        }

        return [.. record];
    }
}
