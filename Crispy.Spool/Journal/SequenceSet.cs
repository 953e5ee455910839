using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crispy.Spool;

/// <summary>A set of sequence numbers as ranges, so that a year of chunks takes a few bytes; in JSON <c>[[0,41],[43,50]]</c>. Adding a
/// number twice changes nothing, which is what lets a count be taken up again after a crash.</summary>
[JsonConverter(typeof(SequenceSetConverter))]
public sealed class SequenceSet
{
    /// <summary>No number.</summary>
    public static readonly SequenceSet Empty = new([]);

    private SequenceSet(ImmutableArray<(long First, long Last)> ranges) => Ranges = ranges;

    /// <summary>The ranges, ascending, with gaps between them.</summary>
    public ImmutableArray<(long First, long Last)> Ranges { get; }

    /// <summary>A set of any numbers or ranges, in any order.</summary>
    public static SequenceSet Of(IEnumerable<(long First, long Last)> ranges)
    {
        var merged = ImmutableArray.CreateBuilder<(long First, long Last)>();
        foreach (var (first, last) in ranges.Where(range => range.First <= range.Last).Order())
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1) merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            else merged.Add((first, last));
        }
        return new(merged.ToImmutable());
    }

    /// <summary>How many numbers below a limit it holds.</summary>
    public long CountBelow(long limit) => Ranges.Sum(range => Math.Max(0, Math.Min(range.Last, limit - 1) - range.First + 1));

    /// <summary>All of its numbers, ascending.</summary>
    public IEnumerable<long> Numbers()
    {
        foreach (var (first, last) in Ranges)
            for (var number = first; number <= last; number++) yield return number;
    }

    /// <summary>Whether it holds a number.</summary>
    public bool Contains(long sequence)
    {
        var (low, high) = (0, Ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (sequence < Ranges[middle].First) high = middle - 1;
            else if (sequence > Ranges[middle].Last) low = middle + 1;
            else return true;
        }
        return false;
    }

    /// <summary>This set and some more numbers.</summary>
    public SequenceSet With(IEnumerable<long> sequences) => Of([.. Ranges, .. sequences.Select(sequence => (sequence, sequence))]);

    /// <summary>This set without some numbers.</summary>
    public SequenceSet Without(IEnumerable<long> sequences)
    {
        var removed = sequences.Where(Contains).ToHashSet();
        return removed.Count == 0 ? this : Of(Ranges.SelectMany(range => Split(range, removed)));
    }

    private static IEnumerable<(long, long)> Split((long First, long Last) range, HashSet<long> removed)
    {
        var first = range.First;
        foreach (var hole in removed.Where(sequence => sequence >= range.First && sequence <= range.Last).Order())
        {
            yield return (first, hole - 1);
            first = hole + 1;
        }
        yield return (first, range.Last);
    }
}

internal sealed class SequenceSetConverter : JsonConverter<SequenceSet>
{
    public override SequenceSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var ranges = new List<(long, long)>();
        Require(ref reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Require(ref reader, JsonTokenType.StartArray);
            reader.Read();
            var first = reader.GetInt64();
            reader.Read();
            ranges.Add((first, reader.GetInt64()));
            reader.Read();
            Require(ref reader, JsonTokenType.EndArray);
        }
        return SequenceSet.Of(ranges);
    }

    public override void Write(Utf8JsonWriter writer, SequenceSet value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var (first, last) in value.Ranges)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(first);
            writer.WriteNumberValue(last);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
    }

    private static void Require(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (reader.TokenType != token) throw new JsonException("not a set of sequence numbers: [[first,last],...]");
    }
}
