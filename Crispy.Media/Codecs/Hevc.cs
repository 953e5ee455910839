namespace Crispy.Media.Codecs;

/// <summary>NAL units of HEVC (ITU-T H.265, table 7-1) and its configuration record (ISO/IEC 14496-15, 8.3.3.1).</summary>
internal static class Hevc
{
    /// <summary>The NAL unit type of a video parameter set.</summary>
    public const int VpsType = 32;

    /// <summary>The NAL unit type of a sequence parameter set.</summary>
    public const int SpsType = 33;

    /// <summary>The NAL unit type of a picture parameter set.</summary>
    public const int PpsType = 34;

    /// <summary>The NAL unit type of the end of a sequence.</summary>
    public const int EndOfSequenceType = 36;

    /// <summary>The NAL unit type of the end of the bitstream.</summary>
    public const int EndOfBitstreamType = 37;

    /// <summary>The NAL unit type of supplemental enhancement information before a picture.</summary>
    public const int SeiType = 39;

    /// <summary>The type of a unit; -1 of one without its header.</summary>
    public static int TypeOf(ReadOnlySpan<byte> unit) => unit.Length < 2 ? -1 : unit[0] >> 1 & 63;

    /// <summary>Whether units of this type hold picture data.</summary>
    public static bool IsSlice(int type) => type is >= 0 and < 32;

    /// <summary>Whether pictures of this type are intra random access points: BLA, IDR, CRA.</summary>
    public static bool IsRandomAccess(int type) => type is >= 16 and <= 23;

    /// <summary>Reads the first sequence parameter set of an <c>hvcC</c> record.</summary>
    public static SequenceParameters? FromConfiguration(ReadOnlySpan<byte> record)
    {
        var units = new HevcRecord(record);
        while (units.TryTake(out var unit))
        {
            if (TypeOf(unit) == SpsType) return FromSps(unit);
        }

        return null;
    }

    /// <summary>Whether a record lists a sequence parameter set, readable or not.</summary>
    public static bool HasSequence(ReadOnlySpan<byte> record)
    {
        var units = new HevcRecord(record);
        while (units.TryTake(out var unit))
        {
            if (TypeOf(unit) == SpsType) return true;
        }

        return false;
    }

    /// <summary>Reads a sequence parameter set, its two NAL header bytes included.</summary>
    public static SequenceParameters? FromSps(ReadOnlySpan<byte> nal) => HevcSps.Read(nal)?.Parameters;
}
