using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>The command lines of docker and podman, which are the same.</summary>
internal static class ContainerCommand
{
    /// <summary>
    /// Runs in the foreground, so that the lines of the container are those of the process, and removes the container at its end.
    /// Environment variables are named only: the runtime takes their values from its own environment, which nobody else can read.
    /// </summary>
    public static IReadOnlyList<string> Run(
        ContainerResource container, string name, string network, string image,
        IReadOnlyDictionary<EndpointAnnotation, PortReservation> ports, ResolvedResource resolved)
    {
        List<string> line = ["run", "--rm", "--name", name, "--network", network, "--network-alias", container.Name];
        line.AddRange(["--add-host", $"{EndpointReferenceExpression.HostSeenFromContainers}:host-gateway"]);
        foreach (var (endpoint, reservation) in ports)
        {
            var protocol = endpoint.Protocol.ToString().ToLowerInvariant();
            line.AddRange(["--publish", $"127.0.0.1:{reservation.Port}:{endpoint.TargetPort ?? reservation.Port}/{protocol}"]);
        }

        foreach (var variable in resolved.Variables.Keys) line.AddRange(["--env", variable]);
        foreach (var mount in container.Annotations.OfType<ContainerMountAnnotation>()) line.AddRange(["--mount", Mount(mount)]);
        if (container.Entrypoint is not null) line.AddRange(["--entrypoint", container.Entrypoint]);
        return [.. line, image, .. resolved.Arguments];
    }

    /// <summary>Builds the image.</summary>
    public static IReadOnlyList<string> Build(
        ContainerResource container, DockerfileBuildAnnotation build, string image, IReadOnlyDictionary<string, string?> arguments)
    {
        List<string> line = ["build", "--tag", image, "--file", build.DockerfilePath, "--label", $"resource={container.Name}"];
        if (build.Stage is not null) line.AddRange(["--target", build.Stage]);
        foreach (var (name, value) in arguments) line.AddRange(["--build-arg", value is null ? name : $"{name}={value}"]);
        return [.. line, build.ContextPath];
    }

    private static string Mount(ContainerMountAnnotation mount)
    {
        var type = mount.Type == ContainerMountType.BindMount ? "bind" : "volume";
        var source = mount.Source is null ? "" : $",source={mount.Source}";
        return $"type={type}{source},target={mount.Target}{(mount.IsReadOnly ? ",readonly" : "")}";
    }
}
