using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Crispy.StreamHandle.Sources;

/// <summary>Tells whether a finite source is still the one that was read before an interruption, and is still cut the same way. Then
/// reading it again gives the same segments, packet by packet, and those that are chunks already can be passed over.</summary>
internal static class SourceIdentity
{
    /// <summary>SHA-256 over the address, the file's length and time of change,
    /// and every option that decides where segments end and what they hold.</summary>
    public static string Of(StreamOptions stream, SourceFacts? facts)
    {
        var file = stream.Url.FilePath is { } path ? new FileInfo(path) : null;
        return Hash([.. Where(stream, file, facts), .. How(stream)]);
    }

    /// <summary>SHA-256 over the address and every option that decides where segments end and what they hold,
    /// and over nothing that changes when a file grows.</summary>
    public static string OfCut(StreamOptions stream, SourceFacts? facts) =>
        Hash([stream.Url.Secret, facts?.VideoCodec, facts?.AudioCodec, .. How(stream)]);

    private static object?[] Where(StreamOptions stream, FileInfo? file, SourceFacts? facts) =>
        [stream.Url.Secret, file?.Length, file?.LastWriteTimeUtc.Ticks, facts?.VideoCodec, facts?.AudioCodec, facts?.Duration?.Ticks];

    private static object?[] How(StreamOptions stream)
    {
        object?[] parts = [stream.Window.Ticks, stream.Mode, stream.Container, stream.Audio, stream.EveryNthFrame, stream.Scale,
            stream.Codec, stream.Crf, stream.HardCut];
        // Absent where they are not asked for: identities of before stay as they are.
        return stream.Variant is null && stream.AudioTrack is null ? parts : [.. parts, stream.Variant, stream.AudioTrack];
    }

    private static string Hash(object?[] parts)
    {
        var text = string.Join('\n', parts.Select(part => Convert.ToString(part, CultureInfo.InvariantCulture)));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
