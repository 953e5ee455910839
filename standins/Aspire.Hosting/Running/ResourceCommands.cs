using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Knows what to start for a resource.</summary>
internal sealed class ResourceCommands(ProjectCommands projects, ContainerRuntime containers)
{
    /// <summary>Why the resource cannot run on this machine at all; null when it can.</summary>
    public async Task<string?> UnavailableAsync(IResource resource, CancellationToken cancellationToken) =>
        resource is ContainerResource && await containers.FindAsync(cancellationToken).ConfigureAwait(false) is null
            ? "RUNTIME UNHEALTHY: it is a container, and neither docker nor podman answers; it does not start"
            : null;

    /// <summary>Begins to look for what takes time to find, while the resource waits for others.</summary>
    public void Prepare(IResource resource, CancellationToken cancellationToken)
    {
        // A failure shows when the answer is used.
        if (resource is ProjectResource project) _ = projects.FindAsync(ProjectPath(project), cancellationToken);
    }

    /// <summary>What to start.</summary>
    /// <exception cref="DistributedApplicationException">There is no such program, project or image.</exception>
    public async Task<ProcessSpecification> CreateAsync(ResourceInstance instance, ResolvedResource resolved, CancellationToken cancellationToken)
    {
        switch (instance.Resource)
        {
            case ContainerResource:
                return await containers.CreateAsync(instance, resolved, cancellationToken).ConfigureAwait(false);

            case ExecutableResource executable:
                return Create(executable, resolved);

            default:
                var project = await projects.FindAsync(ProjectPath(instance.Resource), cancellationToken).ConfigureAwait(false);
                return new(project.Command, [.. project.Arguments, .. resolved.Arguments], project.WorkingDirectory, resolved.Variables);
        }
    }

    /// <summary>Ends what a killed process leaves running elsewhere.</summary>
    public Task RemoveLeftoversAsync(IReadOnlyList<ResourceInstance> instances) => containers.RemoveAsync(instances);

    private static string ProjectPath(IResource project) => project.Annotations.OfType<IProjectMetadata>().Last().ProjectPath;

    private static ProcessSpecification Create(ExecutableResource executable, ResolvedResource resolved)
    {
        if (!Directory.Exists(executable.WorkingDirectory)) throw new DistributedApplicationException($"its folder {executable.WorkingDirectory} does not exist");

        var command = Programs.Find(executable.Command, executable.WorkingDirectory)
            ?? throw new DistributedApplicationException($"there is no program '{executable.Command}'");
        return new(command, resolved.Arguments, executable.WorkingDirectory, resolved.Variables);
    }
}
