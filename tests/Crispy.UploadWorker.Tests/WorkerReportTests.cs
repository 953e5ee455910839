using System.Collections.Concurrent;
using Crispy.Coordination;
using Crispy.Testing;
using Microsoft.Extensions.Logging;

namespace Crispy.UploadWorker.Tests;

/// <summary>What a worker tells of itself: in Redis, and to Prometheus.</summary>
public sealed class WorkerReportTests(RabbitMqServer broker, RedisServer redis)
{
    [Fact]
    public async Task A_worker_tells_how_it_finds_its_bucket_and_takes_that_back_when_it_ends()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        using var log = new Logged();
        rig.Configure = builder => builder.Logging.AddProvider(log);
        var worker = await rig.StartWorkerAsync();
        await Until.TrueAsync(async () => await ReportAsync(rig) is { Bucket.Well: true, Broker.Well: true, Uploading: 0 });
        await Until.TrueAsync(() => log.Bucket.SequenceEqual([2025]));

        // Nothing waits for its upload.
        await rig.Bucket.DisposeAsync();
        await Until.TrueAsync(async () => await ReportAsync(rig) is { Bucket.Well: false });
        var away = (await ReportAsync(rig))!;
        Assert.StartsWith("The bucket cannot be reached: Connection refused", away.Bucket.Reason, StringComparison.Ordinal);
        Assert.InRange(away.Bucket.Since!.Value, away.At.AddMinutes(-1), away.At);
        Assert.Equal(503, await Rig.HealthAsync(worker));
        await Until.TrueAsync(() => log.Bucket.SequenceEqual([2025, 2024]));

        await rig.CountAfterStopAsync(worker);
        Assert.Null(await ReportAsync(rig));
    }

    [Fact]
    public async Task A_worker_whose_broker_is_away_tells_since_when_and_why()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        await rig.StartWorkerAsync($"--ConnectionStrings:rabbitmq=amqp://guest:guest@127.0.0.1:{FreePort.Next()}");

        await Until.TrueAsync(async () => await ReportAsync(rig) is
            { Bucket.Well: true, Broker: { Well: false, Since: not null, Reason: not "not connected yet" } });
    }

    [Fact]
    public async Task Metrics_are_told_in_the_format_of_Prometheus_from_the_start_to_who_brings_the_token()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var worker = await rig.StartWorkerAsync();
        using var client = new HttpClient { BaseAddress = new(worker.Urls.First()) };
        foreach (var token in (string?[])[null, "another"])
        {
            client.DefaultRequestHeaders.Authorization = token is null ? null : new("Bearer", token);
            using var refused = await client.GetAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal((401, "Bearer"), ((int)refused.StatusCode, refused.Headers.WwwAuthenticate.Single().Scheme));
        }
        client.DefaultRequestHeaders.Authorization = new("Bearer", Rig.HealthToken);

        var text = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        var lines = text.Split('\n');

        // Other tests' workers count in the same process: how much is no matter here.
        (string Name, string Label)[] series =
        [
            ("crispy_uploads_total", "outcome=\"stored\""), ("crispy_uploads_total", "outcome=\"dead\""),
            ("crispy_uploads_failed_total", "reason=\"unreachable\""), ("crispy_uploads_dead_total", "reason=\"damaged\""),
            ("crispy_upload_retries_total", "where=\"queue\""), ("crispy_upload_bytes_total", ""), ("crispy_uploads_in_flight", ""),
        ];
        foreach (var (name, label) in series)
            Assert.Contains(lines, line => line.StartsWith($"{name}{{", StringComparison.Ordinal)
                && line.Contains(label, StringComparison.Ordinal));
        foreach (var name in (string[])["crispy_bucket_up", "crispy_broker_up", "crispy_redis_up"])
            Assert.Contains(lines, line => line.StartsWith($"{name}{{", StringComparison.Ordinal));
    }

    /// <summary>The ids of what is logged of the bucket.</summary>
    private sealed class Logged : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<int> Bucket { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id is 2024 or 2025) Bucket.Enqueue(eventId.Id);
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public void Dispose()
        {
            // Nothing to dispose of.
        }
    }

    // Other tests' workers share the Redis.
    private static async Task<WorkerReport?> ReportAsync(Rig rig) =>
        (await WorkerReports.ReadAllAsync(rig.Redis)).SingleOrDefault(report => report.Spool == rig.SpoolName);
}
