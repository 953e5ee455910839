using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Tests;

/// <summary>This machine's own redis-server, as an application would add it.</summary>
public sealed class RedisServerExecutable(string name, string workingDirectory)
    : ExecutableResource(name, "redis-server", workingDirectory), IResourceWithConnectionString
{
    public EndpointReference Endpoint => new(this, "tcp");

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Host}:{Port}");

    private EndpointReferenceExpression Host => Endpoint.Property(EndpointProperty.Host);

    private EndpointReferenceExpression Port => Endpoint.Property(EndpointProperty.Port);

    public IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() =>
        [new("Host", ReferenceExpression.Create($"{Host}")), new("Port", ReferenceExpression.Create($"{Port}"))];

    public static IResourceBuilder<RedisServerExecutable> Add(IDistributedApplicationBuilder builder, string name)
    {
        var server = new RedisServerExecutable(name, builder.AppHostDirectory);
        string? connectionString = null;
        builder.Eventing.Subscribe<ConnectionStringAvailableEvent>(server, async (_, cancellationToken) =>
            connectionString = await server.ConnectionStringExpression.GetValueAsync(cancellationToken));
        builder.Services.AddHealthChecks().AddRedis(_ => connectionString!, name: $"{name}_check");
        return builder.AddResource(server)
            .WithEndpoint(scheme: "tcp", name: "tcp")
            .WithArgs("--save", "", "--appendonly", "no")
            .WithArgs(context =>
            {
                context.Args.Add("--port");
                context.Args.Add(server.Endpoint.Property(EndpointProperty.TargetPort));
            })
            .WithHealthCheck($"{name}_check");
    }
}
