using Crispy.Media.Bytes;

namespace Crispy.Media.Containers;

/// <summary>MPEG transport stream (ISO/IEC 13818-1) in packets of 188 bytes: the first programme's first video stream.</summary>
internal sealed class TransportStreamReader : ContainerReader
{
    /// <summary>Bytes a packet.</summary>
    public const int PacketSize = 188;

    private const byte Sync = 0x47;
    private const int Pids = 0x2000;
    private const int NoPid = -1;
    private const byte NoCounter = 0xFF;

    private readonly byte[] _counters = new byte[Pids];
    private readonly TsSection _section = new();
    private readonly TsFrame _frame = new();
    private int _programPid = NoPid;
    private int _videoPid = NoPid;
    private long _lastPts = long.MinValue;

    /// <summary>Reads <paramref name="source"/>.</summary>
    public TransportStreamReader(ByteSource source, bool headOnly)
        : base(source, headOnly)
    {
        Array.Fill(_counters, NoCounter);
        Timeline.TickDenominator = 90_000;
    }

    /// <inheritdoc />
    public override string Name => "ts";

    /// <inheritdoc />
    protected override bool AllTracksSeen => _videoPid != NoPid;

    /// <summary>Whether packets begin at 0, and at 188 and 376 as far as there are bytes.</summary>
    public static bool Recognises(ReadOnlySpan<byte> head) =>
        head.Length >= 4 && head[0] == Sync
        && (head.Length <= PacketSize || head[PacketSize] == Sync) && (head.Length <= 2 * PacketSize || head[2 * PacketSize] == Sync);

    /// <inheritdoc />
    public override void Read()
    {
        while (!Enough && FindPacket())
        {
            if (!Source.TryTake(PacketSize, out var packet))
            {
                Damage |= Damage.Truncated;
                break;
            }

            ReadPacket(packet);
        }

        FinishFrame();
    }

    // Leaves out bytes that no packet begins with; false at the end.
    private bool FindPacket()
    {
        while (true)
        {
            var next = Source.Peek(1);
            if (next.IsEmpty) return false;
            if (next[0] == Sync) return true;
            Damage |= Damage.Corrupt;
            var ahead = next.IndexOf(Sync);
            Source.Skip(ahead < 0 ? next.Length : ahead);
        }
    }

    private void ReadPacket(ReadOnlySpan<byte> packet)
    {
        var pid = (packet[1] & 0x1F) << 8 | packet[2];
        if (pid == Pids - 1) return;
        if ((packet[1] & 0x80) != 0)
        {
            Damage |= Damage.Discontinuity;
            return;
        }

        var starts = (packet[1] & 0x40) != 0;
        var payload = 4;
        byte adaptation = 0;
        if ((packet[3] & 0x20) != 0)
        {
            payload = 5 + packet[4];
            if (packet[4] > 0) adaptation = packet[5];
        }

        if (!IsExpected(pid, packet[3], (adaptation & 0x80) != 0) || (packet[3] & 0x10) == 0 || payload >= PacketSize) return;
        var content = packet[payload..];
        if (pid == _videoPid) ReadVideo(content, starts, (adaptation & 0x40) != 0);
        else if (pid == 0) ReadTable(content, starts, isProgram: false);
        else if (pid == _programPid) ReadTable(content, starts, isProgram: true);
    }

    // The counter of a PID rises by one with each packet that has a payload; one repetition is allowed, and must be left out.
    private bool IsExpected(int pid, byte control, bool discontinuity)
    {
        if ((control & 0x10) == 0) return true;
        var counter = (byte)(control & 0x0F);
        var last = _counters[pid];
        _counters[pid] = counter;
        if (last == NoCounter || discontinuity) return true;
        if (counter == last) return false;
        if (counter != ((last + 1) & 0x0F)) Damage |= Damage.Discontinuity;
        return true;
    }

    private void ReadTable(ReadOnlySpan<byte> payload, bool starts, bool isProgram)
    {
        if ((isProgram ? _videoPid : _programPid) != NoPid || !_section.Append(payload, starts)) return;
        if (!isProgram)
        {
            _programPid = TsTables.ProgramPid(_section.Content) ?? NoPid;
            _section.Clear();
            return;
        }

        var streams = TsTables.ReadProgram(_section.Content);
        _section.Clear();
        AudioCodec ??= streams.AudioCodec;
        if (streams.VideoCodec is null) return;
        _videoPid = streams.VideoPid;
        VideoCodecName = streams.VideoCodec;
    }

    private void ReadVideo(ReadOnlySpan<byte> payload, bool starts, bool randomAccess)
    {
        if (starts)
        {
            FinishFrame();
            _frame.Begin(randomAccess);
        }

        if (_frame.Append(payload) && Parameters is null) ReadParameters();
    }

    private void ReadParameters()
    {
        Parameters = _frame.ReadParameters(VideoCodecName!);
        HasImpossibleParameters |= Parameters is null && _frame.HasParameters(VideoCodecName!);
    }

    private void FinishFrame()
    {
        if (!_frame.IsOpen) return;
        if (Parameters is null) ReadParameters();
        var keyframe = _frame.IsKeyframe(VideoCodecName!);
        if (_frame.Pts is { } pts) _lastPts = Unwrap(pts, _lastPts);
        if (_lastPts != long.MinValue) Timeline.Add(_lastPts, 0, keyframe);
        _frame.Close();
    }

    // 33 bits run over every 26.5 hours: the next time is the one nearest to the last.
    private static long Unwrap(long pts, long last)
    {
        if (last == long.MinValue) return pts;
        var step = (pts - last) & 0x1_FFFF_FFFF;
        return last + (step >= 0x1_0000_0000 ? step - 0x2_0000_0000 : step);
    }
}
