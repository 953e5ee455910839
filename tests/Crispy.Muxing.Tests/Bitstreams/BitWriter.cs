namespace Crispy.Muxing.Tests.Bitstreams;

/// <summary>Writes headers bit by bit, most significant first.</summary>
internal sealed class BitWriter
{
    private readonly List<bool> _bits = [];

    public BitWriter U(int count, uint value)
    {
        for (var i = count - 1; i >= 0; i--) _bits.Add((value >> i & 1) != 0);
        return this;
    }

    public BitWriter Ue(uint value)
    {
        var length = 32 - int.LeadingZeroCount((int)(value + 1));
        return U(length - 1, 0).U(length, value + 1);
    }

    public BitWriter Se(int value) => Ue(value > 0 ? (uint)(2 * value - 1) : (uint)(-2 * value));

    public BitWriter Align()
    {
        while (_bits.Count % 8 != 0) _bits.Add(false);
        return this;
    }

    public byte[] Bytes()
    {
        var bytes = new byte[(_bits.Count + 7) / 8];
        for (var i = 0; i < _bits.Count; i++)
        {
            if (_bits[i]) bytes[i / 8] |= (byte)(0x80 >> i % 8);
        }

        return bytes;
    }

    /// <summary>A NAL unit with the stop bit and emulation prevention bytes.</summary>
    public byte[] Nal(params byte[] header)
    {
        U(1, 1);
        var unit = new List<byte>(header);
        var zeros = 0;
        foreach (var next in Bytes())
        {
            if (zeros >= 2 && next <= 3)
            {
                unit.Add(3);
                zeros = 0;
            }

            unit.Add(next);
            zeros = next == 0 ? zeros + 1 : 0;
        }

        return [.. unit];
    }
}
