using Crispy.Spool;

namespace Crispy.StreamHandle.Sources;

/// <summary>A file that grows while it is read.</summary>
internal static class GrowingFile
{
    /// <summary>What to remember of a file that is being read.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="facts">What its source was when it was opened.</param>
    /// <returns>Null where the source is no file, or cannot be read.</returns>
    public static SourceGrowth? GrowthOf(StreamOptions stream, SourceFacts? facts) =>
        stream.Url.FilePath is { } path && facts?.Length is > 0 and var length && SourceFile.Fingerprint(path, length) is { } fingerprint
            ? new(length, fingerprint, SourceIdentity.OfCut(stream, facts))
            : null;

    /// <summary>Whether a file is longer than when it was opened.</summary>
    public static bool HasGrown(StreamOptions stream, SourceFacts? facts) =>
        stream.Url.FilePath is { } path && facts?.Length is { } length && SourceFile.Length(path) > length;

    /// <summary>Whether the source is still the file that was read in part, and only longer.</summary>
    public static bool GoesOn(SourceGrowth before, StreamOptions stream, SourceFacts? facts) =>
        stream.Url.FilePath is { } path && facts?.Length >= before.Length && before.Cut == SourceIdentity.OfCut(stream, facts)
        && SourceFile.Fingerprint(path, before.Length) == before.Fingerprint;
}
