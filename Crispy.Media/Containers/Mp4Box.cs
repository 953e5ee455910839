using System.Buffers.Binary;
using Crispy.Media.Bytes;

namespace Crispy.Media.Containers;

/// <summary>A box's header (ISO/IEC 14496-12, section 4.2).</summary>
/// <param name="Type">The four characters, most significant first.</param>
/// <param name="Start">The offset of its first byte.</param>
/// <param name="End">The offset behind the box; <see cref="long.MaxValue"/> for one that lasts to the end of the file.</param>
internal readonly record struct Mp4Box(uint Type, long Start, long End)
{
    /// <summary>Four characters as a box type.</summary>
    public static uint TypeOf(ReadOnlySpan<byte> name) => BinaryPrimitives.ReadUInt32BigEndian(name);

    /// <summary>Takes a box's header; false when no byte is left, or the rest is none (<paramref name="damage"/>).</summary>
    public static bool TryTake(ByteSource source, out Mp4Box box, out Damage damage)
    {
        box = default;
        damage = Damage.None;
        var start = source.Position;
        var available = source.Peek(8).Length;
        if (available == 0) return false;
        damage = Damage.Truncated;
        if (!source.TryTakeUInt32(out var size) || !source.TryTakeUInt32(out var type)) return false;
        ulong length = size;
        if (size == 1 && !source.TryTakeNumber(8, out length)) return false;
        damage = Damage.Corrupt;
        if (size != 0 && (length < (ulong)(source.Position - start) || length > long.MaxValue / 2)) return false;
        damage = Damage.None;
        box = new(type, start, size == 0 ? long.MaxValue : start + (long)length);
        return true;
    }
}
