using Crispy.Console.StreamHandles;

namespace Crispy.Console.Notifying;

/// <summary>Turns what the console knows into signals. What is not known now gives none: a console that has just started, or cannot ask a
/// stream-handle, ends nothing.</summary>
internal static class SignalReader
{
    private const string Streams = "The page Streams names each camera with its reason.";

    /// <summary>What the duty report says of servers, spool and law.</summary>
    /// <param name="report">The report.</param>
    /// <param name="isWhole">Whether every stream-handle was heard since the console started.</param>
    public static IEnumerable<Signal> Servers(DutyReport report, bool isWhole)
    {
        // What one of several stream-handles does not say, another one's word does not replace.
        var isComplete = isWhole && report is { Away: null, Disk.LimitBytes: > 0 };
        yield return Server(report, DutyKind.Bucket, NoticeKind.Bucket, "bucket", report.Bucket, report.Bucket.Well == true,
            "The bucket can be used again");
        yield return Server(report, DutyKind.Broker, NoticeKind.Broker, "broker", report.Broker, report.Broker.Well == true && isComplete,
            "RabbitMQ can be used again");
        if (Item(report, DutyKind.Workers) is { } workers)
            yield return new(NoticeKind.Workers, "workers", true, Level.Bad, workers.Text, workers.Advice, workers.Since);
        else if (report.Bucket.Well is not null) yield return Signal.Well(NoticeKind.Workers, "workers",
            "Upload-workers tell of themselves again");
        foreach (var spool in Spool(report, isComplete)) yield return spool;
        if (Item(report, DutyKind.Law) is { } law) yield return new(NoticeKind.Law, "law", true, law.Level, law.Text, law.Advice);
        else if (isComplete) yield return Signal.Well(NoticeKind.Law, "law", "Every chunk is accounted for again");
    }

    /// <summary>The stream-handles that do not answer, and of those that were told of, the ones that do again.</summary>
    /// <param name="report">The report.</param>
    /// <param name="known">The stream-handles that the console asks.</param>
    /// <param name="heard">Whether one was heard since the console started.</param>
    /// <param name="open">Keys of what was told of and is not over.</param>
    public static IEnumerable<Signal> StreamHandles(DutyReport report, IReadOnlyList<Uri> known, Func<Uri, bool> heard,
        IEnumerable<string> open)
    {
        var away = (report.Away ?? []).DistinctBy(each => each.Address).ToDictionary(each => $"{Signal.StreamHandlePrefix}{each.Address}");
        foreach (var (key, each) in away)
            yield return new(NoticeKind.StreamHandle, key, true, Level.Bad,
                $"stream-handle at {each.Address} does not answer: {each.Error}",
                "Nothing is known of its cameras meanwhile. Look whether the process runs, and at its log.");
        if (known.Count == 0) yield break;
        foreach (var key in open.Where(key => key.StartsWith(Signal.StreamHandlePrefix, StringComparison.Ordinal)
            && !away.ContainsKey(key)))
        {
            var address = key[Signal.StreamHandlePrefix.Length..];
            if (known.FirstOrDefault(each => StreamHandleClient.Redacted(each) == address) is not { } streamHandle)
                yield return Signal.Well(NoticeKind.StreamHandle, key,
                    $"stream-handle at {address} is no longer one of those that are asked");
            else if (heard(streamHandle))
                yield return Signal.Well(NoticeKind.StreamHandle, key, $"stream-handle at {address} answers again");
        }
    }

