using Microsoft.Extensions.DependencyInjection;

namespace Crispy.AppHost;

/// <summary>This machine's own redis-server, for machines without a container runtime.</summary>
public sealed class RedisServerResource(string name, string folder) : ExecutableResource(name, "redis-server", folder), IResourceWithConnectionString
{
    /// <summary>Where it listens.</summary>
    public EndpointReference Endpoint => field ??= new(this, "tcp");

    /// <inheritdoc />
    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{Endpoint.Property(EndpointProperty.Host)}:{Endpoint.Property(EndpointProperty.Port)}");
}

/// <summary>Adds redis.</summary>
public static class RedisServerExtensions
{
    /// <summary>Adds redis in a container, with its data in a volume.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddPinnedRedis(this IDistributedApplicationBuilder builder, string name)
    {
        var redis = builder.AddRedis(name).WithImageTag("8.6").WithDataVolume($"crispy-{name}");
        return builder.ExecutionContext.IsPublishMode ? redis.PublishAsFirstProcess() : redis;
    }

    /// <summary>Adds this machine's redis-server, with its data in a folder.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddRedisServer(this IDistributedApplicationBuilder builder, string name, string folder)
    {
        var redis = new RedisServerResource(name, folder);
        string? connection = null;
        builder.Eventing.Subscribe<ConnectionStringAvailableEvent>(redis,
            async (_, cancellation) => connection = await redis.ConnectionStringExpression.GetValueAsync(cancellation));
        builder.Services.AddHealthChecks().AddRedis(_ => connection ?? throw new InvalidOperationException("redis has no port yet"), $"{name}-ping");
        return builder.AddResource(redis)
            .WithEndpoint(scheme: "tcp", name: "tcp")
            .WithArgs("--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--save", "")
            .WithArgs(context => { context.Args.Add("--port"); context.Args.Add(redis.Endpoint.Property(EndpointProperty.TargetPort)); })
            .WithHealthCheck($"{name}-ping")
            .WithIconName("Database");
    }
}
