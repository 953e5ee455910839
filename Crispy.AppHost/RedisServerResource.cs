using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace Crispy.AppHost;

/// <summary>This machine's own redis-server, for machines without a container runtime.</summary>
public sealed class RedisServerResource(string name, string folder)
    : ExecutableResource(name, "redis-server", folder), IResourceWithConnectionString
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
    /// <summary>Adds redis in a container, with its data in a named volume.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddPinnedRedis(this IDistributedApplicationBuilder builder,
        string name, string volume)
    {
        var redis = builder.AddRedis(name).WithImageTag("8.6").WithDataVolume(volume);
        return builder.ExecutionContext.IsPublishMode ? redis.PublishAsFirstProcess() : redis;
    }

    /// <summary>Adds this machine's redis-server, with its data in a folder.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddRedisServer(this IDistributedApplicationBuilder builder,
        string name, string folder)
    {
        var redis = new RedisServerResource(name, folder);
        var port = Port.Free();
        builder.Services.AddHealthChecks().AddRedis($"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}", $"{name}-ping");
        return builder.AddResource(redis)
            .WithEndpoint(port: port, scheme: "tcp", name: "tcp", isProxied: false)
            .WithArgs("--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--dir", folder,
                "--appendonly", "yes", "--save", "")
            .WithHealthCheck($"{name}-ping")
            .WithIconName("Database");
    }
}
