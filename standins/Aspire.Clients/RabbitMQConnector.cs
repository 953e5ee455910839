using System.Diagnostics;
using System.Net.Sockets;
using Polly;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Aspire.RabbitMQ.Client;

/// <summary>Makes the first connection, with retries; afterwards the client recovers it by itself.</summary>
internal static class RabbitMQConnector
{
    public const string SourceName = "Aspire.RabbitMQ.Client";

    private static readonly ActivitySource Source = new(SourceName);

    public static IConnection Connect(IConnectionFactory factory, int retries)
    {
        using var activity = Start("rabbitmq connect", factory);
        // A dependency injection factory cannot await; the thread pool takes the work, so no context can deadlock.
        return Task.Run(() => Pipeline(retries).ExecuteAsync(cancellation => TryConnectAsync(factory, cancellation)).AsTask()).GetAwaiter().GetResult();
    }

    private static ResiliencePipeline Pipeline(int retries) => retries <= 0
        ? ResiliencePipeline.Empty
        : new ResiliencePipelineBuilder().AddRetry(new()
        {
            ShouldHandle = new PredicateBuilder().Handle<SocketException>().Handle<BrokerUnreachableException>(),
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromSeconds(1),
            MaxRetryAttempts = retries,
        }).Build();

    private static async ValueTask<IConnection> TryConnectAsync(IConnectionFactory factory, CancellationToken cancellation)
    {
        using var activity = Start("rabbitmq connect attempt", factory);
        activity?.SetTag("messaging.operation", "connect");
        try
        {
            return await factory.CreateConnectionAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            activity?.AddException(failure);
            activity?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    private static Activity? Start(string name, IConnectionFactory factory) =>
        Source.StartActivity(name, ActivityKind.Client)
            ?.SetTag("server.address", factory.Uri.Host)
            .SetTag("server.port", factory.Uri.Port)
            .SetTag("messaging.system", "rabbitmq");
}
