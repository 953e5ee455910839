using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>Chooses the ports that a manifest names: unique in it, from 8000 on.</summary>
internal sealed class ManifestPorts
{
    private readonly HashSet<int> _used = [];
    private int _next = 8000;

    /// <summary>The endpoints of a resource. A port is null where the deployment chooses, or where it is the same as the target port.</summary>
    public IEnumerable<(EndpointAnnotation Endpoint, int? Port, int? TargetPort)> Resolve(IResource resource)
    {
        var defaultSchemes = new HashSet<string>();
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var port = endpoint.Port is 0 ? null : endpoint.Port;
            var isHttp = endpoint.UriScheme is "http" or "https";
            // A project's first endpoint of each HTTP scheme gets its port from the deployment.
            var isDefault = resource is ProjectResource && isHttp && defaultSchemes.Add(endpoint.UriScheme);
            var given = endpoint.TargetPort is 0 ? null : endpoint.TargetPort;
            var targetPort = given ?? (resource is ContainerResource ? port : null) ?? (isDefault ? null : Allocate());
            Use(port);
            Use(targetPort);
            var exposed = port ?? (targetPort is null && !isHttp ? Allocate() : null);
            Use(exposed);
            yield return (endpoint, exposed == targetPort ? null : exposed, targetPort);
        }
    }

    private void Use(int? port)
    {
        if (port is not null) _used.Add(port.Value);
    }

    private int Allocate()
    {
        while (_used.Contains(_next)) _next++;
        return _next;
    }
}
