namespace Crispy.StreamHandle.Sources;

/// <summary>How much of a file that others still wrote had been read, so that the rest is found as its continuation and not as another file.</summary>
/// <param name="Length">Bytes that there were when it was opened.</param>
/// <param name="Fingerprint">What tells them from any others (<see cref="SourceFile.Fingerprint"/>).</param>
/// <param name="Cut">What decides where segments end and what they hold (<see cref="SourceIdentity.OfCut"/>).</param>
internal sealed record SourceGrowth(long Length, string Fingerprint, string Cut)
{
    /// <summary>What to remember of a file that is being read.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="facts">What its source was when it was opened.</param>
    /// <returns>Null where the source is no file, or cannot be read.</returns>
    public static SourceGrowth? Of(StreamOptions stream, SourceFacts? facts) =>
        stream.Url.FilePath is { } path && facts?.Length is > 0 and var length && SourceFile.Fingerprint(path, length) is { } fingerprint
            ? new(length, fingerprint, SourceIdentity.OfCut(stream, facts))
            : null;

    /// <summary>Whether a file is longer than when it was opened.</summary>
    public static bool HasGrown(StreamOptions stream, SourceFacts? facts) =>
        stream.Url.FilePath is { } path && facts?.Length is { } length && SourceFile.Length(path) > length;

    /// <summary>Whether the source is still this file, and only longer.</summary>
    public bool IsStart(StreamOptions stream, SourceFacts? facts) =>
        stream.Url.FilePath is { } path && facts?.Length >= Length && Cut == SourceIdentity.OfCut(stream, facts) && SourceFile.Fingerprint(path, Length) == Fingerprint;
}
