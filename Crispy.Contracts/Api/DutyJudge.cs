using System.Globalization;

namespace Crispy.Contracts.Api;

/// <summary>Says of the facts of a <see cref="DutyReport"/> what needs a person, and how soon.</summary>
public static class DutyJudge
{
    /// <summary>How long a server may be away before that is bad: so long that the page says it within a minute.</summary>
    public static readonly TimeSpan BadAfter = TimeSpan.FromSeconds(50);

    /// <summary>Below this the spool's disk is short, while nothing is stored.</summary>
    public static readonly TimeSpan ShortDisk = TimeSpan.FromHours(1);

    private static readonly TimeSpan VeryShortDisk = TimeSpan.FromMinutes(15);

    /// <summary>The same facts with <see cref="DutyReport.Items"/>, <see cref="DutyReport.Level"/> and
    /// <see cref="DutyReport.Text"/>.</summary>
    public static DutyReport Judge(DutyReport facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var items = Items(facts).OrderBy(item => item.Level).ToList();
        var level = items.Count > 0 ? items[0].Level : Level.Good;
        return facts with { Items = items, Level = level, Text = items.Count > 0 ? items[0].Text : Fine(facts) };
    }

    /// <summary>What several stream-handles say, as one. Those that do not answer are named.</summary>
    /// <param name="reports">What they say.</param>
    /// <param name="away">Those that do not answer.</param>
    /// <param name="now">Now, UTC.</param>
    public static DutyReport Merge(IReadOnlyList<DutyReport> reports, IReadOnlyList<AwayReport> away, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(reports);
        ArgumentNullException.ThrowIfNull(away);
        var none = away.Count > 0 ? away : null;
        return Judge(reports.Count == 0 ? new() { At = now, Away = none } : reports.Aggregate(Sum) with { At = now, Away = none });
    }

    private static DutyReport Sum(DutyReport one, DutyReport other) => one with
    {
        Cameras = new(
            one.Cameras.Total + other.Cameras.Total, one.Cameras.Recording + other.Cameras.Recording,
            one.Cameras.InTrouble + other.Cameras.InTrouble, one.Cameras.Idle + other.Cameras.Idle),
        Bucket = Worse(one.Bucket, other.Bucket),
        Broker = Worse(one.Broker, other.Broker),
        Redis = Worse(one.Redis, other.Redis),
        Waiting = new(one.Waiting.Chunks + other.Waiting.Chunks, one.Waiting.Bytes + other.Waiting.Bytes,
            Earlier(one.Waiting.Since, other.Waiting.Since)),
        Disk = Shorter(one.Disk, other.Disk),
        Recent = new(Instant.Later(one.Recent.Since, other.Recent.Since), one.Recent.Lost + other.Recent.Lost,
            one.Recent.Dead + other.Recent.Dead),
        Dead = one.Dead + other.Dead,
        Certificates = [.. one.Certificates.Concat(other.Certificates).GroupBy(each => each.Name, StringComparer.Ordinal)
            .Select(same => same.MinBy(each => each.Ends)!).OrderBy(each => each.Ends)],
        Balance = one.Balance != 0 ? one.Balance : other.Balance,
    };

    private static ServiceDuty Worse(ServiceDuty one, ServiceDuty other) => (one.Well, other.Well) switch
    {
        (false, false) => one.Since <= other.Since ? one : other,
        (false, _) => one,
        (_, false) => other,
        (null, _) => other,
        _ => one,
    };

