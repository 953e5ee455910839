using System.Globalization;

namespace Crispy.Contracts;

/// <summary>An epoch is one unbroken connection to a source; its name is the UTC time of its first frame, to the millisecond:
/// <c>20261122T170844123Z</c>. The same format names the first frame in object names.</summary>
public static class Epoch
{
    private const string Format = "yyyyMMdd'T'HHmmssfff'Z'";

    /// <summary>The name of an instant; anything below a millisecond is cut off, so that names never run ahead of time.</summary>
    public static string Name(DateTimeOffset firstFrame) => firstFrame.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>Reads a name back.</summary>
    /// <returns>False where the text is no epoch name.</returns>
    public static bool TryParse(ReadOnlySpan<char> name, out DateTimeOffset firstFrame) =>
        DateTimeOffset.TryParseExact(name, Format, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out firstFrame);
}
