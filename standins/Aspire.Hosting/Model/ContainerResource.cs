namespace Aspire.Hosting.ApplicationModel;

/// <summary>A container, from an image or built from a Dockerfile.</summary>
public class ContainerResource(string name, string? entrypoint = null) : Resource(name),
    IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IComputeResource
{
    /// <summary>Replaces the image's own entrypoint; null keeps it.</summary>
    public string? Entrypoint { get; set; } = entrypoint;
}
