using Crispy.Media.Codecs;

namespace Crispy.Muxing.Writing.TransportStream;

/// <summary>Pictures as an elementary stream has them: with start codes, and with all that decoding needs in front of each
/// keyframe.</summary>
internal sealed class AccessUnits
{
    private const int LengthSize = 4;
    private const int H264Delimiter = 9;
    private const int HevcDelimiter = 35;

    private static readonly byte[] SequenceHeader = [0, 0, 1, 0xB3];
    private static readonly byte[] ObjectSequence = [0, 0, 1, 0xB0];
    private static readonly byte[] VisualObject = [0, 0, 1, 0xB5];
    private static readonly byte[] VideoObject = [0, 0, 1];

    private readonly string _codec;
    private readonly byte[] _headers;

    /// <summary>Of a track.</summary>
    public AccessUnits(VideoTrack track)
    {
        _codec = track.Codec;
        _headers = track.Codec is "h264" or "hevc" ? WithStartCodes(track) : track.Configuration;
    }

    /// <summary>Adds a picture.</summary>
    public void Add(ByteBuilder bytes, ReadOnlySpan<byte> picture, bool keyframe)
    {
        if (_codec is "h264" or "hevc")
        {
            AddUnits(bytes, picture, keyframe);
            return;
        }

        if (keyframe && !BeginsWithHeaders(picture)) bytes.Bytes(_headers);
        bytes.Bytes(picture);
    }

    private bool BeginsWithHeaders(ReadOnlySpan<byte> picture) => _codec == "mpeg4"
        ? picture.StartsWith(ObjectSequence) || picture.StartsWith(VisualObject)
            || (picture.StartsWith(VideoObject) && picture.Length > 3 && picture[3] < 0x30)
        : picture.StartsWith(SequenceHeader);

    // A delimiter first, then parameter sets. A packet that goes on with a picture has neither.
    private void AddUnits(ByteBuilder bytes, ReadOnlySpan<byte> picture, bool keyframe)
    {
        if (!AccessUnit.ContinuesPicture(_codec, picture))
        {
            if (_codec == "h264") AddUnit(bytes, [H264Delimiter, 0xF0]);
            else AddUnit(bytes, [HevcDelimiter << 1, 1, 0x50]);
            if (keyframe && !HasParameterSets(picture)) bytes.Bytes(_headers);
        }

        var units = new NalReader(picture, LengthSize);
        while (units.TryTake(out var unit))
        {
            if (TypeOf(unit) != (_codec == "h264" ? H264Delimiter : HevcDelimiter)) AddUnit(bytes, unit);
        }
    }

    private bool HasParameterSets(ReadOnlySpan<byte> picture)
    {
        var found = 0;
        var units = new NalReader(picture, LengthSize);
        while (units.TryTake(out var unit))
        {
            found |= (_codec, TypeOf(unit)) switch
            {
                ("h264", 7) or ("hevc", 33) => 1,
                ("h264", 8) or ("hevc", 34) => 2,
                ("hevc", 32) => 4,
                _ => 0,
            };
        }

        return found == (_codec == "h264" ? 3 : 7);
    }

    private int TypeOf(ReadOnlySpan<byte> unit) => _codec == "h264" ? unit[0] & 31 : unit[0] >> 1 & 63;

    // Parameter sets alone: messages (SEI) that stand beside them in a record are not repeated.
    private static byte[] WithStartCodes(VideoTrack track)
    {
        var bytes = new ByteBuilder();
        if (track.Codec == "h264")
        {
            var record = new H264Record(track.Configuration);
            while (record.TryTake(out var set)) if (!set.IsEmpty) AddUnit(bytes, set);
        }
        else
        {
            var record = new HevcRecord(track.Configuration);
            while (record.TryTake(out var set))
                if (!set.IsEmpty && Hevc.TypeOf(set) is (Hevc.VpsType or Hevc.SpsType or Hevc.PpsType))
                AddUnit(bytes, set);
        }

        return bytes.Written.ToArray();
    }

    private static void AddUnit(ByteBuilder bytes, ReadOnlySpan<byte> unit) => bytes.UInt32(1).Bytes(unit);
}
