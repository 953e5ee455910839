using System.Text.Json.Nodes;

namespace Crispy.Bench.Live;

/// <summary>Milliseconds, of many.</summary>
internal sealed record Distribution(double P50, double P99, double Max)
{
    public static Distribution Of(IReadOnlyList<double> values) => new(values.Median(), values.Percentile(99), values.Greatest());
}

/// <summary>A chunk held against its camera's clock.</summary>
/// <param name="Stream">Its stream.</param>
/// <param name="To">When its last frame ended, as its manifest says.</param>
/// <param name="Latency">From the keyframe that ended it to its log line, ms.</param>
/// <param name="Error">How much later <paramref name="To"/> is than that keyframe, ms.</param>
internal sealed record JudgedChunk(string Stream, DateTimeOffset To, double Latency, double Error);

/// <summary>One number of streams, for a time.</summary>
internal sealed record Step
{
    public required int Streams { get; init; }

    /// <summary>Streams that recorded when the measurement began.</summary>
    public required int Recording { get; init; }

    /// <summary>Chunks logged that ended within the measurement.</summary>
    public required int Chunks { get; init; }

    /// <summary>Times at which a stream's chunk does not begin where the one before it ended, or its connection broke.</summary>
    public required int Gaps { get; init; }

    /// <summary>Streams whose chunks did not reach the log until the end.</summary>
    public required int Late { get; init; }

    /// <summary>Chunks in the spool, mean of the first third.</summary>
    public required double BacklogBefore { get; init; }

    /// <summary>Chunks in the spool, mean of the last third.</summary>
    public required double BacklogAfter { get; init; }

    /// <summary>From the end of a chunk's last frame to its log line, as chunk-logger says.</summary>
    public required Distribution Latency { get; init; }

    /// <summary>The same by the cameras' own word on when they filmed the keyframe that ended the chunk.</summary>
    public required Distribution LatencyByCamera { get; init; }

    /// <summary>How far the time of a chunk's end is from that keyframe's, by the cameras' word.</summary>
    public required Distribution TimeError { get; init; }

    /// <summary>The chunks that took longest, by the camera's clock.</summary>
    public required IReadOnlyList<JudgedChunk> Slowest { get; init; }

    public required double Seconds { get; init; }

    public required IReadOnlyList<Spent> Processes { get; init; }

    /// <summary>Spooled chunks over time.</summary>
    public required IReadOnlyList<(double Seconds, double Chunks)> Backlog { get; init; }

    /// <summary>Cores of everything but the cameras and the benchmark.</summary>
    public double Cores => Processes.Where(spent => Running.Pipeline.Contains(spent.Name)).Sum(spent => spent.CpuSeconds) / Seconds;

    /// <summary>What went wrong; null where nothing did.</summary>
    public string? Complaint =>
        Recording < Streams ? $"{Streams - Recording} streams did not begin"
        : Gaps > 0 ? $"{Gaps} gaps"
        : Late > 0 ? $"chunks of {Late} streams did not arrive"
        : BacklogAfter > BacklogBefore + Math.Max(2, Streams) ? "the backlog grows"
        : null;

    public bool KeepsUp => Complaint is null;

