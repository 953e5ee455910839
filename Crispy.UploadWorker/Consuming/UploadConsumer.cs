using Crispy.Coordination;
using Crispy.UploadWorker.Uploading;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Crispy.UploadWorker.Consuming;

/// <summary>The one loop that keeps a session with RabbitMQ going: connects, consumes,
/// connects again when the connection is lost.</summary>
internal sealed class UploadConsumer(IConnectionFactory factory, IOptions<SpoolOptions> spool,
    IOptions<UploadOptions> options, DeliveryHandler handler,
    BucketProbe probe, WorkerCondition condition, TimeProvider time, ILogger<UploadConsumer> log) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // the host's start does not wait for the broker
        var pause = FirstPause;
        var logged = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            string? problem;
            try
            {
                await using var session = await ConsumerSession.OpenAsync(
                    factory, spool.Value.Name, handler, probe, condition, options.Value, time, log, stoppingToken);
                condition.BrokerProblem = null;
                (pause, logged) = (FirstPause, false);
                problem = await session.RunAsync(stoppingToken);
            }
#pragma warning disable CA1031 // No failure of a session may end the loop that repairs it.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                problem = BrokerFailure.Describe(failure);
            }
            if (problem is null || stoppingToken.IsCancellationRequested) return;
            condition.BrokerProblem = problem;
            if (!logged) log.WaitingForBroker(problem);
            logged = true;
            await PauseAsync(pause, stoppingToken);
            pause = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, pause.Ticks * 2));
        }
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken stopping)
    {
        try
        {
#pragma warning disable CA5394 // Spreads load; guards nothing.
            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble() / 2), time, stopping);
#pragma warning restore CA5394
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
        }
    }
}
