using Crispy.Media.Codecs;

namespace Crispy.Muxing.Bitstreams;

/// <summary>HEVC (ITU-T H.265). Of several layers the base layer alone is looked at.</summary>
internal sealed class HevcBitstream : NalBitstream
{
    private const int BlaWithLeading = 16;
    private const int Cra = 21;

    private readonly ParameterSets<object> _video = new(16);
    private readonly ParameterSets<HevcSps> _sequences = new(16);
    private readonly ParameterSets<HevcPps> _pictures = new(64);
    private int _active = -1;
    private int _leading = -1;
    private bool _sequenceBegins = true;
    private long _high;
    private long _low;

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
        var isIntra = true;
        var pictures = 0;
        var nalType = -1;
        var info = default(PictureInfo);
        var units = UnitsOf(packet);
        while (units.TryTake(out var unit))
        {
            var type = Hevc.TypeOf(unit);
            if (type < 0 || IsOtherLayer(unit)) continue;
            switch (type)
            {
                case Hevc.VpsType or Hevc.SpsType or Hevc.PpsType when pictures == 0:
                    changed |= TakeSet(unit);
                    break;
                case Hevc.VpsType or Hevc.SpsType or Hevc.PpsType:
                    TakeSetLater(unit);
                    break;
                case Hevc.SeiType when pictures == 0:
                    recovery = Sei.FindRecovery(unit[2..], hevc: true) ?? recovery;
                    break;
                case Hevc.EndOfSequenceType or Hevc.EndOfBitstreamType:
                    _sequenceBegins = true;
                    break;
                case < 32 when HevcSlice.TryReadStart(unit, out var slice):
                    var sps = Activate(slice, ref changed);
                    missing |= sps is null;
                    if (pictures == 0) nalType = type;
                    if (pictures == 0 && !slice.IsFirst && HasBegun) info = new() { ContinuesPicture = true };
                    else if (pictures == 0 || slice.IsFirst) BeginPicture(unit, ref slice, sps, ref info, pictures == 0);
                    if (pictures == 0 || slice.IsFirst) pictures++;
                    if (pictures == 1 && slice.IsFirst) isIntra = slice.Type == 2;
                    break;
            }
        }

        if (pictures > 0 && !info.ContinuesPicture) info = WithAccess(info, nalType, recovery, isKeyframe && isIntra);
        HasBegun |= pictures > 0;
        return info with { HasNewParameters = changed && !hadNone, HasMissingParameters = missing };
    }

    private static bool IsOtherLayer(ReadOnlySpan<byte> unit) => (unit[0] & 1) != 0 || unit[1] >> 3 != 0;

    // Another sequence parameter set than before is a change too, where its pictures are not like the other's.
    private HevcSps? Activate(in HevcSlice slice, ref bool changed)
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

    private void BeginPicture(ReadOnlySpan<byte> unit, ref HevcSlice slice, HevcSps? sps, ref PictureInfo info, bool isPacketsFirst)
    {
        var type = Hevc.TypeOf(unit);
        var begins = Hevc.IsRandomAccess(type) && (type is >= BlaWithLeading and <= 20 || _sequenceBegins);
        _sequenceBegins = false;
        int? order = null;
        if (slice.IsFirst && sps is not null && HevcSlice.TryRead(unit, sps, _pictures[slice.PictureSet]!, out var whole))
        {
            slice = whole;
            order = NextOrder(unit, whole.OrderLow, begins, sps);
        }

        if (isPacketsFirst) info = new() { Order = order, ResetsOrder = begins };
    }

    // 8.3.1: the reference of the high bits is the last picture of temporal layer 0 that is neither leading nor unused by its own layer.
    private int NextOrder(ReadOnlySpan<byte> unit, long low, bool begins, HevcSps sps)
    {
        var limit = 1L << sps.OrderBits;
        var high = begins ? 0 : _high;
        if (!begins && low < _low && _low - low >= limit / 2) high += limit;
        else if (!begins && low > _low && low - _low > limit / 2) high -= limit;
        var isLeadingOrUnused = Hevc.TypeOf(unit) is (>= 6 and <= 9) or 0 or 2 or 4 or 10 or 12 or 14;
        if ((unit[1] & 7) == 1 && !isLeadingOrUnused) (_high, _low) = (high, low);
        return (int)(high + low);
    }

    private static PictureInfo WithAccess(PictureInfo info, int type, int? recovery, bool isIntraKeyframe)
    {
        var access = type is >= 17 and <= 20 ? RandomAccess.Clean
            : type is BlaWithLeading or Cra ? RandomAccess.Open
            : recovery > 0 ? RandomAccess.Gradual
            : recovery is not null || isIntraKeyframe ? RandomAccess.Open
            : RandomAccess.None;
        return info with { Access = access, RecoveryFrames = access == RandomAccess.Gradual ? recovery!.Value : 0,
            IsLeading = type is 8 or 9 };
    }

    /// <inheritdoc />
    protected override bool TrySplitRecord(ReadOnlySpan<byte> extradata, out int lengthSize, out List<byte[]> units)
    {
        units = [];
        var record = new HevcRecord(extradata);
        lengthSize = record.LengthSize;
        while (record.TryTake(out var unit)) units.Add(unit.ToArray());
        return lengthSize > 0;
    }

    /// <inheritdoc />
    protected override byte[] MakeRecord()
    {
        var sequences = _sequences.Units(Math.Max(_leading, 0));
        return sequences.Count > 0 && HevcSps.Read(sequences[0]) is { } sps
            ? HevcRecord.Make(sps, _video.Units(), sequences, _pictures.Units())
            : [];
    }

    /// <inheritdoc />
    protected override byte[] WithFourByteLengths(ReadOnlySpan<byte> record)
    {
        var copy = record.ToArray();
        copy[0] = 1;
        copy[21] |= 3;
        return copy;
    }

    /// <inheritdoc />
    protected override bool IsNew(ReadOnlySpan<byte> unit) => !unit.IsEmpty && Hevc.TypeOf(unit) switch
    {
        Hevc.VpsType => unit.Length > 2 && !IsOtherLayer(unit) && _video.Differs(unit[2] >> 4, unit),
        Hevc.SpsType => !IsOtherLayer(unit) && HevcSps.Read(unit) is { } sps && _sequences.Differs(sps.Id, unit),
        Hevc.PpsType => !IsOtherLayer(unit) && HevcPps.Read(unit) is { } pps && _pictures.Differs(pps.Id, unit),
        _ => false,
    };

    /// <inheritdoc />
    protected override void Put(ReadOnlySpan<byte> unit)
    {
        if (!IsNew(unit)) return;
        if (Hevc.TypeOf(unit) == Hevc.VpsType) _video.Put(unit[2] >> 4, unit, unit.Length);
        else if (Hevc.TypeOf(unit) == Hevc.SpsType && HevcSps.Read(unit) is { } sps) PutSequence(unit, sps);
        else if (HevcPps.Read(unit) is { } pps) _pictures.Put(pps.Id, unit, pps);
    }

    private void PutSequence(ReadOnlySpan<byte> unit, HevcSps sps)
    {
        _sequences.Put(sps.Id, unit, sps);
        if (_leading < 0) _leading = sps.Id;
    }

    /// <inheritdoc />
    protected override void ForgetSets()
    {
        _video.Clear();
        _sequences.Clear();
        _pictures.Clear();
        (_active, _leading) = (-1, -1);
    }
}
