using System.Buffers.Binary;
using Crispy.Media.Codecs;

namespace Crispy.Muxing.Tests.Bitstreams;

/// <summary>NAL units taken apart and put together again in other forms.</summary>
internal static class NalUnits
{
    /// <summary>Splits a packet; a length size of 0 stands for start codes.</summary>
    public static List<byte[]> Split(ReadOnlySpan<byte> packet, int lengthSize = 4)
    {
        var found = new List<byte[]>();
        var units = new NalReader(packet, lengthSize);
        while (units.TryTake(out var unit)) found.Add(unit.ToArray());
        return found;
    }

    public static byte[] WithLengths(IEnumerable<byte[]> units, int lengthSize = 4)
    {
        var packet = new List<byte>();
        foreach (var unit in units)
        {
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, unit.Length);
            packet.AddRange(length[(4 - lengthSize)..]);
            packet.AddRange(unit);
        }

        return [.. packet];
    }

    public static byte[] WithStartCodes(IEnumerable<byte[]> units, bool shortest = false) =>
        [.. units.SelectMany(unit => shortest ? [0, 0, 1, .. unit] : (byte[])[0, 0, 0, 1, .. unit])];
}
