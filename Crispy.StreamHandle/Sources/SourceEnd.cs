using System.Globalization;
using System.Text.RegularExpressions;

namespace Crispy.StreamHandle.Sources;

/// <summary>How the reading of a finite source ended.</summary>
public enum SourceOutcome
{
    /// <summary>All of it was read, as far as anything tells.</summary>
    Complete,

    /// <summary>Some of it was not read, and no further try can help.</summary>
    Incomplete,

    /// <summary>Nothing of it was read.</summary>
    Failed,
}

/// <summary>What is missing of a source, from its first picture on.</summary>
/// <param name="From">Where it begins.</param>
/// <param name="To">Where it ends.</param>
public sealed record MissingRange(TimeSpan From, TimeSpan To);

/// <summary>The judgement of a source's end.</summary>
/// <param name="Outcome">Whether all of it was read.</param>
/// <param name="Reason">Why not, for people, without secrets; null where all was.</param>
/// <param name="Missing">What is missing, in order; empty where that cannot be told.</param>
public sealed record SourceVerdict(SourceOutcome Outcome, string? Reason, IReadOnlyList<MissingRange> Missing);

/// <summary>
/// Judges whether a source was read to its end. ffmpeg ends with exit code 0 also when a connection breaks, a segment of a playlist is not
/// there, or a file is cut off. Only its complaints tell, and what the source says of its own length. One instance hears one ffmpeg.
/// </summary>
/// <param name="url">The source.</param>
/// <param name="facts">What was seen of it beforehand; null where nothing was.</param>
/// <param name="everyNthFrame">One frame in so many is recorded: the last one may lie that much before the end.</param>
internal sealed partial class SourceEnd(SourceUrl url, SourceFacts? facts, int everyNthFrame = 1)
{

    private readonly Lock _sync = new();
    private readonly SortedSet<long> _segments = [];
    private string? _cut;
    private string? _retried;
    private string? _trouble;
    private string? _broken;
    private long _unknown;
    private string? _lastUnknown;
    private string? _reopen;
    private bool _beganAgain;
    private bool _newHeader;
    private bool _cannotSeek;

    /// <summary>Complaints that nothing here knows.</summary>
    public long Unknown { get { lock (_sync) return _unknown; } }

    /// <summary>The last of them; null without any.</summary>
    public string? LastUnknown { get { lock (_sync) return _lastUnknown; } }

    /// <summary>Why a live source must be opened again although ffmpeg goes on reading: it would wait for what never comes.
    /// Null where it need not.</summary>
    public string? Reopen { get { lock (_sync) return _reopen; } }

    /// <summary>Where in a live playlist, opened again for <see cref="Reopen"/>, what was not read yet begins.</summary>
    /// <param name="playlist">As it is now.</param>
    /// <returns>A segment's place, from 0; null where ffmpeg's own choice is right, three segments before the end.</returns>
    public int? StartIn(HlsPlaylist? playlist)
    {
        lock (_sync) return _beganAgain ? 0 : _reopen is not null && playlist is { Segments.Count: > 0 } ? playlist.LastMapStart : null;
    }

    /// <summary>Takes one of ffmpeg's lines.</summary>
    /// <param name="line">As <see cref="FfmpegErrors.Clean"/> leaves it, with its level.</param>
    /// <returns>What it tells.</returns>
    public Complaint Heard(string line)
    {
        var complaint = FfmpegErrors.Classify(url, line);
        lock (_sync)
        {
            if (Cut().Match(line) is { Success: true } cut) (_cut, _trouble) = (cut.Groups[1].Value, line);
            else if (Retry().Match(line) is { Success: true } retry)
            {
                // A connection that got further has carried what the one before could not.
                if (_retried is not null && _retried != retry.Groups[1].Value) _trouble = null;
                if (_cut is null || _cut == retry.Groups[1].Value) (_cut, _trouble) = (null, null);
                _retried = retry.Groups[1].Value;
            }
            else if (Segment().Match(line) is { Success: true } segment)
                _segments.Add(long.Parse(segment.Groups[1].Value, CultureInfo.InvariantCulture));
            else if (Sequence().Match(line) is { Success: true } sequence)
            {
                var (before, now) = (long.Parse(sequence.Groups[1].Value, CultureInfo.InvariantCulture),
                    long.Parse(sequence.Groups[2].Value, CultureInfo.InvariantCulture));
                if (now < before)
                    (_beganAgain, _reopen) =
                        (true, $"the playlist begins again at segment {now} after {before}: its encoder was restarted");
            }
            else if (complaint == Complaint.Missing) Miss(line);
            else if (complaint == Complaint.Connection) _trouble ??= line;
            if (complaint == Complaint.Unknown) (_unknown, _lastUnknown) = (_unknown + 1, FfmpegErrors.WithoutLevel(line));
        }
        return complaint;
    }