    /// <summary>The cameras. Those of a stream-handle that is away stay what they were: that one is told of, and they may well record
    /// on.</summary>
    /// <param name="streams">The streams.</param>
    /// <param name="isWhole">Whether every stream-handle was heard since the console started.</param>
    /// <param name="now">Now, UTC.</param>
    /// <param name="open">Cameras that were told of and are not back: their ids, and their names for people.</param>
    public static IEnumerable<Signal> Cameras(
        KnownStreams streams, bool isWhole, DateTimeOffset now, IReadOnlyDictionary<string, string> open)
    {
        var (all, away) = (streams.All, streams.Troubles.Select(trouble => trouble.Address).ToHashSet());
        foreach (var stream in all.Where(stream => !away.Contains(stream.StreamHandle)))
        {
            var (report, condition) = (stream.Report, Condition.Of(stream.Report, now));
            var (key, title) = ($"{Signal.CameraPrefix}{report.Id}", report.Title);
            if (condition.Level == Level.Bad)
                yield return new(NoticeKind.Camera, key, true, Level.Bad, $"{title} does not record. {condition.Text}{Detail(condition)}",
                    Streams, Camera: title);
            else if (condition.IsRecording) yield return Signal.Well(NoticeKind.Camera, key, $"{title} records again", title);
            else if (condition.Level == Level.Idle || report.State == StreamState.Ended)
                yield return Signal.Well(NoticeKind.Camera, key, $"{title} need not record: {condition.Text}", title);
        }
        if (!isWhole || away.Count > 0) yield break;
        var present = all.Select(stream => stream.Report.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var (id, title) in open.Where(camera => !present.Contains(camera.Key)))
            yield return Signal.Well(NoticeKind.Camera, $"{Signal.CameraPrefix}{id}", $"{title} is no longer there", title);
    }

    /// <summary>The certificates of the other processes. One that was told of and is named no more is renewed,
    /// or nobody's any more.</summary>
    /// <param name="report">The report.</param>
    /// <param name="isWhole">Whether every stream-handle was heard since the console started.</param>
    /// <param name="open">Keys of what was told of and is not over.</param>
    public static IEnumerable<Signal> Certificates(DutyReport report, bool isWhole, IEnumerable<string> open)
    {
        var named = report.Certificates.ToDictionary(each => Signal.ServerCertificatePrefix + each.Name, StringComparer.Ordinal);
        foreach (var (key, certificate) in named)
            yield return certificate.LevelAt(report.At) is var level && level == Level.Good
                ? Signal.Well(NoticeKind.Certificate, key, $"{certificate.Name} was renewed")
                : new(NoticeKind.Certificate, key, true, level, certificate.TextAt(report.At), CertificateDuty.Advice);
        if (!isWhole || report is not { Away: null, Redis.Well: true, Disk.LimitBytes: > 0 }) yield break;
        foreach (var key in open.Where(key => key.StartsWith(Signal.ServerCertificatePrefix, StringComparison.Ordinal)
            && !named.ContainsKey(key)))
            yield return Signal.Well(NoticeKind.Certificate, key,
                $"{key[Signal.ServerCertificatePrefix.Length..]} is no longer one of those that are looked at");
    }

    private static string Detail(Condition condition) => condition.Detail is { Length: > 0 } detail ? $": {detail}" : "";

    private static DutyItem? Item(DutyReport report, DutyKind kind) => report.Items.FirstOrDefault(item => item.Kind == kind);

    private static Signal Server(DutyReport report, DutyKind item, NoticeKind kind, string key, ServiceDuty service, bool isWell,
        string well) =>
        service.Well == false && Item(report, item) is { } trouble ? new(kind, key, true, Level.Bad, trouble.Text, trouble.Advice,
            service.Since)
        : isWell ? Signal.Well(kind, key, well)
        : new(kind, key, null, Level.Good, "");

    // Soon full and full are told one after the other, as it gets worse. While it is full, whether it soon would be is no question.
    private static IEnumerable<Signal> Spool(DutyReport report, bool isComplete)
    {
        const string soon = "spool/short", full = "spool/full";
        var item = Item(report, DutyKind.Disk);
        if (report.Disk.IsFull && item is not null)
        {
            yield return new(NoticeKind.Spool, full, true, Level.Bad, item.Text, item.Advice);
            yield break;
        }
        if (item is not null) yield return new(NoticeKind.Spool, soon, true, item.Level, item.Text, item.Advice);
        if (!isComplete) yield break;
        yield return Signal.Well(NoticeKind.Spool, full, "The spool has room again");
        if (item is null) yield return Signal.Well(NoticeKind.Spool, soon,
            "The spool has room for more than an hour again, or what waited is stored");
    }
}
