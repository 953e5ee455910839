namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says that a resource is told endpoints of another.</summary>
public sealed class EndpointReferenceAnnotation(IResourceWithEndpoints resource) : IResourceAnnotation
{
    /// <summary>The other resource.</summary>
    public IResourceWithEndpoints Resource { get; } = resource;

    /// <summary>Whether all of its endpoints are told.</summary>
    public bool UseAllEndpoints { get; set; }

    /// <summary>Else the names of those that are.</summary>
    public ISet<string> EndpointNames { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    internal bool Includes(EndpointReference endpoint) =>
        EndpointNames.Contains(endpoint.EndpointName) || (UseAllEndpoints && !endpoint.EndpointAnnotation.ExcludeReferenceEndpoint);
}
