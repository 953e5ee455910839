using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Crispy.AppHost;

/// <summary>This machine's own rabbitmq-server, for machines without a container runtime. It listens on the loopback only,
/// where RabbitMQ's default user and password are valid.</summary>
public sealed class RabbitMQServerResource(string name, string program, string folder)
    : ExecutableResource(name, program, folder), IResourceWithConnectionString
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
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Largest message that the broker takes, in bytes. The largest of Crispy's is a manifest of at most 4 KiB; RabbitMQ's own
    /// limit is 16 MiB, or 128 before 4.0.</summary>
    public const int MaxMessageSize = 1 << 20;

    /// <summary>Adds RabbitMQ in a container, with its data in a named volume and its management pages.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddPinnedRabbitMQ(this IDistributedApplicationBuilder builder,
        string name, string volume) =>
        builder.AddRabbitMQ(name).WithImageTag("4.3-management").WithDataVolume(volume).WithManagementPlugin()
            .WithEnvironment("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", $"-rabbit max_message_size {Text(MaxMessageSize)}");

    /// <summary>Adds this machine's rabbitmq-server, with its data in a folder.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddRabbitMQServer(this IDistributedApplicationBuilder builder,
        string name, string folder)
    {
        // Erlang's port mapper as a resource of its own: the node would otherwise start a daemon that outlives the run.
        // All three listen on their ports themselves. Behind a proxy a node would have to know the port behind it,
        // which Aspire tells the resource alone.
        var (namesPort, nodePort, distributionPort) = (Port.Free(), Port.Free(), Port.Free());
        var names = builder.AddExecutable($"{name}-epmd", "epmd", folder, "-address", "127.0.0.1", "-port", Text(namesPort))
            .WithEndpoint(port: namesPort, scheme: "tcp", name: "tcp", isProxied: false)
            .WithUrlForEndpoint("tcp", url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)
            .WithIconName("BookNumber");

        var rabbitmq = new RabbitMQServerResource(name, Prerequisites.RabbitMqServer() ?? "rabbitmq-server", folder);
        builder.AddConnectionCheck($"{name}-connect", rabbitmq);
        WriteConfiguration(folder);
        var node = builder.AddResource(rabbitmq)
            .WithEndpoint(port: nodePort, scheme: "tcp", name: "tcp", isProxied: false)
            .WithEndpoint(port: distributionPort, scheme: "tcp", name: "distribution", isProxied: false)
            .WithUrlForEndpoint("tcp", url => url.DisplayText = "AMQP")
            .WithUrlForEndpoint("distribution", url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)
            .WithNodeEnvironment(folder)
            .WithEnvironment("RABBITMQ_NODE_PORT", Text(nodePort))
            .WithEnvironment("RABBITMQ_DIST_PORT", Text(distributionPort))
            .WithEnvironment("ERL_EPMD_PORT", Text(namesPort))
            .WaitForStart(names)
            .WithHealthCheck($"{name}-connect")
            .WithIconName("Mailbox");
        names.WithParentRelationship(node);
        return node;
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static void WriteConfiguration(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "rabbitmq.conf"),
            $"disk_free_limit.absolute = 50MB\nmax_message_size = {Text(MaxMessageSize)}\n");
        File.WriteAllText(Path.Combine(folder, "advanced.config"), "[{kernel, [{inet_dist_use_interface, {127,0,0,1}}]}].\n");
        File.WriteAllText(Path.Combine(folder, "enabled_plugins"), "[].\n");
    }

    private static IResourceBuilder<RabbitMQServerResource> WithNodeEnvironment(this IResourceBuilder<RabbitMQServerResource> rabbitmq,
        string folder) => rabbitmq
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
            // Aspire asks an unhealthy resource again after 1, 2, 3, 4 and then 5 s. So the moment when a starting node begins to answer is
            // waited for here.
            var (time, began) = (TimeProvider.System, TimeProvider.System.GetTimestamp());
            while (true)
            {
                try
                {
                    var address = await rabbitmq.ConnectionStringExpression.GetValueAsync(cancellation);
                    await using var connection = await new ConnectionFactory { Uri = new(address!) }.CreateConnectionAsync(cancellation);
                    return HealthCheckResult.Healthy("RabbitMQ takes connections");
                }
                catch (Exception refused) when (refused is BrokerUnreachableException or IOException or TimeoutException)
                {
                    if (time.GetElapsedTime(began) > Patience)
                        return HealthCheckResult.Unhealthy(
                            $"RabbitMQ takes no connection: {refused.InnerException?.Message ?? refused.Message}");
                }
                await Task.Delay(Interval, time, cancellation);
            }
        });
}
