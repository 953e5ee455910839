using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;

namespace Aspire.Hosting.RabbitMQ;

/// <summary>Healthy while a connection to the broker is open; opens one when there is none.</summary>
internal sealed class BrokerHealthCheck(Func<string> connectionString) : IHealthCheck, IAsyncDisposable
{
    private IConnection? _connection;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            _connection ??= await new ConnectionFactory { Uri = new(connectionString()) }.CreateConnectionAsync(cancellationToken).ConfigureAwait(false);
            return _connection.IsOpen ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The connection to the broker is closed.");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy(failure.Message, failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync().ConfigureAwait(false);
    }
}
