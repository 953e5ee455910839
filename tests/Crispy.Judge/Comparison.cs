using System.Globalization;

namespace Crispy.Judge;

/// <summary>One comparison, step by step: which picture is which, then all that follows from it.</summary>
internal sealed class Comparison(MediaFile source, MediaFile truth, MediaFile? hidden, IReadOnlyList<JudgedChunk> chunks,
    Stored stored, JudgeOptions options)
{
    private static readonly string[] Broken = ["damaged", "noLeadingKeyframe", "openGop", "intraRefresh"];

    /// <summary>Pictures that a decoder reorders, or loses at a change of parameters.</summary>
    private const int Near = 8;

    private readonly List<Finding> _findings = [];
    private readonly IReadOnlyList<Picture> _pictures = truth.Pictures;
    private double?[] _times = [];
    private int[] _chunkOf = [];
    private int _outOfOrder;
    private int _late;
    private double _usualStep;

    public Verdict Judge()
    {
        _times = TimesOfSource();
        _usualStep = UsualStep();
        Match();
        var (missingUnits, extraUnits) = CompareUnits();
        ComparePictures();
        CompareTimes();
        CompareSeams();
        CompareDurations();
        CompareFacts();
        var (missingSound, soundError) = CompareSound();
        var span = SourceSpan();
        var gaps = chunks.Skip(1)
            .Zip(chunks, (after, before) => after.Manifest.Has("discontinuity") ? after.Manifest.From - before.Manifest.To : 0).Sum();
        CompareSpan(span, gaps);
        return new()
        {
            SourcePictures = _pictures.Count,
            Right = chunks.Sum(chunk => chunk.Right),
            Missing = _chunkOf.Count(chunk => chunk < 0),
            Extra = chunks.Sum(chunk => chunk.Extra + chunk.HiddenShown),
            OutOfOrder = _outOfOrder,
            SourceUnits = source.Units.Count,
            MissingUnits = missingUnits,
            ExtraUnits = extraUnits,
            LatePictures = _late,
            WorstError = chunks.Select(chunk => chunk.WorstError).DefaultIfEmpty(0).Max(),
            WorstSoundError = soundError,
            MissingSound = missingSound,
            SourceSpan = span,
            Durations = chunks.Sum(chunk => chunk.Manifest.Duration),
            ToldGaps = gaps,
            Chunks = [.. chunks.Select((chunk, index) =>
                new ChunkRow(index, chunk.Manifest.Epoch, chunk.Manifest.From - chunks[0].Manifest.From, chunk.Manifest.Duration,
                chunk.Manifest.Frames, chunk.Media.Pictures.Count, chunk.Right, chunk.WorstError, chunk.Manifest.Said))],
            Findings = [.. _findings.OrderBy(finding => finding.ToldBy is not null)],
        };
    }

    private void Find(string kind, int? chunk, string text, string? toldBy = null) => _findings.Add(new(kind, chunk, text, toldBy));

    private static string Ms(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0.###} ms");

    private static string S(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.######} s");

    // Where the container gives decoding times only (AVI, bare streams),
    // the order in which pictures are shown says which of these times is whose.
    private double?[] TimesOfSource()
    {
        var times = truth.Pictures.Select(picture => picture.Time).ToArray();
        if (times.All(time => time is not null)) return times;
        var decoding = truth.Video.Where(packet => packet.Dts is not null).Select(packet => packet.Dts).Order().ToArray();
        return decoding.Length == times.Length ? decoding : new double?[times.Length];
    }

    private bool SourceHasTimes => truth == source && truth.Pictures.All(picture => picture.Time is not null);

    private double UsualStep()
    {
        var steps = _times.Zip(_times.Skip(1), (a, b) => b - a).Where(step => step > 0).Select(step => step!.Value).Order().ToList();
        return steps.Count == 0 ? 0.04 : steps[steps.Count / 2];
    }

    // By the pixels: of equal pictures the one next to the last that was found.
    private void Match()
    {
        _chunkOf = [.. Enumerable.Repeat(-1, _pictures.Count)];
        var open = new Dictionary<string, SortedSet<int>>();
        foreach (var (index, picture) in _pictures.Index())
            (open.TryGetValue(picture.Md5, out var set) ? set : open[picture.Md5] = []).Add(index);
        var hiddenPictures = hidden is null ? [] : hidden.Pictures.Select(picture => picture.Md5).ToHashSet();
        var next = 0;
        foreach (var (number, chunk) in chunks.Index())
        {
            foreach (var (index, picture) in chunk.Media.Pictures.Index())
            {
                // What is hidden may be equal to what is shown after it.
                if (chunk.HiddenShown < chunk.Manifest.HiddenPictures && index == chunk.HiddenShown && hiddenPictures.Contains(picture.Md5))
                    chunk.HiddenShown++;
                else if (open.TryGetValue(picture.Md5, out var candidates) && candidates.Count > 0)
                {
                    var after = candidates.GetViewBetween(next, int.MaxValue);
                    var match = after.Count > 0 ? BestOf(chunk, index, after) : candidates.Max;
                    if (match > next + Near && IsSeenSooner(number, index, next, match, open))
                    {
                        chunk.Extra++;
                        if (chunk.Right == 0) chunk.ExtraInFront++;
                        continue;
                    }
                    candidates.Remove(match);
                    chunk.Matches[index] = match;
                    _chunkOf[match] = number;
                    if (match < next) _outOfOrder++;
                    next = match + 1;
                }
                else if (hiddenPictures.Contains(picture.Md5)) chunk.HiddenShown++;
                else
                {
                    chunk.Extra++;
                    if (chunk.Right == 0) chunk.ExtraInFront++;
                }
            }
        }
        if (_outOfOrder > 0) Find("pictures", null, $"{_outOfOrder} pictures stand before one that the source shows earlier");
    }

    // Next to each other, equal pictures differ by what follows. Where the chunk shows one of two, the lost one must not be taken for it.
    private int BestOf(JudgedChunk chunk, int index, SortedSet<int> candidates) =>
        candidates.TakeWhile(candidate => candidate <= candidates.Min + Near).MaxBy(candidate => EqualFrom(chunk, index, candidate));

    private int EqualFrom(JudgedChunk chunk, int index, int candidate) =>
        chunk.Media.Pictures.Skip(index).Take(2 * Near).Zip(_pictures.Skip(candidate))
        .TakeWhile(pair => pair.First.Md5 == pair.Second.Md5).Count();

    // A source may show the same again. A picture that its decoder lost must not be taken for the equal one of later, where what follows is
    // near.
    private bool IsSeenSooner(int number, int index, int next, int match, Dictionary<string, SortedSet<int>> open) =>
        chunks.Skip(number).SelectMany(chunk => chunk.Media.Pictures).Skip(index + 1).Take(2 * Near)
        .Any(picture => open.TryGetValue(picture.Md5, out var candidates) && candidates.GetViewBetween(next, match - 1).Count > 0);

    private (int Missing, int Extra) CompareUnits()
    {
        // Several hundred equal units (skipped pictures) are possible: they are counted.
        var left = source.Units.CountBy(unit => unit).ToDictionary();
        var extra = new List<int>();
        foreach (var (number, chunk) in chunks.Index())
        {
            foreach (var unit in chunk.Media.Units)
            {
                if (left.TryGetValue(unit, out var count) && count > 0) left[unit] = count - 1;
                else extra.Add(number);
            }
        }
        var missing = left.Values.Sum();
        // What a cut-off recording of a camera did not see is not missing.
        if (options.IsPart && missing > 0)
        {
            var seen = chunks.SelectMany(chunk => chunk.Media.Units).ToHashSet();
            var first = source.Units.Index().FirstOrDefault(unit => seen.Contains(unit.Item)).Index;
            var last = source.Units.Index().LastOrDefault(unit => seen.Contains(unit.Item)).Index;
            missing = source.Units.Skip(first).Take(last - first + 1).Count(unit => !seen.Contains(unit));
        }
        if (missing > 0)
            Find("packets", null, $"{missing} of {source.Units.Count} units of the source's video are in no chunk", LossOf(null));
        foreach (var group in extra.GroupBy(number => number))
            Find("packets", group.Key, $"{group.Count()} units that are not the source's, or once more");
        return (missing, extra.Count);
    }

    // At a change of parameters a decoder of the whole source forgets the picture that it holds, which the chunk shows.
    private bool LacksLastOfSource(int number) =>
        chunks[number].Extra == 1 && number + 1 < chunks.Count && chunks[number + 1].Manifest.Has("discontinuity")
        && chunks[number].Media.Video.Count == chunks[number].Manifest.Frames;

    // So it may lose the first ones after the change.
    private bool LacksFirstOfSource(int number) =>
        chunks[number] is { Extra: > 0 and <= 2 * Near } chunk && chunk.Extra == chunk.ExtraInFront && chunk.Manifest.Has("discontinuity")
        && chunk.Media.Complaints.Length == 0 && chunk.Media.Video.Count == chunk.Manifest.Frames;

    private void ComparePictures()
    {
        AssignMissing();
        foreach (var (number, chunk) in chunks.Index())
        {
            var flag = chunk.Manifest.Any(Broken);
            var allowed = chunk.Manifest.LeadingPictures + chunk.Manifest.RecoveryPictures;
            string? Told(int count) => count <= allowed && allowed > 0
                ? $"leadingPictures {chunk.Manifest.LeadingPictures}, recoveryPictures {chunk.Manifest.RecoveryPictures}"
                : flag;
            if (chunk.Missing.Count > 0)
                Find("pictures", number, $"{chunk.Missing.Count} pictures cannot be decoded from the chunk alone",
                    Told(chunk.Missing.Count));
            var seam = LacksLastOfSource(number) || LacksFirstOfSource(number) ? "discontinuity" : null;
            if (chunk.Extra > 0)
                Find("pictures", number, $"{chunk.Extra} pictures are decoded as the source does not show them, or once more",
                    Told(chunk.Extra) ?? seam);
            if (chunk.HiddenShown > 0)
                Find("pictures", number, $"{chunk.HiddenShown} pictures are shown that the source hides",
                    chunk.HiddenShown <= chunk.Manifest.HiddenPictures ? $"hidden {chunk.Manifest.HiddenPictures}" : null);
            if (chunk.Media.Complaints.Length > 0 && source.Complaints.Length == 0)
                Find("decoder", number, chunk.Media.Complaints.Split('\n')[0],
                    Told(allowed > 0 ? 1 : 0) ?? chunk.Manifest.Any("openGop") ?? (chunk.Manifest.HiddenPictures > 0 ? "hidden" : null));
            if (chunk.Media.Pictures.Any(picture => picture.Time is null))
                Find("times", number, $"{chunk.Media.Pictures.Count(picture => picture.Time is null)} pictures have no time in the file");
        }
    }

    // A picture that nobody shows belongs to the chunk whose time it is in, among those between its neighbours.
    private void AssignMissing()
    {
        SetSourceFrom();
        var before = -1;
        var lost = new List<int>();
        var after = NextChunks();
        for (var index = 0; index < _pictures.Count; index++)
        {
            if (_chunkOf[index] >= 0)
            {
                before = _chunkOf[index];
                continue;
            }
            var next = after[index];
            var chunk = before >= 0 && next == before ? before : Holder(index, Math.Max(before, 0), next >= 0 ? next : chunks.Count - 1);
            if (chunk >= 0) chunks[chunk].Missing.Add(index);
            else lost.Add(index);
        }
        if (options.IsPart) lost.RemoveAll(index => after[index] < 0 || index < Array.FindIndex(_chunkOf, chunk => chunk >= 0));
        if (lost.Count > 0)
            Find("pictures", null,
                $"{lost.Count} of {_pictures.Count} pictures of the source are in no chunk, the first of them number {lost[0]}",
                LossOf(lost));
    }

    // The later chunk first: leading pictures lie before the keyframe that was found.
    private int Holder(int picture, int first, int last)
    {
        if (!SourceHasTimes || _times[picture] is not { } time) return HolderByOrder(first, last);
        for (var number = Math.Min(last, chunks.Count - 1); number >= first; number--)
        {
            var chunk = chunks[number];
            if (chunk.SourceFrom is { } from && time >= from - chunk.Tolerance - source.Tick
                && time < from + chunk.Manifest.Duration - LeastStep(chunk) / 2)
                return number;
        }
        return -1;
    }

    // A chunk's last picture may last far less than the others: what is after the beginning of that one is not the chunk's.
    private double LeastStep(JudgedChunk chunk)
    {
        var step = Math.Min(_usualStep, chunk.Manifest.Duration / Math.Max(1, chunk.Manifest.Frames));
        return chunk.Media.Video.Any(packet => packet.Pts is not null) && LastStep(chunk) is > 0 and var last ? Math.Min(step, last) : step;
    }

    // Without times: the first that has fewer pictures than it says.
    private int HolderByOrder(int first, int last)
    {
        for (var number = first; number <= last && number < chunks.Count; number++)
            if (chunks[number].Right + chunks[number].Missing.Count < chunks[number].Manifest.Frames) return number;
        return first <= last && last < chunks.Count ? last : -1;
    }

    private int[] NextChunks()
    {
        var next = new int[_pictures.Count];
        var chunk = -1;
        for (var index = _pictures.Count - 1; index >= 0; index--)
        {
            if (_chunkOf[index] >= 0) chunk = _chunkOf[index];
            next[index] = chunk;
        }
        return next;
    }

    private void SetSourceFrom()
    {
        JudgedChunk? before = null;
        foreach (var chunk in chunks)
        {
            for (var index = 0; index < chunk.Matches.Length && chunk.SourceFrom is null; index++)
                if (chunk.Matches[index] >= 0 && _times[chunk.Matches[index]] is { } time && chunk.Position(index) is { } position)
                    chunk.SourceFrom = time - position;
            // Where none of its pictures can be decoded it begins where the one before it ends.
            if (chunk.SourceFrom is null && before is not null && !chunk.Manifest.Has("discontinuity"))
                chunk.SourceFrom = before.SourceFrom + before.Manifest.Duration;
            else if (chunk.SourceFrom is null && before is not null && chunk.Manifest.IsFileClock)
                chunk.SourceFrom = before.SourceFrom + (chunk.Manifest.From - before.Manifest.From);
            before = chunk;
        }
    }

    // What is missing altogether is told by a loss record, or by a recording that says that it failed.
    private string? LossOf(List<int>? pictures)
    {
        if (stored.Losses.Count > 0)
        {
            var told = stored.Losses.Sum(loss => loss["frames"] is { } frames
                ? long.Parse(frames.ToJsonString(), CultureInfo.InvariantCulture)
                : 0);
            var ranged = stored.Losses.Any(loss => (string?)loss["from"] != (string?)loss["to"]);
            if (pictures is null || ranged || told >= pictures.Count) return $"{stored.Losses.Count} loss records";
        }
        return stored.Failed && stored.Error is { Length: > 0 } ? $"failed: {stored.Error}" : null;
    }

    private void CompareTimes()
    {
        var unknown = _times.Any(time => time is null);
        if (!SourceHasTimes && IsBare(source.Format))
        {
            foreach (var (number, chunk) in chunks.Index())
                if (chunk.Manifest.Times is null && !chunk.Manifest.Has("unknownTimes"))
                    Find("times", number, "the source has no times, and the manifest does not say by which rule they were made");
        }
        if (unknown)
        {
            Find("times", null, "the source has no times to compare with", "nothing to compare");
            return;
        }
        double anchorAt = 0, anchorSource = 0, anchorTolerance = 0;
        string? epoch = null;
        JudgedChunk? before = null;
        foreach (var (number, chunk) in chunks.Index())
        {
            chunk.At = chunk.Manifest.IsFileClock || before is null ? chunk.Manifest.From : before.At + before.Manifest.Duration;
            before = chunk;
            if (chunk.SourceFrom is not { } from) continue;
            if (chunk.Manifest.Epoch != epoch || (!chunk.Manifest.IsFileClock && chunk.Manifest.Has("discontinuity"))) 
            {
                // What is hidden puts the first that is shown off the file's zero.
                (epoch, anchorAt, anchorSource, anchorTolerance) =
                    (chunk.Manifest.Epoch, chunk.At, from, chunk.Manifest.HiddenPictures > 0 ? chunk.Tolerance : 0);
            }
            var late = new List<(int Picture, double Error)>();
            for (var index = 0; index < chunk.Matches.Length; index++)
            {
                if (chunk.Matches[index] < 0 || chunk.Position(index) is not { } position) continue;
                var error = chunk.At - anchorAt + position - (_times[chunk.Matches[index]]!.Value - anchorSource);
                if (Math.Abs(error) > Math.Abs(chunk.WorstError)) chunk.WorstError = Math.Abs(error);
                if (Math.Abs(error) > anchorTolerance + chunk.Tolerance + source.Tick / 2) late.Add((index, error));
            }
            _late += late.Count;
            if (late.Count > 0)
                Find("times", number,
                    $"{late.Count} of {chunk.Right} pictures are off, by {Ms(late.MaxBy(each => Math.Abs(each.Error)).Error)} at most, the "
                        + $"first is number {late[0].Picture}, by {Ms(late[0].Error)}",
                    chunk.Manifest.Any("unknownTimes", "damaged")
                        ?? (chunk.Manifest.Times is { } rule && !SourceHasTimes ? $"times {rule}" : null));
            foreach (var (at, seconds) in chunk.Manifest.Holes) CompareHole(number, chunk, at, seconds);
        }
    }

    private static bool IsBare(string format) =>
        format is "h264" or "hevc" or "m4v" or "mpegvideo" or "mjpeg" or "obu" or "cavsvideo" or "vc1";

    private void CompareHole(int number, JudgedChunk chunk, double at, double seconds)
    {
        var positions = Enumerable.Range(0, chunk.Matches.Length).Select(chunk.Position).Where(position => position is not null)
            .Select(position => position!.Value).Order().ToList();
        positions.Add(chunk.Manifest.Duration);
        var ends = positions.Zip(positions.Skip(1))
            .Any(step => step.Second - step.First >= seconds - _usualStep - chunk.Tolerance && step.First <= at + chunk.Tolerance
                && step.Second >= at + seconds - _usualStep - chunk.Tolerance);
        if (!ends) Find("times", number, $"a hole of {S(seconds)} is told at {S(at)}, where the file has pictures",
            chunk.Missing.Count > 0 && chunk.Manifest.LeadingPictures > 0 ? "leadingPictures" : null);
    }

    private void CompareSeams()
    {
        foreach (var (number, chunk) in chunks.Index().Skip(1))
        {
            var before = chunks[number - 1];
            var manifest = chunk.Manifest;
            var told = manifest.Has("discontinuity");
            if (!told && Math.Abs(manifest.From - before.Manifest.To) > 2e-6)
                Find("seam", number, $"begins {Ms(manifest.From - before.Manifest.To)} after the one before it ends, and follows on");
            if (chunk.SourceFrom is not { } from || before.SourceFrom is not { } earlier || manifest.Epoch == before.Manifest.Epoch
                || !manifest.IsFileClock)
                continue;
            // From an epoch to the next: what the clock of the source does there must be seen as time, or told.
            var step = from - earlier;
            var seen = manifest.From - before.Manifest.From;
            var last = LastTime(before) - earlier ?? before.Manifest.Duration;
            var jump = step - last; // from its last picture
            if (Math.Abs(step - seen) <= _usualStep + chunk.Tolerance) continue;
            var seam = manifest.SeamSeconds is { } seconds
                && Math.Abs(Math.Abs(seconds) - Math.Abs(jump)) <= 2 * _usualStep + 2 * chunk.Tolerance;
            if (seam && told) continue;
            if (jump < 0 && told)
                Find("seam", number, $"the source's clock goes back by {S(-jump)}", manifest.SeamSeconds is null ? "discontinuity" : null);
            else Find("seam", number,
                $"the source's clock goes on by {S(step)} from chunk to chunk, the times by "
                    + $"{S(seen)}{(told ? ", and only discontinuity is told" : "")}");
        }
    }

    private double? LastTime(JudgedChunk chunk) => chunk.Matches.Where(match => match >= 0).Select(match => _times[match]).Max();

    private void CompareDurations()
    {
        foreach (var (number, chunk) in chunks.Index())
        {
            var manifest = chunk.Manifest;
            if (manifest.IsFileClock && Math.Abs(manifest.To - manifest.From - manifest.Duration) > 2e-6)
                Find("duration", number, $"from to to are {S(manifest.To - manifest.From)}, its duration is {S(manifest.Duration)}");
            if (chunk.SourceFrom is not { } from || LastTime(chunk) is not { } last) continue;
            var told = manifest.Any("damaged", "unknownTimes") ?? (manifest.Times is { } rule && !SourceHasTimes ? $"times {rule}" : null);
            var next = number + 1 < chunks.Count ? chunks[number + 1] : null;
            if (next?.SourceFrom is { } end && !next.Manifest.Has("discontinuity") && next.Manifest.Epoch == manifest.Epoch)
            {
                if (Math.Abs(manifest.Duration - (end - from)) > chunk.Tolerance + source.Tick)
                    Find("duration", number,
                        $"{S(manifest.Duration)}, and in the source {S(end - from)} to the next chunk's first picture", told);
                continue;
            }
            // The last picture before an end or a seam: nobody says how long it lasts but the container, where it does.
            var stated = source.Video.Where(packet => packet.Pts is { } pts && Math.Abs(pts - last) < 1e-6)
                .Select(packet => packet.Duration).FirstOrDefault();
            var most = Math.Max(Math.Max(stated, _usualStep), RecentStep(chunk)) * 1.05 + chunk.Tolerance + source.Tick;
            var rest = manifest.Duration - (last - from);
            if (LacksLastOfSource(number)) told ??= "discontinuity";
            told ??= manifest.HiddenPictures > 0 && manifest.LeadingPictures > 0
                ? "hidden"
                : manifest.Holes.Any(hole => Math.Abs(hole.At + hole.Seconds - manifest.Duration) <= chunk.Tolerance + source.Tick)
                ? "holes"
                : manifest.HasUnknownEnd ? "unknownEnd" : null;
            if (rest < -chunk.Tolerance - source.Tick || rest > most)
                Find("duration", number,
                    $"{S(manifest.Duration)}, {S(rest)} of it after its last picture began, where "
                        + $"{S(Math.Max(stated, _usualStep))} is usual", told);
        }
    }

    private double RecentStep(JudgedChunk chunk)
    {
        var times = chunk.Matches.Where(match => match >= 0).Select(match => _times[match]!.Value).Order().ToList();
        return times.Zip(times.Skip(1), (a, b) => b - a).DefaultIfEmpty(_usualStep).Max();
    }

    private void CompareFacts()
    {
        foreach (var (number, chunk) in chunks.Index())
        {
            var (manifest, media) = (chunk.Manifest, chunk.Media);
            var flag = manifest.Any(Broken);
            var pictures = chunk.Right + chunk.Missing.Count + chunk.HiddenShown + Math.Max(0, chunk.Extra - chunk.Missing.Count);
            // VP8 and its like have packets that show nothing.
            var packets = media.Codec is "vp8" or "vp9" or "av1" ? media.Video.Count : pictures;
            if (manifest.Frames != pictures && manifest.Frames != packets)
                Find("frames", number, $"{manifest.Frames} are told, {pictures} are there",
                    manifest.Any("damaged")
                        ?? (manifest.HiddenPictures > 0
                            && manifest.LeadingPictures > 0 ? "hidden" : LacksLastOfSource(number) ? "discontinuity" : null));
            if (media.Width != 0 && (manifest.Width, manifest.Height) != (media.Width, media.Height))
                Find("shape", number, $"{manifest.Width}x{manifest.Height} are told, the file has {media.Width}x{media.Height}");
            if (source.Rotation != media.Rotation)
                Find("shape", number, $"the source is turned by {source.Rotation} degrees, the chunk by {media.Rotation}",
                    manifest.Rotation == source.Rotation ? $"rotation {source.Rotation}" : null);
            if (source.Sar != media.Sar && (source.Width, source.Height) == (media.Width, media.Height))
                Find("shape", number, $"the source's pixels are {source.Sar}, the chunk's {media.Sar}",
                    manifest.Sar == source.Sar ? $"sar {source.Sar}" : null);
            CompareRate(number, chunk, flag);
            CompareFile(number, chunk, flag);
        }
    }

    private void CompareRate(int number, JudgedChunk chunk, string? flag)
    {
        var manifest = chunk.Manifest;
        if (manifest.IsVariable || manifest.Duration <= 0 || manifest.Frames < 2) return;
        var rate = (manifest.Frames - manifest.HiddenPictures) / manifest.Duration;
        if (Math.Abs(manifest.Fps - rate) > 0.02 * rate)
            Find("fps", number, $"{manifest.Fps} is told, {manifest.Frames} frames in {S(manifest.Duration)} are {rate:0.###}", flag);
        var times = chunk.Matches.Where(match => match >= 0 && _times[match] is not null)
            .Select(match => _times[match]!.Value).Order().ToList();
        var steps = times.Zip(times.Skip(1), (a, b) => b - a).ToList();
        if (steps.Count > 1 && chunk.Missing.Count == 0 && manifest.Holes.Count == 0 && steps.Max() > 2.2 * Math.Max(steps.Min(), 0.002))
            Find("fps", number, $"the rate varies, steps are {Ms(steps.Min())} to {Ms(steps.Max())}, and nothing says so",
                flag ?? manifest.Any("unknownTimes"));
    }

    private void CompareFile(int number, JudgedChunk chunk, string? flag)
    {
        var timed = chunk.Media.Video.Where(packet => packet.Pts is not null && !packet.IsHidden).ToList();
        if (timed.Count == 0) Find("file", number, "no packet of it has a time", flag);
        else if (timed[^1].Duration > 0)
        {
            var more = timed.Max(packet => packet.Pts!.Value + packet.Duration) - chunk.Base - chunk.Front - chunk.Manifest.Duration;
            // ffprobe guesses how long pictures of a fragmented MP4 last, from the mean rate: its track says how long all of them do.
            if (chunk.Media.Format.Contains("mp4", StringComparison.Ordinal) && chunk.Media.Length > 0
                && Math.Abs(chunk.Media.Length - chunk.Manifest.Duration) is var off && off < Math.Abs(more))
                more = off;
            if (Math.Abs(more) > 2 * chunk.Tolerance + 0.0015 + Math.Max(LastStep(chunk), Math.Max(_usualStep, RecentStepOrZero(chunk))))
                Find("file", number,
                    $"the file lasts {S(chunk.Manifest.Duration + more)}, its manifest says {S(chunk.Manifest.Duration)}", flag);
        }
    }

    private static double LastStep(JudgedChunk chunk) =>
        chunk.Media.Video.Max(packet => packet.Pts ?? double.MinValue) is var last ? chunk.Manifest.Duration - (last - chunk.Base) : 0;

    private (int Missing, double Error) CompareSound()
    {
        if (source.Sound.Count == 0 || options.HasSound == false) return (0, 0);
        if (chunks.Count > 0 && chunks.All(chunk => chunk.Media.Sound.Count == 0))
        {
            if (options.HasSound != null || !options.IsPart)
                Find("sound", null, "the source has sound, no chunk has",
                    chunks.Sum(chunk => chunk.Manifest.LateSound) >= source.Sound.Count ? "lateSound" : null);
            return (0, 0);
        }
        // The truth about times is another file, and may begin elsewhere.
        var shift = truth == source
            ? 0
            : (truth.Pictures.Min(picture => picture.Time) ?? 0) - (source.Pictures.Min(picture => picture.Time) ?? 0);
        var (found, errors) = MatchSound(shift);
        // Re-encoded, or in another framing: nothing can be told packet by packet.
        if (found.Count == 0) return (0, 0);
        var stream = source.Sound.Index().Where(packet => found.Contains(packet.Index)).CountBy(packet => packet.Item.Stream)
            .MaxBy(pair => pair.Value).Key;
        var all = source.Sound.Index().Where(packet => packet.Item.Stream == stream).Select(packet => packet.Index).ToList();
        var missing = options.IsPart
            ? all.Count(index => index > found.Min() && index < found.Max() && !found.Contains(index))
            : all.Count(index => !found.Contains(index));
        if (missing > 0)
            Find("sound", null, $"{missing} of {all.Count} sound packets are in no chunk",
                missing <= chunks.Sum(chunk => chunk.Manifest.LateSound) ? "lateSound" : LossOf(null));
        FindSoundOffPicture(errors);
        return (missing, errors.Select(each => Math.Abs(each.Error)).DefaultIfEmpty(0).Max());
    }

    // By the hashes: which packets of the source are in chunks, and how far those with times are off the picture.
    private (HashSet<int> Found, List<(int Chunk, double Error)> Errors) MatchSound(double shift)
    {
        var open = new Dictionary<string, SortedSet<int>>();
        foreach (var (index, packet) in source.Sound.Index())
            (open.TryGetValue(packet.Hash, out var set) ? set : open[packet.Hash] = []).Add(index);
        var found = new HashSet<int>();
        var errors = new List<(int Chunk, double Error)>();
        var next = 0;
        foreach (var (number, chunk) in chunks.Index())
        {
            foreach (var packet in chunk.Media.Sound)
            {
                if (!open.TryGetValue(packet.Hash, out var candidates) || candidates.Count == 0) continue;
                var after = candidates.GetViewBetween(next, int.MaxValue);
                var match = after.Count > 0 ? after.Min : candidates.Max;
                candidates.Remove(match);
                found.Add(match);
                next = match + 1;
                if (chunk.SourceFrom is { } from && packet.Pts is { } pts && source.Sound[match].Pts is { } true1)
                    errors.Add((number, pts - chunk.Base - chunk.Front - (true1 + shift - from)));
            }
        }
        return (found, errors);
    }

    private void FindSoundOffPicture(List<(int Chunk, double Error)> errors)
    {
        foreach (var group in errors.Where(each => Math.Abs(each.Error) > 2 * chunks[each.Chunk].Tolerance + 0.003)
            .GroupBy(each => each.Chunk))
            Find("sound", group.Key,
                $"{group.Count()} sound packets are up to {Ms(group.MaxBy(each => Math.Abs(each.Error)).Error)} off the picture",
                chunks[group.Key].Manifest.Any("damaged", "unknownTimes"));
    }

    private double SourceSpan()
    {
        var span = 0d;
        var last = _usualStep;
        for (var index = 1; index < _times.Length; index++)
        {
            if (options.IsPart && (_chunkOf[index] < 0 || _chunkOf[index - 1] < 0)) continue;
            if (_times[index] - _times[index - 1] is not { } step) return 0;
            if (step > 0) last = step;
            span += step > 0 ? step : last;
        }
        return _times.Length == 0 ? 0 : span + _usualStep;
    }

    private void CompareSpan(double span, double gaps)
    {
        if (options.IsPart || span == 0 || chunks.Count == 0) return;
        var recorded = chunks.Sum(chunk => chunk.Manifest.Duration) + gaps;
        // A frame for each end whose frame's length nobody knows.
        var ends = 1 + chunks.Skip(1).Count(chunk => chunk.Manifest.Has("discontinuity"));
        var frame = Math.Max(_usualStep, chunks.Max(RecentStepOrZero));
        var unknown = chunks.Where(chunk => chunk.Manifest.HasUnknownEnd).Sum(UnknownPart);
        if (Math.Abs(recorded - span) > ends * frame + 0.002 * chunks.Count + unknown)
            Find("span", null, $"the source lasts {S(span)}, what is told {S(recorded)}", LossOf(null)
                ?? chunks.Select(chunk => chunk.Manifest.Any("damaged", "unknownTimes")).FirstOrDefault(flag => flag is not null));
    }

    // From its last picture on; where none of its pictures is the source's, as its own packets say.
    private double UnknownPart(JudgedChunk chunk) =>
        LastTime(chunk) is { } last && chunk.SourceFrom is { } from ? chunk.Manifest.Duration - (last - from)
        : chunk.Media.Video.Any(packet => packet.Pts is not null) ? Math.Max(0, LastStep(chunk)) : 0;

    private double RecentStepOrZero(JudgedChunk chunk)
    {
        var times = chunk.Matches.Where(match => match >= 0 && _times[match] is not null)
            .Select(match => _times[match]!.Value).Order().ToList();
        return times.Count < 2 ? 0 : times[^1] - times[^2];
    }
}
