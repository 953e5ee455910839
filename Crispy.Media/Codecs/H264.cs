namespace Crispy.Media.Codecs;

/// <summary>NAL units of H.264 (ITU-T H.264, table 7-1) and its configuration record (ISO/IEC 14496-15, 5.3.3.1).</summary>
internal static class H264
{
    /// <summary>The NAL unit type of a slice of an IDR picture.</summary>
    public const int IdrType = 5;

    /// <summary>The NAL unit type of supplemental enhancement information.</summary>
    public const int SeiType = 6;

    /// <summary>The NAL unit type of a sequence parameter set.</summary>
    public const int SpsType = 7;

    /// <summary>The NAL unit type of a picture parameter set.</summary>
    public const int PpsType = 8;

    /// <summary>The type of a unit; -1 of an empty one.</summary>
    public static int TypeOf(ReadOnlySpan<byte> unit) => unit.IsEmpty ? -1 : unit[0] & 31;

    /// <summary>Whether units of this type hold picture data.</summary>
    public static bool IsSlice(int type) => type is >= 1 and <= IdrType;

    /// <summary>Reads the first sequence parameter set of an <c>avcC</c> record.</summary>
    public static SequenceParameters? FromConfiguration(ReadOnlySpan<byte> record)
    {
        var units = new H264Record(record);
        while (units.TryTake(out var unit))
        {
            if (TypeOf(unit) == SpsType) return FromSps(unit);
        }

        return null;
    }

    /// <summary>Whether a record lists a sequence parameter set, readable or not.</summary>
    public static bool HasSequence(ReadOnlySpan<byte> record)
    {
        var units = new H264Record(record);
        while (units.TryTake(out var unit))
        {
            if (TypeOf(unit) == SpsType) return true;
        }

        return false;
    }

    /// <summary>Reads a sequence parameter set, its NAL header byte included.</summary>
    public static SequenceParameters? FromSps(ReadOnlySpan<byte> nal) => H264Sps.Read(nal)?.Parameters;
}
