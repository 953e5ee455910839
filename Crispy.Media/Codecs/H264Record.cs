namespace Crispy.Media.Codecs;

/// <summary>An <c>avcC</c> record (ISO/IEC 14496-15, 5.3.3.1): gives its parameter sets one by one, and makes such records.</summary>
internal ref struct H264Record
{
    private const int FixedPart = 6;
    private ReadOnlySpan<byte> _rest;
    private int _left;
    private bool _picturesFollow;

    /// <summary>Reads a record; of other bytes nothing is taken.</summary>
    public H264Record(ReadOnlySpan<byte> record)
    {
        if (record.Length < FixedPart || record[0] != 1) return;
        LengthSize = (record[4] & 3) + 1;
        _left = record[5] & 31;
        _rest = record[FixedPart..];
        _picturesFollow = true;
    }

    /// <summary>Bytes of the length before each NAL unit; 0 where the bytes are no record.</summary>
    public int LengthSize { get; }

    /// <summary>Takes the next sequence or picture parameter set.</summary>
    public bool TryTake(out ReadOnlySpan<byte> unit)
    {
        unit = default;
        if (_left == 0 && !TryEnterPictures()) return false;
        if (_rest.Length < 2) return false;
        var length = _rest[0] << 8 | _rest[1];
        if (length > _rest.Length - 2) return false;
        unit = _rest.Slice(2, length);
        _rest = _rest[(2 + length)..];
        _left--;
        return true;
    }

    private bool TryEnterPictures()
    {
        if (!_picturesFollow || _rest.IsEmpty) return false;
        _picturesFollow = false;
        _left = _rest[0];
        _rest = _rest[1..];
        return _left > 0;
    }

    /// <summary>Makes a record with lengths of four bytes.</summary>
    /// <param name="sps">The sequence parameter set that is used most.</param>
    /// <param name="sequences">Sequence parameter sets, the most used one first; what is above 31 is left out.</param>
    /// <param name="pictures">Picture parameter sets; what is above 255 is left out.</param>
    public static byte[] Make(H264Sps sps, IReadOnlyList<byte[]> sequences, IReadOnlyList<byte[]> pictures)
    {
        var first = sequences[0];
        var record = new List<byte> { 1, first[1], first[2], first[3], 0xFF, (byte)(0xE0 | Math.Min(sequences.Count, 31)) };
        foreach (var set in sequences.Take(31)) Add(record, set);
        record.Add((byte)Math.Min(pictures.Count, 255));
        foreach (var set in pictures.Take(255)) Add(record, set);
        if (first[1] is not (66 or 77 or 88))
        {
            record.AddRange([(byte)(0xFC | sps.ChromaFormat), (byte)(0xF8 | sps.LumaDepth - 8), (byte)(0xF8 | sps.ChromaDepth - 8), 0]);
        }

        return [.. record];
    }

    private static void Add(List<byte> record, byte[] set)
    {
        record.Add((byte)(set.Length >> 8));
        record.Add((byte)set.Length);
        record.AddRange(set);
    }
}
