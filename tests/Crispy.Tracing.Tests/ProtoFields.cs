using System.Text;

namespace Crispy.Tracing.Tests;

/// <summary>The fields of one protobuf message, by their numbers: as much of the encoding as OTLP needs.</summary>
internal sealed class ProtoFields
{
    private readonly List<(int Number, ReadOnlyMemory<byte> Bytes, ulong Value)> _fields = [];

    public ProtoFields(ReadOnlyMemory<byte> message)
    {
        while (message.Length > 0)
        {
            var tag = Varint(ref message);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    _fields.Add((number, default, Varint(ref message)));
                    break;
                case 1:
                    _fields.Add((number, default, BitConverter.ToUInt64(Take(ref message, 8).Span)));
                    break;
                case 2:
                    _fields.Add((number, Take(ref message, (int)Varint(ref message)), 0));
                    break;
                case 5:
                    _fields.Add((number, default, BitConverter.ToUInt32(Take(ref message, 4).Span)));
                    break;
                default:
                    throw new FormatException($"Field {number} has wire type {tag & 7}");
            }
        }
    }

    /// <summary>Messages of a repeated field.</summary>
    public IEnumerable<ProtoFields> All(int number) =>
        _fields.Where(field => field.Number == number).Select(field => new ProtoFields(field.Bytes));

    /// <summary>A message; an empty one where it is absent.</summary>
    public ProtoFields One(int number) => All(number).FirstOrDefault() ?? new(default);

    public string Text(int number) => Encoding.UTF8.GetString(Bytes(number).Span);

    public string Hex(int number) => Convert.ToHexStringLower(Bytes(number).Span);

    public ulong Value(int number) => _fields.FirstOrDefault(field => field.Number == number).Value;

    private ReadOnlyMemory<byte> Bytes(int number) => _fields.FirstOrDefault(field => field.Number == number).Bytes;

    private static ulong Varint(ref ReadOnlyMemory<byte> from)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = Take(ref from, 1).Span[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> from, int count)
    {
        var taken = from[..count];
        from = from[count..];
        return taken;
    }
}
