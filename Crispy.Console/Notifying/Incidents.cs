using System.Security.Cryptography;

namespace Crispy.Console.Notifying;

/// <summary>Decides what is told: one notice when something begins and one when it ends. What lasts for less than the hold time is not
/// told, and cameras that go away or come back together are told of together.</summary>
/// <param name="settings">The hold times.</param>
/// <param name="memory">What has begun; changed with each notice.</param>
/// <param name="clock">The clock.</param>
internal sealed class Incidents(NotifySettings settings, NotifyMemory memory, TimeProvider clock)
{
    // Servers that start together with the console are no trouble for so many hold times.
    private const int Grace = 4;

    private readonly long _begun = clock.GetTimestamp();

    // Since when a signal says something else than what was told.
    private readonly Dictionary<string, (long Stamp, DateTimeOffset At)> _changing = new(StringComparer.Ordinal);

    /// <summary>Keys of what has begun.</summary>
    public IEnumerable<string> OpenKeys => memory.Open.Select(incident => incident.Key);

    /// <summary>Cameras that were told of and are not back: their ids, and their names for people.</summary>
    public IReadOnlyDictionary<string, string> OpenCameras =>
        memory.Open.SelectMany(incident => incident.Away).DistinctBy(camera => camera.Key).ToDictionary();

    /// <summary>Takes in how everything is now.</summary>
    /// <returns>What to tell; <see cref="NotifyMemory.Open"/> is changed to match.</returns>
    public List<Notice> Step(IReadOnlyCollection<Signal> signals)
    {
        var (notices, cameras) = (new List<Notice>(), OpenCameras);
        foreach (var signal in signals) Note(signal, IsOpen(signal, cameras));
        foreach (var signal in signals.Where(signal => signal.Camera is null && Age(signal) >= settings.Hold))
            notices.AddRange(Change(signal));
        var (away, back) = (Together(signals, true), Together(signals, false));
        if (away.Count > 0) notices.Add(Begin(away));
        foreach (var incident in memory.Open.Where(incident => incident.Away.Count > 0).ToList())
        {
            var own = back.Where(signal => incident.Away.ContainsKey(Id(signal))).ToList();
            if (own.Count > 0) notices.Add(Return(incident, own));
        }
        foreach (var told in away.Concat(back)) _changing.Remove(told.Key);
        return notices;
    }

