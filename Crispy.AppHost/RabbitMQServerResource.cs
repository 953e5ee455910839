using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Crispy.AppHost;

/// <summary>This machine's own rabbitmq-server, for machines without a container runtime. It listens on the loopback only,
/// where RabbitMQ's default user and password are valid.</summary>
public sealed class RabbitMQServerResource(string name, string program, string folder) : ExecutableResource(name, program, folder), IResourceWithConnectionString
{
    /// <summary>Where it speaks AMQP.</summary>
    public EndpointReference Endpoint => field ??= new(this, "tcp");

    /// <summary>Where its node would speak to other nodes.</summary>
    public EndpointReference Distribution => field ??= new(this, "distribution");

    /// <inheritdoc />
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"amqp://guest:guest@{Endpoint.Property(EndpointProperty.Host)}:{Endpoint.Property(EndpointProperty.Port)}");
}

/// <summary>Adds rabbitmq.</summary>
public static class RabbitMQServerExtensions
{
    /// <summary>Adds RabbitMQ in a container, with its data in a volume and its management pages.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddPinnedRabbitMQ(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddRabbitMQ(name).WithImageTag("4.3-management").WithDataVolume($"crispy-{name}").WithManagementPlugin();

    /// <summary>Adds this machine's rabbitmq-server, with its data in a folder.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddRabbitMQServer(this IDistributedApplicationBuilder builder, string name, string folder)
    {
        // Erlang's port mapper as a resource of its own: the node would otherwise start a daemon that outlives the run.
        var names = builder.AddExecutable($"{name}-epmd", "epmd", folder, "-address", "127.0.0.1")
            .WithEndpoint(scheme: "tcp", name: "tcp");
        names.WithArgs(context => { context.Args.Add("-port"); context.Args.Add(names.GetEndpoint("tcp").Property(EndpointProperty.TargetPort)); });

        var rabbitmq = new RabbitMQServerResource(name, Prerequisites.RabbitMqServer() ?? "rabbitmq-server", folder);
        builder.AddConnectionCheck($"{name}-connect", rabbitmq);
        WriteConfiguration(folder);
        return builder.AddResource(rabbitmq)
            .WithEndpoint(scheme: "tcp", name: "tcp")
            .WithEndpoint(scheme: "tcp", name: "distribution")
            .WithNodeEnvironment(folder)
            .WithEnvironment("RABBITMQ_NODE_PORT", rabbitmq.Endpoint.Property(EndpointProperty.TargetPort))
            .WithEnvironment("RABBITMQ_DIST_PORT", rabbitmq.Distribution.Property(EndpointProperty.TargetPort))
            .WithEnvironment("ERL_EPMD_PORT", names.GetEndpoint("tcp").Property(EndpointProperty.TargetPort))
            .WaitFor(names)
            .WithHealthCheck($"{name}-connect")
            .WithIconName("Mailbox");
    }

    private static void WriteConfiguration(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "rabbitmq.conf"), "disk_free_limit.absolute = 50MB\n");
        File.WriteAllText(Path.Combine(folder, "advanced.config"), "[{kernel, [{inet_dist_use_interface, {127,0,0,1}}]}].\n");
        File.WriteAllText(Path.Combine(folder, "enabled_plugins"), "[].\n");
    }

    private static IResourceBuilder<RabbitMQServerResource> WithNodeEnvironment(this IResourceBuilder<RabbitMQServerResource> rabbitmq, string folder) => rabbitmq
        .WithEnvironment("HOME", folder) // for its Erlang cookie
        .WithEnvironment("RABBITMQ_NODENAME", "crispy@localhost")
        .WithEnvironment("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
        .WithEnvironment("RABBITMQ_MNESIA_BASE", Path.Combine(folder, "data"))
        .WithEnvironment("RABBITMQ_LOG_BASE", Path.Combine(folder, "log"))
        .WithEnvironment("RABBITMQ_PID_FILE", Path.Combine(folder, "pid"))
        .WithEnvironment("RABBITMQ_CONFIG_FILE", Path.Combine(folder, "rabbitmq.conf"))
        .WithEnvironment("RABBITMQ_ADVANCED_CONFIG_FILE", Path.Combine(folder, "advanced.config"))
        .WithEnvironment("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(folder, "enabled_plugins"))
        .WithEnvironment("RABBITMQ_CONF_ENV_FILE", "/dev/null")
        .WithEnvironment("RABBITMQ_LOGS", Path.Combine(folder, "log", "rabbitmq.log"))
        // The start script then becomes the node, so that a signal reaches it.
        .WithEnvironment("RUNNING_UNDER_SYSTEMD", "true")
        // Two schedulers that sleep when idle, instead of one a core that spins.
        .WithEnvironment("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none");

    private static void AddConnectionCheck(this IDistributedApplicationBuilder builder, string key, RabbitMQServerResource rabbitmq) =>
        builder.Services.AddHealthChecks().AddAsyncCheck(key, async cancellation =>
        {
            try
            {
                var address = await rabbitmq.ConnectionStringExpression.GetValueAsync(cancellation);
                await using var connection = await new ConnectionFactory { Uri = new(address!) }.CreateConnectionAsync(cancellation);
                return HealthCheckResult.Healthy();
            }
            catch (Exception refused) when (refused is BrokerUnreachableException or IOException or TimeoutException)
            {
                return HealthCheckResult.Unhealthy(refused.Message);
            }
        });
}
