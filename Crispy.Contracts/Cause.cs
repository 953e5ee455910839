using System.Text.RegularExpressions;

namespace Crispy.Contracts;

/// <summary>Errors of sources, for places with little room: the cause comes before the address.</summary>
public static partial class Cause
{
    /// <summary>An error without the address in front of it, which stands elsewhere: <c>Connection refused</c>.</summary>
    /// <param name="error">As stream-handle tells it: <c>rtsp://camera/live: Connection refused</c>.</param>
    /// <param name="address">The source's address, where it is known.</param>
    public static string Of(string error, string? address = null)
    {
        ArgumentNullException.ThrowIfNull(error);
        foreach (var front in address is { Length: > 0 } ? (string[])[$"{address}: ", $"{address} "] : [])
            if (error.StartsWith(front, StringComparison.Ordinal)) return Capital(error[front.Length..]);
        return Address().Match(error) is { Success: true } match ? Capital(match.Groups["cause"].Value) : error;
    }

    private static string Capital(string text) =>
        text.Length > 0 && char.IsAsciiLetterLower(text[0]) ? char.ToUpperInvariant(text[0]) + text[1..] : text;

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9+.\-]*://\S+?:?\s+(?<cause>\S.*)\z", RegexOptions.Singleline)]
    private static partial Regex Address();
}
