namespace Aspire.StackExchange.Redis;

/// <summary>How <c>AddRedisClient</c> connects; bound to the section <c>Aspire:StackExchange:Redis</c>, then to its child of the connection's name.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>Hosts and options, separated by commas, as StackExchange.Redis reads them. <c>ConnectionStrings:{name}</c> overrides it.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Leaves out the health check <c>StackExchange.Redis</c>.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Leaves out the tracing of commands.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Connects when the multiplexer is first asked for, not when the host starts.</summary>
    public bool DisableAutoActivation { get; set; }
}