    // Each stream-handle has its own. A full one on which nothing is recorded any longer has no time left to tell.
    private static DiskDuty Shorter(DiskDuty one, DiskDuty other)
    {
        if (one.IsFull != other.IsFull) return one.IsFull ? one : other;
        return (one.SecondsLeft ?? double.MaxValue) <= (other.SecondsLeft ?? double.MaxValue) ? one : other;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

    private static IEnumerable<DutyItem> Items(DutyReport facts)
    {
        foreach (var away in facts.Away ?? [])
            yield return new(DutyKind.StreamHandle, Level.Bad, $"stream-handle at {away.Address} does not answer: {away.Error}",
                "What is shown of its cameras is as it was before. Look whether the process runs, and at its log.");
        if (Away(facts.Bucket, facts.At, DutyKind.Bucket, "The bucket cannot be used", Waits(facts)) is { } bucket) yield return bucket;
        if (facts.Bucket is { Well: null, Reason: { } unknown } && facts.Redis.Well != false)
            yield return new(DutyKind.Workers, Level.Bad, $"Nothing is stored: {unknown}",
                "Start an upload-worker, or look at its log.", facts.Bucket.Since);
        if (Away(facts.Broker, facts.At, DutyKind.Broker, "RabbitMQ cannot be used", Waits(facts)) is { } broker) yield return broker;
        if (Away(facts.Redis, facts.At, DutyKind.Redis, "Redis cannot be used",
            "Recording and storing go on. The state of chunks is not shown meanwhile.") is { } redis)
            yield return redis with { Level = Level.Warning };
        if (facts.Cameras.InTrouble > 0)
            yield return new(DutyKind.Cameras, Level.Bad,
                $"{Condition.Count(facts.Cameras.InTrouble, "camera does", "cameras do")} not record",
                "The page Streams names them with the reason.");
        if (Disk(facts) is { } disk) yield return disk;
        if (facts.At - facts.Waiting.Since is { } age && age > Condition.LongWait)
            yield return new(DutyKind.Waiting, Level.Warning,
                $"{Condition.Count(facts.Waiting.Chunks, "chunk waits", "chunks wait")}, the oldest for {Condition.Span(age)}",
                "They are stored when bucket, RabbitMQ and upload-workers are well again.", facts.Waiting.Since);
        if (facts.Balance != 0)
            yield return new(DutyKind.Law, Level.Bad,
                $"{Condition.Count(facts.Balance, "chunk is", "chunks are")} neither stored nor waiting nor told of",
                "Somebody else changed the spool. See the page on operations, \"out of balance\".");
        foreach (var certificate in facts.Certificates.Where(each => each.LevelAt(facts.At) != Level.Good))
            yield return new(DutyKind.Certificate, certificate.LevelAt(facts.At), certificate.TextAt(facts.At), CertificateDuty.Advice);
        if (facts.Recent.Lost > 0)
            yield return new(DutyKind.Losses, Level.Warning,
                $"{Condition.Count(facts.Recent.Lost, "chunk was", "chunks were")} lost since {Time(facts.Recent.Since)}",
                "Each has a signed record with its reason, on the page Losses.");
        if (facts.Dead > 0)
            yield return new(DutyKind.Dead, Level.Warning, Condition.Count(facts.Dead, "dead letter", "dead letters"),
                "No retry can store them. The page Dead letters says why, replays or discards.");
    }

    private static DutyItem? Away(ServiceDuty service, DateTimeOffset now, DutyKind kind, string what, string advice) =>
        service.Well != false ? null
        : new(kind, now - service.Since > BadAfter ? Level.Bad : Level.Warning,
            $"{what}{(service.Since is { } since ? $" since {Time(since)}" : "")}{(service.Reason is { } reason ? $": {reason}" : "")}",
            advice, service.Since);

    private static string Waits(DutyReport facts) =>
        $"{Condition.Count(facts.Waiting.Chunks, "chunk waits", "chunks wait")} in the spool, {Condition.Bytes(facts.Waiting.Bytes)}, and "
            + $"nothing is lost while it has room"
        + (facts.Disk.SecondsLeft is { } left ? $": {Condition.Span(TimeSpan.FromSeconds(left))} more." : ".");

    private static DutyItem? Disk(DutyReport facts)
    {
        if (facts.Disk.IsFull)
            return new(DutyKind.Disk, Level.Bad, facts.Disk.IsOthers ? "The volume is full by others' files" : "The spool is full",
                facts.Disk.IsOthers ? "Make room on the volume: chunks that wait are kept, new ones are lost or held back."
                    : "Live cameras lose chunks or stop, as each is set; files are held back. Give the spool more room, or get the "
                    + "bucket back.");
        // While chunks are stored as they come, the disk does not fill.
        if (facts.Disk.SecondsLeft is not { } seconds || !(facts.At - facts.Waiting.Since > Condition.LongWait)) return null;
        var left = TimeSpan.FromSeconds(seconds);
        return left > ShortDisk
            ? null
            : new(DutyKind.Disk, left < VeryShortDisk ? Level.Bad : Level.Warning, $"The spool is full in {Condition.Span(left)}",
            "Get the bucket back, or give the spool more room (Crispy:Spool:MaxBytes).");
    }

    private static string Fine(DutyReport facts) => facts.Cameras.Total == 0 ? "No cameras yet"
        : facts.Cameras.Recording == 0 ? "Nothing records, as is wanted"
        : $"{facts.Cameras.Recording.ToString(CultureInfo.InvariantCulture)} recording, all well";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