    /// <summary>Tells of what was counted.</summary>
    public Notice News(NoticeKind kind, IReadOnlyDictionary<string, long> counts, string one, string many, string advice)
    {
        var (now, sum) = (clock.GetUtcNow(), counts.Values.Sum());
        var where = counts.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key} {pair.Value}").ToList();
        var text = $"{Condition.Count(sum, one, many)}: {Wording.Names(where)}";
        return Make(kind, NoticeState.News, ApiEnum.Name(kind), Level.Warning, text, now) with
        {
            Advice = advice, Count = (int)Math.Min(sum, int.MaxValue),
        };
    }

    /// <summary>A notice that only tries whether it arrives.</summary>
    public static Notice Test(DateTimeOffset now) => new()
    {
        Id = NewId(), Kind = NoticeKind.Test, State = NoticeState.News, Level = Level.Good, Worst = Level.Good, Key = "test", At = now,
            Since = now,
        Text = "This is a test of Crispy's notifications", Advice = "Nothing need be done.",
    };

    private static string NewId() => $"msg_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";

    private static string Id(Signal camera) => camera.Key[Signal.CameraPrefix.Length..];

    private bool IsOpen(Signal signal, IReadOnlyDictionary<string, string> cameras) =>
        signal.Camera is null ? memory.Open.Exists(incident => incident.Key == signal.Key) : cameras.ContainsKey(Id(signal));

    // What is not known now neither begins nor ends anything, and ends no waiting.
    private void Note(Signal signal, bool isOpen)
    {
        if (signal.Bad == isOpen) _changing.Remove(signal.Key);
        else if (signal.Bad is not null) _changing.TryAdd(signal.Key, (clock.GetTimestamp(), clock.GetUtcNow()));
    }

    private TimeSpan? Age(Signal signal) =>
        signal.Bad is not null && _changing.TryGetValue(signal.Key, out var since) ? clock.GetElapsedTime(since.Stamp) : null;

    private List<Notice> Change(Signal signal)
    {
        var now = clock.GetUtcNow();
        if (signal.Bad == true && clock.GetElapsedTime(_begun) < settings.Hold * Grace) return [];
        var since = _changing[signal.Key].At;
        _changing.Remove(signal.Key);
        if (signal.Bad == true)
        {
            var notice = Make(signal.Kind, NoticeState.Begin, signal.Key, signal.Level, signal.Text, signal.Since ?? since)
                with { Advice = signal.Advice };
            memory.Open.Add(new() { Kind = notice.Kind, Key = notice.Key, Level = notice.Level, Text = notice.Text, Since = notice.Since });
            return [notice];
        }
        var incident = memory.Open.First(incident => incident.Key == signal.Key);
        memory.Open.Remove(incident);
        return [Over(incident, NoticeState.End, $"{signal.Text}, after {Wording.Lasted(incident.Since, now)}")];
    }

    // Cameras behind one switch go away within seconds: while others are about to follow, the first wait for one more hold time.
    private List<Signal> Together(IEnumerable<Signal> signals, bool bad)
    {
        var waiting = signals.Where(signal => signal.Camera is not null && signal.Bad == bad && Age(signal) is not null).ToList();
        var ripe = waiting.Where(signal => Age(signal) >= settings.CameraHold).OrderBy(signal => signal.Key, StringComparer.Ordinal)
            .ToList();
        return ripe.Count == waiting.Count || ripe.Exists(signal => Age(signal) >= settings.CameraHold * 2) ? ripe : [];
    }

    private Notice Begin(List<Signal> away)
    {
        var (first, others) = (away[0], away.Count - 1);
        var since = away.Min(signal => _changing[signal.Key].At);
        var names = Wording.Names([.. away.Select(signal => signal.Camera!)]);
        var text = others == 0 ? first.Text : $"{away.Count} cameras do not record: {names}";
        var key = others == 0 ? first.Key : FormattableString.Invariant($"{first.Key}+{others}");
        var notice = Make(NoticeKind.Camera, NoticeState.Begin, key, Level.Bad, text, since) with
        {
            Advice = first.Advice, Count = away.Count, Cameras = [.. away.Take(Wording.MostCameras).Select(Id)],
        };
        var incident = new Incident { Kind = notice.Kind, Key = key, Level = notice.Level, Text = notice.Text, Since = since };
        incident.Count = away.Count;
        foreach (var signal in away) incident.Away[Id(signal)] = signal.Camera!;
        memory.Open.Add(incident);
        return notice;
    }

    private Notice Return(Incident incident, List<Signal> back)
    {
        foreach (var signal in back) incident.Away.Remove(Id(signal));
        var ids = back.Take(Wording.MostCameras).Select(Id).ToArray();
        var names = Wording.Names([.. back.Select(signal => signal.Camera!)]);
        if (incident.Away.Count > 0)
        {
            var still = Wording.Names([.. incident.Away.Values]);
            var text = $"{back.Count} of {incident.Count} cameras are back: {names}. Still away: {still}";
            return Over(incident, NoticeState.Update, text) with { Level = Level.Bad, Count = back.Count, Cameras = ids };
        }
        memory.Open.Remove(incident);
        var (what, lasted) = (incident.Count == 1 ? back[0].Text : $"None of the {incident.Count} cameras is away any more",
            Wording.Lasted(incident.Since, clock.GetUtcNow()));
        return Over(incident, NoticeState.End, $"{what}, after {lasted}") with { Count = back.Count, Cameras = ids };
    }

    private Notice Over(Incident incident, NoticeState state, string text) =>
        Make(incident.Kind, state, incident.Key, Level.Good, text, incident.Since) with { Worst = incident.Level };

    private Notice Make(NoticeKind kind, NoticeState state, string key, Level level, string text, DateTimeOffset since) => new()
    {
        Id = NewId(), Kind = kind, State = state, Key = key, Level = level, Worst = level, Text = Wording.Plain(text),
        At = clock.GetUtcNow(), Since = since,
    };
}
