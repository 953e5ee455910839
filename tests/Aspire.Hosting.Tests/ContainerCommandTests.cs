using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;

namespace Aspire.Hosting.Tests;

public sealed class ContainerCommandTests
{
    [Fact]
    public async Task Ports_variables_mounts_and_arguments_become_a_command_line_without_secrets()
    {
        await using var test = new TestApp();
        var container = test.Builder.AddContainer("cache", "library/redis", "8.6").WithImageRegistry("docker.io")
            .WithEndpoint(targetPort: 6379, scheme: "tcp", name: "tcp")
            .WithVolume("data", "/data").WithBindMount("conf", "/etc/redis", isReadOnly: true).WithEntrypoint("/bin/sh").Resource;
        var endpoint = container.Annotations.OfType<EndpointAnnotation>().Single();
        using var port = PortReservation.Any();
        var resolved = new ResolvedResource(["-c", "redis-server"], new Dictionary<string, string> { ["REDIS_PASSWORD"] = "secret" });

        var line = ContainerCommand.Run(container, "cache-1", "network-1", "docker.io/library/redis:8.6", new Dictionary<EndpointAnnotation, PortReservation> { [endpoint] = port }, resolved);

        Assert.Equal(
            [
                "run", "--rm", "--name", "cache-1", "--network", "network-1", "--network-alias", "cache", "--add-host", "host.docker.internal:host-gateway",
                "--publish", $"127.0.0.1:{port.Port}:6379/tcp", "--env", "REDIS_PASSWORD",
                "--mount", "type=volume,source=data,target=/data", "--mount", $"type=bind,source={test.PathOf("conf")},target=/etc/redis,readonly",
                "--entrypoint", "/bin/sh", "docker.io/library/redis:8.6", "-c", "redis-server",
            ],
            line);
    }

    [Fact]
    public async Task A_build_names_its_file_stage_and_arguments()
    {
        await using var test = new TestApp();
        var container = test.Builder.AddDockerfile("app", "src", "docker/Dockerfile", "final").WithBuildArg("VERSION", "1.2").WithBuildArg("TOKEN", null).Resource;

        var line = ContainerCommand.Build(
            container, container.Annotations.OfType<DockerfileBuildAnnotation>().Single(), "app:latest", new Dictionary<string, string?> { ["VERSION"] = "1.2", ["TOKEN"] = null });

        Assert.Equal(
            [
                "build", "--tag", "app:latest", "--file", test.PathOf("src/docker/Dockerfile"), "--label", "resource=app", "--target", "final",
                "--build-arg", "VERSION=1.2", "--build-arg", "TOKEN", test.PathOf("src"),
            ],
            line);
    }
}
