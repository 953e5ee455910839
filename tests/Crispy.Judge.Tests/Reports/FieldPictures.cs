namespace Crispy.Judge.Tests.Reports;

/// <summary>
/// Field-coded H.264 (PAFF) in MPEG-TS, one PES packet a frame, as broadcasters send it. Each frame is two field pictures, and only the
/// first has a time. x264 writes no field pictures, so each is made by hand of I_PCM and skipped macroblocks (ITU-T H.264, 7.3).
/// </summary>
internal static class FieldPictures
{
    private const int Width = 64;
    private const int Height = 64;
    private const int Macroblocks = Width / 16 * (Height / 32);
    private const int VideoPid = 257;

    /// <summary>Writes frames, 25 a second, with an IDR field each second.</summary>
    public static void Write(string path, int frames, int gop = 25)
    {
        using var file = File.Create(path);
        var packets = new TransportPackets(file);
        for (var frame = 0; frame < frames; frame++)
        {
            if (frame % gop == 0) packets.WriteTables(VideoPid, streamType: 0x1B);
            byte[] delimiter = [0, 0, 0, 1, 9, 0x10];
            var pts = 90_000 + frame * 3600L;
            packets.WriteVideo(VideoPid, pts,
                [.. delimiter, .. frame % gop == 0 ? ParameterSets() : [], .. Timing(bottom: false), .. Field(frame, gop, bottom: false),
                    .. delimiter, .. Timing(bottom: true), .. Field(frame, gop, bottom: true)]);
        }
    }

    private static byte[] ParameterSets()
    {
        // Main profile, level 3, picture order count type 2, one reference, fields allowed.
        var sequence = new Bits().U(8, 77).U(8, 0).U(8, 30).Ue(0).Ue(0).Ue(2).Ue(1).U(1, 0).Ue(Width / 16 - 1).Ue(Height / 32 - 1).U(1, 0)
            .U(1, 0).U(1, 1).U(1, 0);
        // VUI: 50 fields a second, pic_struct present.
        sequence.U(1, 1).U(1, 0).U(1, 0).U(1, 0).U(1, 0).U(1, 1).U(32, 1).U(32, 50).U(1, 1).U(1, 0).U(1, 0).U(1, 1).U(1, 0);
        var picture = new Bits().Ue(0).Ue(0).U(1, 0).U(1, 1).Ue(0).Ue(0).Ue(0).U(1, 0).U(2, 0).Ue(0).Ue(0).Ue(0).U(1, 0).U(1, 0).U(1, 0);
        return [.. Unit(3, 7, sequence.End()), .. Unit(3, 8, picture.End())];
    }

    private static byte[] Timing(bool bottom) => Unit(0, 6, new Bits().U(8, 1).U(8, 1).U(4, bottom ? 2 : 1).U(4, 0).End());

    // The second field of an IDR picture is a P field; all others but the IDR itself are P too.
    private static byte[] Field(int frame, int gop, bool bottom)
    {
        var idr = frame % gop == 0 && !bottom;
        var bits = new Bits().Ue(0).Ue(idr ? 7 : 5).Ue(0).U(4, frame % gop % 16).U(1, 1).U(1, bottom ? 1 : 0);
        if (idr) bits.Ue(frame / gop % 2).U(1, 0).U(1, 0);
        else bits.U(1, 0).U(1, 0).U(1, 0);
        bits.Ue(0);
        if (idr)
        {
            for (var macroblock = 0; macroblock < Macroblocks; macroblock++)
                Pcm(bits.Ue(25), (frame * 3 + macroblock * 17) % 200 + 20, frame);
        }
        else
        {
            var at = (2 * frame + (bottom ? 1 : 0)) % Macroblocks;
            Pcm(bits.Ue(at).Ue(30), (frame * 7 + (bottom ? 90 : 0)) % 200 + 20, frame);
            if (at < Macroblocks - 1) bits.Ue(Macroblocks - 1 - at);
        }
        return Unit(3, idr ? 5 : 1, bits.End());
    }

    private static void Pcm(Bits bits, int luma, int frame)
    {
        bits.Align();
        for (var sample = 0; sample < 384; sample++) bits.U(8, sample < 256 ? luma : sample < 320 ? frame * 2 % 200 + 20 : 128);
    }

    private static byte[] Unit(int reference, int type, byte[] payload)
    {
        var unit = new List<byte> { 0, 0, 0, 1, (byte)(reference << 5 | type) };
        var zeros = 0;
        foreach (var value in payload)
        {
            if (zeros >= 2 && value <= 3)
            {
                unit.Add(3);
                zeros = 0;
            }
            unit.Add(value);
            zeros = value == 0 ? zeros + 1 : 0;
        }
        return [.. unit];
    }

    private sealed class Bits
    {
        private readonly List<byte> _bytes = [];
        private int _used = 8;

        public Bits U(int count, long value)
        {
            for (var bit = count - 1; bit >= 0; bit--)
            {
                if (_used == 8)
                {
                    _bytes.Add(0);
                    _used = 0;
                }
                _bytes[^1] |= (byte)((value >> bit & 1) << (7 - _used++));
            }
            return this;
        }

        public Bits Ue(int value)
        {
            var length = System.Numerics.BitOperations.Log2((uint)value + 1) + 1;
            return U(length - 1, 0).U(length, value + 1);
        }

        public void Align() => _used = 8;

        public byte[] End()
        {
            U(1, 1);
            return [.. _bytes];
        }
    }
}
