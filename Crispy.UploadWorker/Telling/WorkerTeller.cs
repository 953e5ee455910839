using System.Threading.Channels;
using Crispy.Coordination;
using Crispy.UploadWorker.Uploading;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Crispy.UploadWorker.Telling;

/// <summary>Tells in Redis how this worker finds bucket and broker, so that stream-handle can show it: every few seconds, and at once when
/// it changes. A Redis that is away is not told; the reporter of states logs it.</summary>
internal sealed class WorkerTeller(IConnectionMultiplexer redis, BucketWatch bucket, WorkerCondition condition, UploadTelemetry telemetry,
    IOptions<SpoolOptions> spool, CertificateEnds certificates, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PatienceAtTheEnd = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _changes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>What this worker is called: its spool, machine and process. A container that starts again is the same worker.</summary>
    public string Replica { get; } = NameOf(spool.Value.Name, Environment.MachineName, Environment.ProcessId);

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await WorkerReports.WithdrawAsync(redis.GetDatabase(), Replica).WaitAsync(PatienceAtTheEnd, time, CancellationToken.None);
        }
        catch (Exception away) when (away is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The report ends by itself.
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bucket.Changed += Ring;
        condition.BrokerChanged += Ring;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await TellAsync(stoppingToken);
                await WaitAsync(stoppingToken);
            }
        }
        finally
        {
            bucket.Changed -= Ring;
            condition.BrokerChanged -= Ring;
        }
    }

    private void Ring() => _changes.Writer.TryWrite(true);

    // Before the bucket was asked there is nothing to tell.
    private async Task TellAsync(CancellationToken stopping)
    {
        if (bucket.View is not { } view) return;
        // A server that does not answer must not hold up the report.
        _ = certificates.LookAsync("upload-worker", time, stopping);
        var report = new WorkerReport(Replica, spool.Value.Name, time.GetUtcNow(), view, condition.Broker,
            telemetry.InFlight) { Certificates = certificates.Known };
        try
        {
            await WorkerReports.TellAsync(redis.GetDatabase(), report).WaitAsync(stopping);
        }
        catch (Exception away) when (away is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException)
        {
            // The next time, unless asked to stop.
        }
    }

    private async Task WaitAsync(CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(_changes.Reader.WaitToReadAsync(either.Token).AsTask(), Task.Delay(Interval, time, either.Token));
        await either.CancelAsync();
        _changes.Reader.TryRead(out _);
    }

    private static string NameOf(string spool, string machine, int process)
    {
        var plain = string.Concat(machine.Select(each => char.IsAsciiLetterOrDigit(each) || each is '.' or '_' or '-' ? each : '-'));
        return $"{spool}.{plain[..Math.Min(plain.Length, 48)]}.{process}";
    }
}
