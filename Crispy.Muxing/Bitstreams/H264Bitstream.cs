using Crispy.Media.Codecs;

namespace Crispy.Muxing.Bitstreams;

/// <summary>H.264 (ITU-T H.264).</summary>
internal sealed class H264Bitstream : NalBitstream
{
    private readonly ParameterSets<H264Sps> _sequences = new(32);
    private readonly ParameterSets<H264Pps> _pictures = new(256);
    private readonly H264PictureOrder _order = new();
    private int _active = -1;
    private int _leading = -1;
    private H264Slice? _previous;
    private bool _awaitsSecondField;
    private int? _openOrder;

    /// <inheritdoc />
    protected override bool HasNoSets => _sequences.IsEmpty && _pictures.IsEmpty;

    /// <inheritdoc />
    public override double FrameSeconds => _sequences[_active]?.Parameters?.FrameSeconds ?? 0;

    /// <inheritdoc />
    public override PictureInfo Look(ReadOnlySpan<byte> packet, bool isKeyframe)
    {
        var hadNone = HasNoSets && !HasBegun;
        var changed = TakeLateSets();
        int? recovery = null;
        var missing = false;
        var (isIntra, isIdr) = (true, false);
        var pictures = 0;
        var info = default(PictureInfo);
        var units = UnitsOf(packet);
        while (units.TryTake(out var unit))
        {
            switch (H264.TypeOf(unit))
            {
                case H264.SpsType or H264.PpsType when pictures == 0:
                    changed |= TakeSet(unit);
                    break;
                case H264.SpsType or H264.PpsType:
                    TakeSetLater(unit);
                    break;
                case H264.SeiType when pictures == 0:
                    recovery = Sei.FindRecovery(unit[1..], hevc: false) ?? recovery;
                    break;
                case 1 or 2 or H264.IdrType when H264Slice.TryReadStart(unit, out var slice):
                    var sps = Activate(slice, ref changed);
                    missing |= sps is null;
                    if (pictures == 0) (info, isIdr) = (BeginPicture(unit, slice, sps), slice.IsIdr);
                    else if (slice.IsFirst) BeginPicture(unit, slice, sps);
                    if (pictures == 0 || slice.IsFirst) pictures++;
                    if (pictures == 1) isIntra &= slice.IsIntra;
                    break;
            }
        }

        if (pictures > 0 && !info.ContinuesPicture) info = WithAccess(info, isIdr, recovery, isKeyframe && isIntra);
        HasBegun |= pictures > 0;
        return info with { HasNewParameters = changed && !hadNone, HasMissingParameters = missing };
    }

    // Another sequence parameter set than before is a change too, where its pictures are not like the other's.
    private H264Sps? Activate(in H264Slice slice, ref bool changed)
    {
        if (_pictures[slice.PictureSet] is not { } pps || _sequences[pps.SequenceId] is not { } sps) return null;
        if (_active == sps.Id) return sps;
        changed |= _sequences[_active] is { } before && before.Parameters != sps.Parameters;
        _active = sps.Id;
        if (_leading == sps.Id) return sps;
        _leading = sps.Id;
        ForgetConfiguration();
        return sps;
    }

    private PictureInfo BeginPicture(ReadOnlySpan<byte> unit, H264Slice slice, H264Sps? sps)
    {
        if (sps is null || !H264Slice.TryRead(unit, sps, _pictures[slice.PictureSet]!, out slice))
        {
            var continues = !slice.IsFirst && _previous is not null;
            if (!continues) (_previous, _awaitsSecondField) = (slice, false);
            return new() { ContinuesPicture = continues };
        }

        if (!slice.IsFirst && _previous is { } previous && IsSamePicture(previous, slice)) return new() { ContinuesPicture = true };
        var isSecondField = IsSecondField(slice);
        _awaitsSecondField = slice.IsField && !isSecondField;
        _previous = slice;
        return new() { ContinuesPicture = isSecondField, Order = _order.Next(slice, sps),
            ResetsOrder = !isSecondField && (slice.IsIdr || slice.ResetsOrder) };
    }

