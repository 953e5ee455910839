using System.Globalization;

namespace Crispy.Contracts;

/// <summary>Where a loss record lies in the bucket: <c>gate/_loss/2026/11/22/17/20261122T170844123Z-00000042.json</c>, all UTC. No chunk's
/// object can have such a name.</summary>
/// <param name="Stream">The stream's id.</param>
/// <param name="From">UTC time at which the lost time begins, to the millisecond.</param>
/// <param name="Sequence">The lost chunk's sequence number.</param>
public readonly record struct LossObjectName(string Stream, DateTimeOffset From, long Sequence)
{
    /// <inheritdoc />
    public override string ToString()
    {
        var hour = From.UtcDateTime.ToString("yyyy'/'MM'/'dd'/'HH", CultureInfo.InvariantCulture);
        return $"{Stream}/_loss/{hour}/{Epoch.Name(From)}-{ChunkId.Digits(Sequence)}.json";
    }

    /// <summary>Reads a name back.</summary>
    /// <returns>False where it is not the name of a loss record, or its folders disagree with its time.</returns>
    public static bool TryParse(string? text, out LossObjectName name)
    {
        name = default;
        if (text?.Split('/') is not [var stream, "_loss", _, _, _, _, var file] || !StreamId.IsValid(stream)) return false;
        if (file.Split('-', '.') is not [var time, var digits, "json"]) return false;
        if (!Epoch.TryParse(time, out var from) || !ChunkId.TryParseDigits(digits, out var sequence)) return false;
        name = new(stream, from, sequence);
        return name.ToString() == text;
    }
}
