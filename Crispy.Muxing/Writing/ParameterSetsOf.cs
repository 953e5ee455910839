namespace Crispy.Muxing.Writing;

/// <summary>Where the parameter sets lie in a configuration record (ISO/IEC 14496-15); what is cut off is left out.</summary>
internal static class ParameterSetsOf
{
    /// <summary>Of an <c>avcC</c>: sequence parameter sets, then picture parameter sets.</summary>
    public static IReadOnlyList<Range> H264(ReadOnlySpan<byte> record)
    {
        List<Range> sets = [];
        if (record.Length < 7) return sets;
        var at = Add(sets, record, 6, record[5] & 31);
        if (at < record.Length) Add(sets, record, at + 1, record[at]);
        return sets;
    }

    /// <summary>Of an <c>hvcC</c>, in its order: VPS, SPS and PPS alone. Messages (SEI) that stand beside them are not repeated.</summary>
    public static IReadOnlyList<Range> Hevc(ReadOnlySpan<byte> record)
    {
        List<Range> sets = [];
        var at = 23;
        for (var array = record.Length >= at ? record[22] : 0; array > 0 && at + 3 <= record.Length; array--)
        {
            var isSet = (record[at] & 63) is >= 32 and <= 34;
            at = Add(isSet ? sets : [], record, at + 3, record[at + 1] << 8 | record[at + 2]);
        }

        return sets;
    }

    private static int Add(List<Range> sets, ReadOnlySpan<byte> record, int at, int count)
    {
        for (; count > 0 && at + 2 <= record.Length; count--)
        {
            var end = at + 2 + (record[at] << 8 | record[at + 1]);
            if (end > record.Length) return record.Length;
            if (end > at + 2) sets.Add((at + 2)..end);
            at = end;
        }

        return at;
    }
}