    /// <summary>Judges the end.</summary>
    /// <param name="exitCode">ffmpeg's.</param>
    /// <param name="error">ffmpeg's last lines.</param>
    /// <param name="hasPictures">Whether any picture came.</param>
    /// <param name="span">From the first picture to the end of the latest one on the source's own timeline, holes included;
    /// null where that is not known.</param>
    public SourceVerdict Judge(int exitCode, string error, bool hasPictures, TimeSpan? span)
    {
        lock (_sync)
        {
            if (!hasPictures) return new(SourceOutcome.Failed, Nothing(error), []);
            var missing = MissingSegments();
            var short_ = IsShort(span, out var expected);
            if (short_) missing.Add(new(span!.Value, expected));
            var reason = exitCode != 0 ? FfmpegErrors.Summary(url, error)
                : _segments.Count > 0
                ? $"{(_segments.Count == 1 ? "segment" : "segments")} {string.Join(", ", _segments)} of the playlist could not be read"
                : _cut is not null || _trouble is not null ? FfmpegErrors.WithoutLevel(_trouble ?? "the connection broke")
                : _newHeader && facts?.Http?.Playlist is { ChangesMap: true }
                ? "the playlist's segments have several headers (EXT-X-MAP), and ffmpeg reads the first alone"
                : _broken is not null ? FfmpegErrors.WithoutLevel(_broken)
                : short_ ? "the source ended before its time"
                : null;
            return reason is null
                ? new(SourceOutcome.Complete, null, [])
                : new(SourceOutcome.Incomplete, Told(reason, missing, expected), missing);
        }
    }

    private void Miss(string line)
    {
        _broken ??= line;
        _cannotSeek |= line.Contains("partial file", StringComparison.OrdinalIgnoreCase);
        if (line.Contains("duplicated MOOV", StringComparison.OrdinalIgnoreCase))
            (_newHeader, _reopen) = (true, _reopen ?? "the playlist has a new header (EXT-X-MAP)");
    }

    private string Nothing(string error)
    {
        var summary = FfmpegErrors.Named(url, error);
        return facts?.Http is { Format: null, TakesRanges: false } && (_cannotSeek || _cut is not null)
            ? $"{url}: the file's index is at its end, and the server gives no part of a file (no Range). It can be read only as a whole "
            + $"({summary})"
            : summary;
    }

    private List<MissingRange> MissingSegments()
    {
        var missing = new List<MissingRange>();
        foreach (var number in _segments)
        {
            if (facts?.Http?.Playlist?.Place(number) is not { } place) continue;
            if (missing.Count > 0 && missing[^1].To == place.From) missing[^1] = missing[^1] with { To = place.To };
            else missing.Add(new(place.From, place.To));
        }
        return missing;
    }

    // How long a source is counts only where its container says so: a transport stream's length is a guess of ffmpeg's.
    private bool IsShort(TimeSpan? span, out TimeSpan expected)
    {
        expected = TimeSpan.Zero;
        if (span is null || facts is null) return false;
        var frame = facts.AverageFrameRate is { } rate ? 1 / rate.Value : 0.04;
        var tolerance = Math.Max((everyNthFrame + 2) * frame, 0.2);
        if (facts.Http?.Playlist is { IsFinished: true } playlist)
            (expected, tolerance) = (playlist.Length, Math.Max(tolerance, Math.Max(1, playlist.TargetDuration.TotalSeconds / 2)));
        else if (facts.VideoDuration is { } video && facts.IsFormat("mov", "matroska"))
            expected = facts.Duration is { } whole && whole < video ? whole : video;
        // Sound may be longer than the picture. Where a connection broke, a guess is better than no answer.
        else if (facts.Duration is { } total
            && (facts.IsFormat("mov", "matroska") || _cut is not null || _trouble is not null || _broken is not null))
            // Matroska's counts from 0, wherever its first picture lies.
            (expected, tolerance) = (facts.IsFormat("matroska") && facts.StartTime > TimeSpan.Zero ? total - facts.StartTime.Value : total,
                facts.AudioIndex is null ? tolerance : Math.Max(1, total.TotalSeconds / 50));
        else return false;
        return (expected - span.Value).TotalSeconds > tolerance;
    }

    private static string Told(string reason, List<MissingRange> missing, TimeSpan expected)
    {
        var told = string.Join(", ",
            missing.Select(range =>
                string.Create(CultureInfo.InvariantCulture, $"{range.From.TotalSeconds:0.###} s to {range.To.TotalSeconds:0.###} s")));
        var of = expected > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $" of {expected.TotalSeconds:0.###} s") : "";
        return missing.Count == 0 ? $"not read to its end: {reason}" : $"not read to its end: {told}{of} are missing ({reason})";
    }

    [GeneratedRegex(@"Stream ends prematurely at (\d+), should be \d+", RegexOptions.IgnoreCase)]
    private static partial Regex Cut();

    [GeneratedRegex(@"Will reconnect at (\d+) in")]
    private static partial Regex Retry();

    [GeneratedRegex(@"(?:Failed to open segment|Segment) (\d+) of playlist \d+")]
    private static partial Regex Segment();

    [GeneratedRegex(@"Media sequence changed unexpectedly: (\d+) -> (\d+)")]
    private static partial Regex Sequence();
}
