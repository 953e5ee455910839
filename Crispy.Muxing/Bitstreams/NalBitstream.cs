using System.Buffers.Binary;
using Crispy.Media.Codecs;

namespace Crispy.Muxing.Bitstreams;

/// <summary>What H.264 and HEVC have in common: NAL units in two forms, and parameter sets that may come in the extradata and in
/// band.</summary>
internal abstract class NalBitstream : VideoBitstream
{
    private const int Prefix = 4;

    // Units are at most 65535 bytes long in a record.
    private const int MaxSet = ushort.MaxValue;

    private readonly List<byte[]> _late = [];
    private byte[]? _configuration;
    private int _lengthSize;

    /// <inheritdoc />
    public sealed override byte[] Configuration => _configuration ??= MakeRecord();

    /// <summary>Whether a slice was seen.</summary>
    protected bool HasBegun { get; set; }

    /// <summary>Whether there is no set of sequence or picture parameters.</summary>
    protected abstract bool HasNoSets { get; }

    /// <inheritdoc />
    public sealed override bool TakeExtradata(ReadOnlySpan<byte> extradata)
    {
        if (extradata.IsEmpty) return false;
        var isRecord = TrySplitRecord(extradata, out var lengthSize, out var units);
        if (!isRecord) units = SplitStartCodes(extradata);
        _lengthSize = isRecord ? lengthSize : 0;
        if (!units.Exists(unit => IsNew(unit))) return false;
        ForgetSets();
        _late.Clear();
        foreach (var unit in units) Put(unit);
        _configuration = isRecord ? WithFourByteLengths(extradata) : null;
        return true;
    }

    /// <inheritdoc />
    public sealed override ReadOnlySpan<byte> ToLengthPrefixed(ReadOnlySpan<byte> packet, ref byte[] buffer)
    {
        var lengthSize = LengthSizeOf(packet);
        if (lengthSize == Prefix || packet.IsEmpty) return packet;
        var units = new NalReader(packet, lengthSize);
        var end = 0;
        while (units.TryTake(out var unit)) Append(ref buffer, ref end, unit);

        // Bytes without any unit: no decoder takes them, but no byte of a source is left out.
        if (end == 0) Append(ref buffer, ref end, packet);
        return buffer.AsSpan(0, end);
    }

    /// <summary>The packet's units, in whichever form it comes: a source whose extradata is a record may still send start codes.</summary>
    protected NalReader UnitsOf(ReadOnlySpan<byte> packet) => new(packet, LengthSizeOf(packet));

    /// <summary>Puts sets in force that stood behind the slices of the packet before; true where that changes something.</summary>
    protected bool TakeLateSets()
    {
        var changed = false;
        foreach (var unit in _late) changed |= TakeSet(unit);
        _late.Clear();
        return changed;
    }

    /// <summary>Keeps a set that stands behind a slice: it belongs to the next packet.</summary>
    protected void TakeSetLater(ReadOnlySpan<byte> unit)
    {
        if (unit.Length <= MaxSet && IsNew(unit)) _late.Add(unit.ToArray());
    }

    /// <summary>Puts a parameter set in force; true where that changes something.</summary>
    protected bool TakeSet(ReadOnlySpan<byte> unit)
    {
        if (unit.Length > MaxSet || !IsNew(unit)) return false;
        Put(unit);
        _configuration = null;
        return true;
    }

    /// <summary>Has the record made again.</summary>
    protected void ForgetConfiguration() => _configuration = null;

    /// <summary>Splits a record into its units; false where the bytes are none.</summary>
    protected abstract bool TrySplitRecord(ReadOnlySpan<byte> extradata, out int lengthSize, out List<byte[]> units);

    /// <summary>Makes a record of the sets in force; empty while they are not enough.</summary>
    protected abstract byte[] MakeRecord();

    /// <summary>The record with lengths of four bytes.</summary>
    protected abstract byte[] WithFourByteLengths(ReadOnlySpan<byte> record);

    /// <summary>Whether a unit is a readable parameter set that is not in force.</summary>
    protected abstract bool IsNew(ReadOnlySpan<byte> unit);

    /// <summary>Puts a unit in force if it is a readable parameter set.</summary>
    protected abstract void Put(ReadOnlySpan<byte> unit);

    /// <summary>Forgets all sets.</summary>
    protected abstract void ForgetSets();

    private int LengthSizeOf(ReadOnlySpan<byte> packet)
    {
        var hasStartCode = NalReader.StartsWithStartCode(packet);
        if (_lengthSize > 0) return hasStartCode && !NalReader.FitsLengths(packet, _lengthSize) ? 0 : _lengthSize;
        return !hasStartCode && NalReader.FitsLengths(packet, Prefix) ? Prefix : 0;
    }

    private static List<byte[]> SplitStartCodes(ReadOnlySpan<byte> bytes)
    {
        var found = new List<byte[]>();
        var units = new NalReader(bytes, 0);
        while (units.TryTake(out var unit))
        {
            if (unit.Length <= MaxSet) found.Add(unit.ToArray());
        }

        return found;
    }

    private static void Append(ref byte[] buffer, ref int end, ReadOnlySpan<byte> unit)
    {
        var needed = end + Prefix + unit.Length;
        if (buffer.Length < needed) Array.Resize(ref buffer, Math.Max(needed, 2 * buffer.Length));
        BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(end), unit.Length);
        unit.CopyTo(buffer.AsSpan(end + Prefix));
        end = needed;
    }
}
