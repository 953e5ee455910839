using System.Globalization;
using Crispy.CloudEmulator.Http;

namespace Crispy.CloudEmulator.Receiving;

/// <summary>
/// The <c>Content-Range</c> of one request of a resumable upload: <c>bytes 0-524287/*</c>, <c>bytes */1000</c>. Clients of Cloud Storage
/// send what goes on to the end of a stream with <c>bytes 0-*/*</c>.
/// </summary>
/// <param name="First">Position of the body's first byte; null for a query of the status.</param>
/// <param name="Last">Position of the body's last byte; null where the body goes to the end of the object.</param>
/// <param name="Total">Size of the whole object; null while it is unknown.</param>
internal readonly record struct ContentRange(long? First, long? Last, long? Total)
{
    /// <summary>Without the header, the body is the whole object.</summary>
    public static ContentRange Parse(string? header)
    {
        if (string.IsNullOrEmpty(header)) return new(0, null, null);
        var text = header.Trim();
        if (!text.StartsWith("bytes ", StringComparison.OrdinalIgnoreCase)
            || text.IndexOf('/', StringComparison.Ordinal) is var slash && slash < 0)
            throw Invalid(header);
        var range = text["bytes ".Length..slash].Trim();
        var totalText = text[(slash + 1)..];
        long? total = totalText == "*" ? null : Number(totalText, header);
        if (range == "*") return new(null, null, total);
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0) throw Invalid(header);
        var first = Number(range[..dash], header);
        long? last = range[(dash + 1)..] == "*" ? null : Number(range[(dash + 1)..], header);
        if (last < first || last >= total) throw Invalid(header);
        return new(first, last, total);
    }

    private static long Number(string text, string header) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Invalid(header);

    private static StorageException Invalid(string header) => StorageException.Invalid($"Failed to parse Content-Range header: '{header}'");
}
