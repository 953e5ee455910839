using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.RabbitMQ;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>Adds RabbitMQ.</summary>
public static partial class RabbitMQBuilderExtensions
{
    private const string DataFolder = "/var/lib/rabbitmq";

    /// <summary>Adds a RabbitMQ server in a container.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name, and that of its connection string.</param>
    /// <param name="userName">The user; <c>guest</c>, if null.</param>
    /// <param name="password">The password; a generated one, if null.</param>
    /// <param name="port">The port that others use; null lets one be chosen.</param>
    public static IResourceBuilder<RabbitMQServerResource> AddRabbitMQ(
        this IDistributedApplicationBuilder builder, string name,
        IResourceBuilder<ParameterResource>? userName = null, IResourceBuilder<ParameterResource>? password = null, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // No punctuation: it becomes part of a URL.
        var secret = password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        var rabbit = new RabbitMQServerResource(name, userName?.Resource, secret);
        return builder.AddResource(rabbit)
            .WithImage("library/rabbitmq", "4.3")
            .WithImageRegistry("docker.io")
            .WithIconName("MailMultiple")
            .WithEndpoint(port: port, targetPort: 5672, name: RabbitMQServerResource.PrimaryEndpointName)
            .WithEnvironment(context =>
            {
                context.EnvironmentVariables["RABBITMQ_DEFAULT_USER"] = rabbit.UserNameReference;
                context.EnvironmentVariables["RABBITMQ_DEFAULT_PASS"] = rabbit.PasswordParameter;
            })
            .WithHealthCheck(AddHealthCheck(builder, rabbit));
    }

    /// <summary>Keeps the data in a volume.</summary>
    public static IResourceBuilder<RabbitMQServerResource> WithDataVolume(
        this IResourceBuilder<RabbitMQServerResource> builder, string? name = null, bool isReadOnly = false) =>
        builder.WithVolume(name ?? VolumeNameGenerator.Generate(builder, "data"), DataFolder, isReadOnly).WithStableNodeName();

    /// <summary>Keeps the data in a folder of the host.</summary>
    public static IResourceBuilder<RabbitMQServerResource> WithDataBindMount(
        this IResourceBuilder<RabbitMQServerResource> builder, string source, bool isReadOnly = false) =>
        builder.WithBindMount(source, DataFolder, isReadOnly).WithStableNodeName();

    /// <summary>Uses the image that has the management plugin, and adds its endpoint.</summary>
    /// <exception cref="DistributedApplicationException">Nobody knows which image of the chosen one's kind has the plugin.</exception>
    public static IResourceBuilder<RabbitMQServerResource> WithManagementPlugin(this IResourceBuilder<RabbitMQServerResource> builder) =>
        builder.WithManagementPlugin(port: null);

    /// <summary>Uses the image that has the management plugin, and adds its endpoint on a port.</summary>
    /// <exception cref="DistributedApplicationException">Nobody knows which image of the chosen one's kind has the plugin.</exception>
    public static IResourceBuilder<RabbitMQServerResource> WithManagementPlugin(this IResourceBuilder<RabbitMQServerResource> builder, int? port)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var image = builder.Resource.Annotations.OfType<ContainerImageAnnotation>().Last();
        if (image is not { Registry: "docker.io", Image: "library/rabbitmq" } || ManagementTag(image.Tag) is not { } tag)
        {
            throw new DistributedApplicationException($"It is not known which image with the management plugin corresponds to that of '{builder.Resource.Name}'.");
        }

        image.Tag = tag;
        return builder.WithHttpEndpoint(port: port, targetPort: 15672, name: RabbitMQServerResource.ManagementEndpointName);
    }

    /// <summary>Examples: <c>4.3</c> gives <c>4.3-management</c>, <c>4.3-alpine</c> gives <c>4.3-management-alpine</c>; others give null.</summary>
    internal static string? ManagementTag(string? tag) => tag switch
    {
        null or "" => "4.3-management",
        _ when tag.EndsWith("management", StringComparison.Ordinal) || tag.EndsWith("management-alpine", StringComparison.Ordinal) => tag,
        "alpine" => "management-alpine",
        _ when tag.EndsWith("-alpine", StringComparison.Ordinal) => $"{tag[..^"-alpine".Length]}-management-alpine",
        _ when Version().IsMatch(tag) => $"{tag}-management",
        _ => null,
    };

    /// <summary>The node's name is part of its data's path: a host name that changes from run to run would hide the data.</summary>
    private static IResourceBuilder<RabbitMQServerResource> WithStableNodeName(this IResourceBuilder<RabbitMQServerResource> builder) =>
        builder.ApplicationBuilder.ExecutionContext.IsRunMode
            ? builder.WithEnvironment("RABBITMQ_NODENAME", $"{builder.Resource.Name}@localhost")
            : builder;

    private static string AddHealthCheck(IDistributedApplicationBuilder builder, RabbitMQServerResource rabbit)
    {
        string? connectionString = null;
        builder.Eventing.Subscribe<ConnectionStringAvailableEvent>(rabbit, async (_, cancellationToken) =>
            connectionString = await rabbit.ConnectionStringExpression.GetValueAsync(cancellationToken).ConfigureAwait(false));
        var key = $"{rabbit.Name}_check";
        var check = new BrokerHealthCheck(() => connectionString ?? throw new InvalidOperationException($"The port of '{rabbit.Name}' is not known yet."));
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(key, check, null, null));
        return key;
    }

    [GeneratedRegex(@"^\d+(\.\d+)*$")]
    private static partial Regex Version();
}
