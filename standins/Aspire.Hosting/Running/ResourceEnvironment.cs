using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Arguments and environment of the processes of a resource, with every value resolved but those of the replica.</summary>
/// <param name="Arguments">In order.</param>
/// <param name="Variables">By name.</param>
internal sealed record ResolvedResource(IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Variables);

/// <summary>Resolves arguments and environments.</summary>
internal sealed class ResourceEnvironment(DistributedApplicationExecutionContext executionContext)
{
    /// <summary>Asks the callbacks and resolves the values.</summary>
    public async Task<ResolvedResource> ResolveAsync(IResource resource, CancellationToken cancellationToken)
    {
        var context = new ValueProviderContext { ExecutionContext = executionContext, Caller = resource };
        var arguments = new List<string>();
        foreach (var argument in await ResourceCallbacks.ArgumentsAsync(resource, executionContext, cancellationToken).ConfigureAwait(false))
        {
            if (await ValueAsync(argument, context, cancellationToken).ConfigureAwait(false) is { } text) arguments.Add(text);
        }

        var variables = new Dictionary<string, string>();
        foreach (var (name, value) in await ResourceCallbacks.EnvironmentAsync(resource, executionContext, cancellationToken).ConfigureAwait(false))
        {
            if (await ValueAsync(value, context, cancellationToken).ConfigureAwait(false) is { } text) variables[name] = text;
        }

        return new(arguments, variables);
    }

    /// <summary>Puts in what is known of the replica only.</summary>
    public static ResolvedResource For(ResourceInstance instance, ResolvedResource resolved, IReadOnlyDictionary<string, string> placeholders)
    {
        var own = new Dictionary<string, string>(placeholders) { [ResourceInstance.IdPlaceholder] = instance.ServiceInstanceId };
        foreach (var (endpoint, reservation) in instance.Ports)
        {
            // A container's own port is the inner one, which its image or the model says.
            if (instance.Resource is ContainerResource) continue;
            own[ResourceInstance.PortPlaceholder(instance.Resource, endpoint)] = reservation.Port.ToString(CultureInfo.InvariantCulture);
        }

        return new([.. resolved.Arguments.Select(Fill)], resolved.Variables.ToDictionary(variable => variable.Key, variable => Fill(variable.Value)));

        string Fill(string text) => text.Contains("{{-", StringComparison.Ordinal)
            ? own.Aggregate(text, (filled, placeholder) => filled.Replace(placeholder.Key, placeholder.Value, StringComparison.Ordinal))
            : text;
    }

    private static async ValueTask<string?> ValueAsync(object value, ValueProviderContext context, CancellationToken cancellationToken) => value switch
    {
        string text => text,
        IValueProvider provider => await provider.GetValueAsync(context, cancellationToken).ConfigureAwait(false),
        IResourceBuilder<IResource> { Resource: IValueProvider provider } => await provider.GetValueAsync(context, cancellationToken).ConfigureAwait(false),
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
