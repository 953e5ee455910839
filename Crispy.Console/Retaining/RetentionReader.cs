using System.Collections.Concurrent;
using Crispy.Archive;
using Crispy.Console.StreamHandles;
using Crispy.Contracts;

namespace Crispy.Console.Retaining;

/// <summary>Reads how long each stream is kept, and reckons what that costs. What is reckoned of a stream is remembered for ten
/// minutes.</summary>
public sealed class RetentionReader(ChunkArchive archive, KnownStreams streams, ConsoleSettings settings, TimeProvider clock)
{
    private const int AtOnce = 4;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Sample = TimeSpan.FromHours(6);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, Measured> _measured = new(StringComparer.Ordinal);

    /// <summary>All streams.</summary>
    /// <exception cref="ArchiveAwayException">The bucket does not answer.</exception>
    public async Task<RetentionReport> ReadAsync(CancellationToken stop)
    {
        var known = streams.All.Where(stream => stream.Report.State != StreamState.Removed).Select(stream => stream.Report.Id);
        var ids = known.Union(await archive.StreamsAsync(stop), StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var reports = new ConcurrentDictionary<string, StreamRetentionReport>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop },
            async (id, token) => reports[id] = await ReadAsync(id, token));
        return new(clock.GetUtcNow(), settings.Prices, PriceList.Source, [.. ids.Select(id => reports[id])]);
    }

    /// <summary>How long one stream is kept, and since when something of it is there; without what it costs.</summary>
    /// <exception cref="ArchiveAwayException">The bucket does not answer.</exception>
    public async Task<StreamRetentionReport> DescribeAsync(string id, CancellationToken stop)
    {
        var report = streams.Find(id)?.Report;
        var bucket = await archive.BucketRetentionAsync(id, stop);
        var retention = report?.Retention;
        return new()
        {
            Id = id, Name = report?.Name, IsKnown = retention is not null, Days = retention?.Days, IsOwn = retention?.IsOwn == true,
                LossRecordDays = retention?.LossRecordDays,
            BucketIsKnown = bucket is not null, BucketDays = bucket?.Days, Oldest = await archive.BeginningAsync(id, stop),
        };
    }

    private async Task<StreamRetentionReport> ReadAsync(string id, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var report = await DescribeAsync(id, stop);
        if (!_measured.TryGetValue(id, out var measured) || now - measured.At > Kept) _measured[id] = measured =
            await MeasureAsync(id, now, stop);
        var records = measured.Newest > now - Day;
        var (bytes, chunks) = records ? (measured.BytesADay, measured.ChunksADay) : (0, 0);
        var days = report.BucketDays ?? report.Days;
        // A chunk that is held may be far older than the rest.
        var begin = days is { } kept && now - TimeSpan.FromDays(kept) is var due && due > report.Oldest ? due : report.Oldest;
        var stored = measured.Newest > begin ? (long)(measured.BytesADay * (measured.Newest.Value - begin.Value).TotalDays) : 0;
        var end = days is { } whole ? bytes * whole : (long?)null;
        var operations = settings.Prices.Operations(chunks);
        return report with
        {
            BytesADay = bytes, ChunksADay = chunks, Bytes = stored, BytesInTheEnd = end,
                CostAMonth = settings.Prices.Storage(stored) + operations,
            CostAMonthInTheEnd = end is { } all ? settings.Prices.Storage(all) + operations : null,
        };
    }

    // Of a whole day of many streams the listing would take minutes.
    private async Task<Measured> MeasureAsync(string id, DateTimeOffset now, CancellationToken stop)
    {
        if (await archive.NewestAsync(id, stop) is not { } newest) return new(now, null, 0, 0);
        var to = newest < now ? newest : now;
        var from = await archive.BeginningAsync(id, stop) is { } first && first > to - Sample ? first : to - Sample;
        if (to - from < TimeSpan.FromSeconds(1)) return new(now, newest, 0, 0);
        var trend = await archive.TrendAsync(id, from, to, 1, stop);
        var ledger = await archive.LedgerAsync(from, to, id, stop);
        var part = Day / (to - from);
        return new(now, newest, (long)((trend.Points[0].Bitrate ?? 0) / 8.0 * Day.TotalSeconds), (long)(ledger.Streams[0].Stored * part));
    }

    private sealed record Measured(DateTimeOffset At, DateTimeOffset? Newest, long BytesADay, long ChunksADay);
}
