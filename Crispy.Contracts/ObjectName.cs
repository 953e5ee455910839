using System.Globalization;

namespace Crispy.Contracts;

/// <summary>Where a chunk lies in the bucket:
/// <c>gate/2026/11/22/17/20261122T170844123Z-00000042.mkv</c>, all UTC, so that a prefix lists a stream,
/// a day or an hour in order.</summary>
/// <param name="Stream">The stream's id.</param>
/// <param name="FirstFrame">UTC time of the chunk's first frame, to the millisecond.</param>
/// <param name="Sequence">The chunk's sequence number.</param>
/// <param name="Extension">The container's extension (<see cref="ChunkContainer"/>).</param>
public readonly record struct ObjectName(string Stream, DateTimeOffset FirstFrame, long Sequence, string Extension)
{
    /// <inheritdoc />
    public override string ToString()
    {
        var hour = FirstFrame.UtcDateTime.ToString("yyyy'/'MM'/'dd'/'HH", CultureInfo.InvariantCulture);
        return $"{Stream}/{hour}/{Epoch.Name(FirstFrame)}-{ChunkId.Digits(Sequence)}.{Extension}";
    }

    /// <summary>Reads a name back.</summary>
    /// <returns>False where it is not the name of a chunk, or its folders disagree with its time.</returns>
    public static bool TryParse(string? text, out ObjectName name)
    {
        name = default;
        if (text?.Split('/') is not [var stream, _, _, _, _, var file] || !StreamId.IsValid(stream)) return false;
        if (file.Split('-', '.') is not [var time, var digits, var extension] || !ChunkContainer.IsValid(extension)) return false;
        if (!Epoch.TryParse(time, out var firstFrame) || !ChunkId.TryParseDigits(digits, out var sequence)) return false;
        name = new(stream, firstFrame, sequence, extension);
        return name.ToString() == text;
    }
}
