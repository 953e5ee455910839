using System.Globalization;

namespace Crispy.StreamHandle.Sources;

/// <summary>
/// Which of a source's tracks are recorded. Of the variants of an HLS or DASH source the best: the largest picture, then the most bits a
/// second. Elsewhere the first video track that is marked as default, else the first. Sound: of the video's program,
/// the track marked as default, else the first.
/// <see cref="StreamOptions.Variant"/> and <see cref="StreamOptions.AudioTrack"/> ask for others.
/// </summary>
internal static class TrackChoice
{
    /// <summary>The video track.</summary>
    /// <exception cref="SourceException">There is none, or not the one that was asked for.</exception>
    public static ProbeStream Video(ProbeResult found, StreamOptions stream)
    {
        var tracks = found.Streams?.Where(each => each is { CodecType: "video", CodecName: not null, Disposition.AttachedPic: not 1 })
            .ToList() ?? [];
        if (tracks.Count == 0) throw new SourceException($"{stream.Url} holds no video");
        if (stream.Variant is { } asked)
        {
            tracks = [.. Asked(tracks, asked)];
            if (tracks.Count == 0) throw new SourceException($"{stream.Url} has no variant {asked}; it has {Told(found)}");
        }
        return HasVariants(found)
            ? tracks.OrderByDescending(Pixels).ThenByDescending(Bits).First()
            : tracks.FirstOrDefault(each => each.Disposition?.Default == 1) ?? tracks[0];
    }

    /// <summary>The audio track; null where there is none.</summary>
    /// <param name="found">The tracks.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="video">The video track that it goes with.</param>
    /// <param name="http">What the server said, for a playlist behind a script that hides which sound is the default.</param>
    /// <exception cref="SourceException">There is not the one that was asked for.</exception>
    public static ProbeStream? Audio(ProbeResult found, StreamOptions stream, ProbeStream video, HttpAnswer? http)
    {
        var tracks = found.Streams?.Where(each => each.CodecType == "audio").ToList() ?? [];
        var together = found.Programs?.Where(program => program.Streams?.Any(each => each.Index == video.Index) == true)
            .SelectMany(program => program.Streams!).Select(each => each.Index).ToHashSet() ?? [];
        if (tracks.Any(each => together.Contains(each.Index))) tracks = [.. tracks.Where(each => together.Contains(each.Index))];
        if (stream.AudioTrack is { } asked)
        {
            return int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? tracks.ElementAtOrDefault(number)
                ?? throw new SourceException($"{stream.Url} has {tracks.Count} audio tracks; AudioTrack {asked} counts from 0")
                : tracks.FirstOrDefault(each => IsLanguage(each.Tags?.Language, asked))
                    ?? throw new SourceException(
                        $"{stream.Url} has no sound in '{asked}'; it has "
                            + $"{string.Join(", ", tracks.Select(each => each.Tags?.Language ?? "one without a language"))}");
        }
        return tracks.FirstOrDefault(each => each.Disposition?.Default == 1)
            ?? tracks.FirstOrDefault(each => http?.DefaultSounds.Contains(each.Tags?.Comment ?? "") == true)
            ?? tracks.FirstOrDefault();
    }

    private static bool HasVariants(ProbeResult found) =>
        found.Format?.Name is "hls" or "dash" || found.Streams!.Any(each => each.Tags?.VariantBitrate is not null);

    // WIDTHxHEIGHT, or the most bits a second.
    private static IEnumerable<ProbeStream> Asked(List<ProbeStream> tracks, string asked)
    {
        if (!asked.Contains('x', StringComparison.Ordinal))
        {
            var most = long.Parse(asked, CultureInfo.InvariantCulture);
            return tracks.Where(each => Bits(each) is > 0 and var bits && bits <= most);
        }
        return tracks.Where(each => $"{each.Width}x{each.Height}" == asked);
    }

    private static string Told(ProbeResult found) => string.Join(", ", found.Streams!.Where(each => each.CodecType == "video")
        .Select(each => Bits(each) > 0 ? $"{each.Width}x{each.Height} ({Bits(each)} bit/s)" : $"{each.Width}x{each.Height}").Distinct());

    private static long Pixels(ProbeStream track) => (long)(track.Width ?? 0) * (track.Height ?? 0);

    private static long Bits(ProbeStream track) =>
        long.TryParse(track.Tags?.VariantBitrate ?? track.BitRate, NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
        ? bits
        : 0;

    // "en" asks for "en-GB" too.
    private static bool IsLanguage(string? language, string asked) =>
        language is not null
        && (language.Equals(asked, StringComparison.OrdinalIgnoreCase)
            || language.StartsWith(asked + "-", StringComparison.OrdinalIgnoreCase));
}
