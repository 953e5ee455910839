using System.Numerics;
using Crispy.Media.Bytes;

namespace Crispy.Media.Containers;

/// <summary>How taking an element's identifier went.</summary>
internal enum EbmlResult
{
    /// <summary>It was taken.</summary>
    Ok,

    /// <summary>No byte was left.</summary>
    End,

    /// <summary>The bytes end inside it.</summary>
    Truncated,

    /// <summary>No identifier begins like this.</summary>
    Corrupt,
}

/// <summary>Variable-size numbers of EBML (RFC 8794, section 4).</summary>
internal static class Ebml
{
    /// <summary>Takes an element identifier, its length marker included.</summary>
    public static EbmlResult TryTakeId(ByteSource source, out uint id)
    {
        id = 0;
        var first = source.Peek(1);
        if (first.IsEmpty) return EbmlResult.End;
        var length = LengthOf(first[0]);
        if (length > 4) return EbmlResult.Corrupt;
        if (!source.TryTakeNumber(length, out var value)) return EbmlResult.Truncated;
        id = (uint)value;
        return EbmlResult.Ok;
    }

    /// <summary>Takes a number without its length marker; <paramref name="unknown"/> when all its bits are set.</summary>
    public static bool TryTakeVint(ByteSource source, out ulong value, out bool unknown)
    {
        value = 0;
        unknown = false;
        var first = source.Peek(1);
        if (first.IsEmpty) return false;
        var length = LengthOf(first[0]);
        if (length > 8 || !source.TryTakeNumber(length, out value)) return false;
        var mask = (1ul << (7 * length)) - 1;
        value &= mask;
        unknown = value == mask;
        return true;
    }

    private static int LengthOf(byte first) => BitOperations.LeadingZeroCount((uint)first) - 23;
}