    /// <summary>Measures a system that has just been started, once every stream records and some time more has gone by. The first chunks
    /// meet code that is not compiled yet.</summary>
    public static async Task<Step> MeasureAsync(WholeSystem system, Cameras cameras, int streams, TimeSpan time, TimeSpan window,
        TimeSpan startup, TimeSpan warm)
    {
        var recording = await system.UntilRecordingAsync(streams, startup);
        var clock = TimeProvider.System;
        await Task.Delay(warm, clock);
        var sampler = Sampler.Start(TimeSpan.FromSeconds(1));
        var begin = clock.GetUtcNow();
        var backlog = new List<(double Seconds, double Chunks)>();
        for (var gone = TimeSpan.Zero; gone < time; gone = clock.GetUtcNow() - begin)
        {
            if (await system.StatusAsync() is { } status) backlog.Add((gone.TotalSeconds, (double?)status["spooled"] ?? 0));
            await Task.Delay(TimeSpan.FromSeconds(1), clock);
        }
        var end = clock.GetUtcNow();
        var processes = await sampler.StopAsync();
        var chunks = await UntilLoggedAsync(system, streams, end - (window * 2));
        var gaps = Breaks(chunks, begin) + await ReconnectsAsync(system, begin);
        List<LoggedChunk> within = [.. chunks.Where(chunk => chunk.To >= begin && chunk.To <= end)];
        var judged = ByCamera(within, cameras);
        return new()
        {
            Streams = streams, Recording = recording, Chunks = within.Count, Gaps = gaps, Seconds = (end - begin).TotalSeconds,
            Processes = processes, Backlog = backlog,
            Late = streams - chunks.Where(chunk => chunk.To >= end - (window * 2)).Select(chunk => chunk.Stream).Distinct().Count(),
            BacklogBefore = Mean(backlog.Where(each => each.Seconds < time.TotalSeconds / 3)),
            BacklogAfter = Mean(backlog.Where(each => each.Seconds >= time.TotalSeconds * 2 / 3)),
            Latency = Distribution.Of([.. within.Select(chunk => chunk.LatencyMs)]),
            LatencyByCamera = Distribution.Of([.. judged.Select(each => each.Latency)]),
            Slowest = [.. judged.OrderByDescending(each => each.Latency).Take(20)],
            TimeError = Distribution.Of([.. judged.Select(each => Math.Abs(each.Error))]),
        };
    }

    private static double Mean(IEnumerable<(double Seconds, double Chunks)> backlog) =>
        backlog.Select(each => each.Chunks).DefaultIfEmpty().Average();

    // A stream is late when nothing of it that ended two windows before the end is in the log yet, long after.
    private static async Task<IReadOnlyList<LoggedChunk>> UntilLoggedAsync(WholeSystem system, int streams, DateTimeOffset until)
    {
        var clock = TimeProvider.System;
        for (var begin = clock.GetTimestamp(); ; await Task.Delay(TimeSpan.FromMilliseconds(500), clock))
        {
            var chunks = system.LoggedChunks();
            var arrived = chunks.Where(chunk => chunk.To >= until).Select(chunk => chunk.Stream).Distinct().Count();
            if (arrived == streams || clock.GetElapsedTime(begin).TotalSeconds > 15) return chunks;
        }
    }

    private static int Breaks(IReadOnlyList<LoggedChunk> chunks, DateTimeOffset begin) =>
        chunks.Where(chunk => chunk.To >= begin).OrderBy(chunk => chunk.From).GroupBy(chunk => chunk.Stream)
            .Sum(stream => stream.Zip(stream.Skip(1)).Count(pair => AreApart(pair.First, pair.Second)));

    private static bool AreApart(LoggedChunk one, LoggedChunk next) =>
        one.Epoch == next.Epoch && Math.Abs((next.From - one.To).TotalSeconds) > 0.5 / SourceVideo.FramesPerSecond;

    private static async Task<int> ReconnectsAsync(WholeSystem system, DateTimeOffset begin) =>
        (await system.StatusAsync())?["streams"]?.AsArray()
            .Sum(stream => stream!["gaps"]!.AsArray().Count(gap => Ended(gap!) >= begin)) ?? 0;

    private static DateTimeOffset Ended(JsonNode gap) => (DateTimeOffset?)gap["to"] ?? DateTimeOffset.MaxValue;

    // A chunk ends where the keyframe after it begins; keyframes are a second apart, and no clock here errs by half of one.
    private static List<JudgedChunk> ByCamera(IEnumerable<LoggedChunk> chunks, Cameras cameras)
    {
        var judged = new List<JudgedChunk>();
        foreach (var stream in chunks.GroupBy(chunk => chunk.Stream))
        {
            var keyframes = cameras.Keyframes(int.Parse(stream.Key["cam-".Length..], System.Globalization.CultureInfo.InvariantCulture));
            if (keyframes.Count == 0) continue;
            foreach (var chunk in stream)
            {
                var filmed = keyframes.MinBy(keyframe => (keyframe - chunk.To).Duration());
                judged.Add(new(chunk.Stream, chunk.To, (chunk.LoggedAt - filmed).TotalMilliseconds, (chunk.To - filmed).TotalMilliseconds));
            }
        }
        return judged;
    }
}
