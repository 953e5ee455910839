using System.Globalization;
using Crispy.CloudEmulator.Http;

namespace Crispy.CloudEmulator.Sending;

/// <summary>The part of an object that a download asks for (RFC 9110 section 14).</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>
    /// Null means the whole object: no header, another unit, more than one range, or no range at all by the grammar.
    /// </summary>
    /// <exception cref="StorageException">416: well formed, but nothing of it lies in the object.</exception>
    public static ByteRange? Parse(string? header, long size)
    {
        const string unit = "bytes=";
        if (header is null || !header.StartsWith(unit, StringComparison.OrdinalIgnoreCase)) return null;
        var spec = header.AsSpan(unit.Length).Trim();
        var dash = spec.IndexOf('-');
        if (dash < 0 || spec.Contains(',')) return null;

        if (dash == 0)
        {
            if (!Number(spec[1..], out var suffix)) return null;
            var length = Math.Min(suffix, size);
            return length == 0 ? throw Unsatisfiable(header, size) : new(size - length, length);
        }
        if (!Number(spec[..dash], out var first)) return null;
        var last = size - 1;
        if (dash + 1 < spec.Length)
        {
            if (!Number(spec[(dash + 1)..], out var given) || given < first) return null;
            last = Math.Min(given, last);
        }
        return first >= size ? throw Unsatisfiable(header, size) : new(first, last - first + 1);
    }

    private static bool Number(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static StorageException Unsatisfiable(string header, long size) =>
        new(416, "requestedRangeNotSatisfiable", "InvalidRange", "The requested range cannot be satisfied.",
            header) { ContentRange = $"bytes */{size}" };
}
