using System.Buffers.Binary;
using System.Text;

namespace Crispy.Media.Tests;

/// <summary>A file that was changed in some places: the same ones for the same seed and sources.</summary>
internal sealed class Mutant
{
    // Boxes whose sizes, counts and contents decide what is read; Matroska's elements by the bytes of their identifiers.
    private static readonly byte[][] Boxes = [.. ((string[])["moov", "mvhd", "trak", "tkhd", "mdia", "mdhd", "hdlr", "minf", "stbl",
        "stsd", "avc1", "avcC", "hvc1",
        "hev1", "hvcC", "stts", "ctts", "stss", "stsz", "stco", "stsc", "elst", "mvex", "trex", "moof", "mfhd", "traf", "tfhd", "tfdt",
            "trun", "mdat", "sidx"])
        .Select(Encoding.ASCII.GetBytes)];

    private static readonly byte[][] Elements = [[0x18, 0x53, 0x80, 0x67], [0x1F, 0x43, 0xB6, 0x75], [0x16, 0x54, 0xAE, 0x6B], [0x2A,
        0xD7, 0xB1], [0x23, 0xE3, 0x83],
        [0x63, 0xA2], [0xAE], [0xE7], [0xA3], [0xA0], [0xA1], [0x9B], [0xB0], [0xBA], [0xD7], [0x83], [0xE0]];

    private static readonly ulong[] Odd = [0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF,
        0x80000000, 0xFFFFFFFF, 0x100000000,
        long.MaxValue / 4, long.MaxValue, ulong.MaxValue];

    private readonly Random _random;
    private readonly IReadOnlyList<(string Name, byte[] Bytes)> _sources;
    private readonly StringBuilder _story = new();
    private readonly string _container;
    private List<byte> _bytes;

    public Mutant(int seed, IReadOnlyList<(string Name, byte[] Bytes)> sources)
    {
        (_random, _sources) = (new(seed), sources);
        var (name, bytes) = sources[_random.Next(sources.Count)];
        (_container, _bytes) = (Path.GetExtension(name), [.. bytes]);
        Tell(name);
        for (var edits = _random.Next(1, 1 + (1 << _random.Next(1, 5))); edits > 0 && _bytes.Count > 8; edits--) Edit();
    }

    public byte[] Bytes => [.. _bytes];

    /// <summary>What was done, in order.</summary>
    public string Story => _story.ToString();

    private int At => _random.Next(_random.Next(2) == 0 ? Math.Min(2000, _bytes.Count) : _bytes.Count);

    private void Tell(string what) => _story.Append(_story.Length > 0 ? ", " : "").Append(what);

    private void Edit()
    {
        switch (_random.Next(12))
        {
            case 0: Set(At, byteValue => (byte)(byteValue ^ 1 << _random.Next(8))); break;
            case 1: Set(At, _ => (byte)_random.Next(256)); break;
            case 2: Set(At, _ => _random.Next(2) == 0 ? (byte)0 : (byte)0xFF); break;
            case 3: Number(At, 1 << _random.Next(4)); break;
            case 4 when _random.Next(3) == 0: Delete(At, _bytes.Count); break;
            case 5: Delete(At, _random.Next(1, 1 << _random.Next(1, 12))); break;
            case 6: Repeat(At, _random.Next(1, 1 << _random.Next(1, 12)), _random.Next(1, 8)); break;
            case 7: Splice(); break;
            case 8: Move(); break;
            default: EditStructure(); break;
        }
    }

    private void EditStructure()
    {
        if (_container == ".ts") EditPacket();
        else if (_container == ".mp4") EditAfter(Boxes[_random.Next(Boxes.Length)], sizeIsBefore: true);
        else EditAfter(Elements[_random.Next(Elements.Length)], sizeIsBefore: false);
    }

    private void EditPacket()
    {
        var packet = _random.Next(_bytes.Count / 188 + 1) * 188;
        switch (_random.Next(5))
        {
            case 0: Delete(packet, 188 * _random.Next(1, 4)); break;
            case 1: Repeat(packet, 188 * _random.Next(1, 4), _random.Next(1, 4)); break;
            case 2: Set(packet + _random.Next(1, 6), _ => (byte)_random.Next(256)); break;
            default: Set(packet + _random.Next(4, 40), _ => (byte)_random.Next(256)); break;
        }
    }

    private void EditAfter(byte[] name, bool sizeIsBefore)
    {
        var all = _bytes.ToArray();
        var places = new List<int>();
        for (var at = 0; all.AsSpan(at).IndexOf(name) is >= 0 and var next && places.Count < 64; at = places[^1] + 1) places.Add(at + next);
        if (places.Count == 0) return;
        var place = places[_random.Next(places.Count)];
        var behind = place + name.Length;
        if (sizeIsBefore) Number(_random.Next(3) == 0 ? place - 4 : behind + 4 * _random.Next(8), 4);
        else Number(behind + _random.Next(3), 1 << _random.Next(3));
    }

    private void Number(int at, int bytes)
    {
        if (at < 0 || at + bytes > _bytes.Count) return;
        var eight = new byte[8];
        for (var i = 0; i < bytes; i++) eight[8 - bytes + i] = _bytes[at + i];
        var before = BinaryPrimitives.ReadUInt64BigEndian(eight);
        var value = _random.Next(6) switch { 0 => before + 1, 1 => before - 1, 2 => before * 2, 3 => before / 2, 4 =>
            (ulong)_random.NextInt64(), _ => Odd[_random.Next(Odd.Length)] };
        BinaryPrimitives.WriteUInt64BigEndian(eight, value);
        for (var i = 0; i < bytes; i++) _bytes[at + i] = eight[8 - bytes + i];
        Tell($"{bytes} bytes at {at} set to {value}");
    }

    private void Set(int at, Func<byte, byte> change)
    {
        if (at >= _bytes.Count) return;
        _bytes[at] = change(_bytes[at]);
        Tell($"byte {at} set to {_bytes[at]}");
    }

    private void Delete(int at, int count)
    {
        if (at >= _bytes.Count) return;
        count = Math.Min(count, _bytes.Count - at);
        _bytes.RemoveRange(at, count);
        Tell($"{count} bytes at {at} deleted");
    }

    private void Repeat(int at, int count, int times)
    {
        if (at >= _bytes.Count || _bytes.Count > 200_000) return;
        var range = _bytes.GetRange(at, Math.Min(count, _bytes.Count - at));
        for (var i = 0; i < times; i++) _bytes.InsertRange(at, range);
        Tell($"{range.Count} bytes at {at} repeated {times} times");
    }

    private void Splice()
    {
        var (name, other) = _sources[_random.Next(_sources.Count)];
        var (at, from) = (At, _random.Next(other.Length));
        _bytes = [.. _bytes.Take(at), .. other.Skip(from)];
        Tell($"from {at} on as {name} from {from} on");
    }

    private void Move()
    {
        var (from, to) = (At, At);
        var range = _bytes.GetRange(from, Math.Min(_random.Next(1, 1000), _bytes.Count - from));
        _bytes.RemoveRange(from, range.Count);
        to = Math.Min(to, _bytes.Count);
        _bytes.InsertRange(to, range);
        Tell($"{range.Count} bytes moved from {from} to {to}");
    }
}
