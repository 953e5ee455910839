namespace Aspire.RabbitMQ.Client;

/// <summary>How <c>AddRabbitMQClient</c> connects; bound to the section <c>Aspire:RabbitMQ:Client</c>, then to its child of the connection's name.</summary>
public sealed class RabbitMQClientSettings
{
    /// <summary>An amqp or amqps URI. <c>ConnectionStrings:{name}</c> overrides it.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>How often a failed first connect is tried again, after 1, 2, 4, ... seconds; 0 tries once.</summary>
    public int MaxConnectRetryCount { get; set; } = 5;

    /// <summary>Leaves out the health check <c>RabbitMQ.Client</c>.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Leaves out the tracing sources.</summary>
    public bool DisableTracing { get; set; }
}
