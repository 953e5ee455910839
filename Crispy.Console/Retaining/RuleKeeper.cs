using Crispy.Archive;
using Crispy.Console.StreamHandles;
using Crispy.Contracts;

namespace Crispy.Console.Retaining;

/// <summary>Where the bucket is an emulator, as in a local run, lets it delete what <c>Crispy:Retention</c> and the streams say. In the
/// cloud a person does
/// that, by <c>crispy retention apply</c>.</summary>
public sealed class RuleKeeper(
    ChunkArchive archive, ArchiveOptions options, KnownStreams streams, TimeProvider clock, ILogger<RuleKeeper> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Emulator is null) return;
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do await CarryOutAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task CarryOutAsync(CancellationToken stop)
    {
        // What a stream-handle that is away would say is not known: then nothing is changed.
        if (streams.Troubles.Length > 0) return;
        var reports = streams.All.Select(stream => stream.Report).Where(report => report.State != StreamState.Removed).ToList();
        if (reports.Count == 0 || reports.Exists(report => report.Retention is null)) return;
        var retention = reports[0].Retention!;
        try
        {
            var known = reports.ToDictionary(report => report.Id,
                report => report.Retention!.IsOwn ? new RetentionPeriod(report.Retention.Days) : (RetentionPeriod?)null,
                StringComparer.Ordinal);
            if (await archive.CarryOutAsync(new(retention.DefaultDays), new(retention.LossRecordDays), known, stop)) Log.RulesSet(log,
                new RetentionPeriod(retention.DefaultDays).Words);
        }
        catch (Exception away) when (away is ArchiveAwayException or HttpRequestException)
        {
            Log.RulesNotSet(log, away.Message);
        }
    }
}
