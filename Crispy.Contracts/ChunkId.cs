using System.Globalization;

namespace Crispy.Contracts;

/// <summary>Names one chunk for ever: <c>gate/20261122T170844123Z/00000042</c>. It is the message id,
/// the Redis key and the log's insert id.</summary>
/// <param name="Stream">The stream's id (<see cref="StreamId"/>).</param>
/// <param name="Epoch">The epoch's name (<see cref="Contracts.Epoch"/>).</param>
/// <param name="Sequence">Counts the chunks of a stream from 0, through all its epochs.</param>
public readonly record struct ChunkId(string Stream, string Epoch, long Sequence)
{
    /// <summary>Largest sequence number: at ten chunks a second, three million years of one stream.
    /// A JSON number holds it exactly.</summary>
    public const long MaxSequence = 999_999_999_999_999;

    private const int LeastDigits = 8;
    private const int MostDigits = 15;

    /// <summary>The sequence number in 8 digits, or as many more as it needs.</summary>
    public static string Digits(long sequence) => sequence.ToString("D8", CultureInfo.InvariantCulture);

    /// <inheritdoc />
    public override string ToString() => $"{Stream}/{Epoch}/{Digits(Sequence)}";

    /// <summary>Reads an id back.</summary>
    /// <returns>False where any of its three parts is malformed.</returns>
    public static bool TryParse(string? text, out ChunkId id)
    {
        id = default;
        if (text?.Split('/') is not [var stream, var epoch, var digits]) return false;
        if (!StreamId.IsValid(stream) || !Contracts.Epoch.TryParse(epoch, out _) || !TryParseDigits(digits, out var sequence)) return false;
        id = new(stream, epoch, sequence);
        return true;
    }

    /// <summary>Reads the digits of a sequence number as <see cref="Digits"/> gives them: of one number there is one text.</summary>
    public static bool TryParseDigits(ReadOnlySpan<char> digits, out long sequence)
    {
        sequence = 0;
        if (digits.Length is < LeastDigits or > MostDigits || (digits.Length > LeastDigits && digits[0] == '0')) return false;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out sequence);
    }
}