    private PictureInfo WithAccess(PictureInfo info, bool isIdr, int? recovery, bool isIntraKeyframe)
    {
        var access = isIdr ? RandomAccess.Clean
            : recovery > 0 ? RandomAccess.Gradual
            : recovery is not null || isIntraKeyframe ? RandomAccess.Open
            : RandomAccess.None;
        if (info.ResetsOrder || info.Order is null) _openOrder = null;
        var isLeading = access == RandomAccess.None && info.Order < _openOrder;
        if (access != RandomAccess.None) _openOrder = access == RandomAccess.Open ? info.Order : null;
        else if (info.Order > _openOrder) _openOrder = null;
        return info with { Access = access, RecoveryFrames = access == RandomAccess.Gradual ? recovery!.Value : 0, IsLeading = isLeading };
    }

    // A slice that is not its picture's first, but of another picture than the slices before it: the first one was lost.
    private static bool IsSamePicture(in H264Slice one, in H264Slice other) =>
        (one.FrameNumber, one.OrderLow, one.Delta0, one.IsIdr, one.IsReference, one.IsField, one.IsBottom)
        == (other.FrameNumber, other.OrderLow, other.Delta0, other.IsIdr, other.IsReference, other.IsField, other.IsBottom);

    // 7.4.1.2.4 and 3.30: opposite parity, the same frame_num; a field that others need is no second field of one that none needs.
    private bool IsSecondField(in H264Slice slice) =>
        _awaitsSecondField && _previous is { } first && slice is { IsField: true, IsIdr: false } && slice.IsBottom != first.IsBottom
        && slice.FrameNumber == first.FrameNumber && (first.IsReference || !slice.IsReference);

    /// <inheritdoc />
    protected override bool TrySplitRecord(ReadOnlySpan<byte> extradata, out int lengthSize, out List<byte[]> units)
    {
        units = [];
        var record = new H264Record(extradata);
        lengthSize = record.LengthSize;
        while (record.TryTake(out var unit)) units.Add(unit.ToArray());
        return lengthSize > 0;
    }

    /// <inheritdoc />
    protected override byte[] MakeRecord()
    {
        var sequences = _sequences.Units(Math.Max(_leading, 0));
        return sequences.Count > 0 && H264Sps.Read(sequences[0]) is { } sps ? H264Record.Make(sps, sequences, _pictures.Units()) : [];
    }

    /// <inheritdoc />
    protected override byte[] WithFourByteLengths(ReadOnlySpan<byte> record)
    {
        var copy = record.ToArray();
        copy[4] |= 3;
        return copy;
    }

    /// <inheritdoc />
    protected override bool IsNew(ReadOnlySpan<byte> unit) => H264.TypeOf(unit) switch
    {
        H264.SpsType => H264Sps.Read(unit) is { } sps && _sequences.Differs(sps.Id, unit),
        H264.PpsType => H264Pps.Read(unit) is { } pps && _pictures.Differs(pps.Id, unit),
        _ => false,
    };

    /// <inheritdoc />
    protected override void Put(ReadOnlySpan<byte> unit)
    {
        if (H264.TypeOf(unit) == H264.SpsType && H264Sps.Read(unit) is { } sps) PutSequence(unit, sps);
        else if (H264.TypeOf(unit) == H264.PpsType && H264Pps.Read(unit) is { } pps) _pictures.Put(pps.Id, unit, pps);
    }

    private void PutSequence(ReadOnlySpan<byte> unit, H264Sps sps)
    {
        _sequences.Put(sps.Id, unit, sps);
        if (_leading < 0) _leading = sps.Id;
    }

    /// <inheritdoc />
    protected override void ForgetSets()
    {
        _sequences.Clear();
        _pictures.Clear();
        (_active, _leading) = (-1, -1);
    }
}
