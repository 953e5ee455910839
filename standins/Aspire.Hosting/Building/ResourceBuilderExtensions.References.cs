using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    private const string Reference = "Reference";

    /// <summary>Gives a resource another's connection string, and its parts (<c>NAME_HOST</c>, <c>NAME_PORT</c>, ...).</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null, bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);
        var resource = source.Resource;
        connectionName ??= resource.Name;
        return Checked(builder).WithReferencesOf(resource).WithEnvironment(context =>
        {
            var variable = resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{connectionName}";
            context.EnvironmentVariables[variable] = new ConnectionStringReference(resource, optional);
            var prefix = connectionName.Length == 0 ? "" : $"{VariableName(connectionName).ToUpperInvariant()}_";
            foreach (var (part, value) in resource.GetConnectionProperties())
            {
                context.EnvironmentVariables[prefix + part.ToUpperInvariant()] = value;
            }
        });
    }

    /// <summary>Tells a resource all endpoints of another (<c>NAME_HTTP</c>, <c>services__name__http__0</c>).</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source) where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);
        return Checked(builder).WithEndpointsOf(source.Resource, endpointName: null);
    }

    /// <summary>Tells a resource one endpoint of another.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(endpointReference);
        return Checked(builder).WithEndpointsOf(endpointReference.Resource, endpointReference.EndpointName);
    }

    private static IResourceBuilder<T> WithEndpointsOf<T>(this IResourceBuilder<T> builder, IResourceWithEndpoints source, string? endpointName)
        where T : IResourceWithEnvironment
    {
        var known = builder.Resource.Annotations.OfType<EndpointReferenceAnnotation>().FirstOrDefault(other => other.Resource == source);
        if (known is null)
        {
            known = new(source);
            builder.WithAnnotation(known).WithEnvironment(context => AddEndpoints(context, known));
        }

        if (endpointName is null) known.UseAllEndpoints = true;
        else known.EndpointNames.Add(endpointName);
        return builder.WithReferencesOf(source);
    }

    private static void AddEndpoints(EnvironmentCallbackContext context, EndpointReferenceAnnotation reference)
    {
        var variables = context.EnvironmentVariables;
        foreach (var endpoint in reference.Resource.GetEndpoints().Where(reference.Includes))
        {
            variables[$"{VariableName(reference.Resource.Name)}_{VariableName(endpoint.EndpointName)}".ToUpperInvariant()] = endpoint;
            var key = endpoint.EndpointName is "http" or "https" ? endpoint.Scheme : endpoint.EndpointName;
            var index = 0;
            while (!variables.TryAdd($"services__{reference.Resource.Name}__{key}__{index}", endpoint)) index++;
        }
    }

    /// <summary>Remembers which resources a value comes from: they stop after this one.</summary>
    private static IResourceBuilder<T> WithReferencesOf<T>(this IResourceBuilder<T> builder, object value) where T : IResource
    {
        foreach (var resource in ResourcesIn(value, []))
        {
            if (resource == (IResource)builder.Resource) continue;
            if (builder.Resource.Annotations.OfType<ResourceRelationshipAnnotation>().Any(one => one.Resource == resource && one.Type == Reference)) continue;
            builder.WithAnnotation(new ResourceRelationshipAnnotation(resource, Reference));
        }

        return builder;
    }

    private static IEnumerable<IResource> ResourcesIn(object value, HashSet<object> seen)
    {
        if (!seen.Add(value)) return [];
        if (value is IResource resource) return [resource];
        return value is IValueWithReferences references ? references.References.SelectMany(reference => ResourcesIn(reference, seen)) : [];
    }

    private static string VariableName(string name) => char.IsAsciiDigit(name[0]) ? "_" + NotInVariableName().Replace(name, "_") : NotInVariableName().Replace(name, "_");

    [GeneratedRegex("[^A-Za-z0-9_]")]
    private static partial Regex NotInVariableName();
}
