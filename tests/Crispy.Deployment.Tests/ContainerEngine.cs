using System.Text.Json.Nodes;
using Crispy.Testing;

namespace Crispy.Deployment.Tests;

/// <summary>The container engine that <c>docker</c> finds, and what a test needs of it; without one a test is skipped with the
/// reason.</summary>
internal static class ContainerEngine
{
    /// <summary>The base image of every service.</summary>
    public const string AspNet = "mcr.microsoft.com/dotnet/aspnet:10.0.12-noble";

    /// <summary>Skips the test unless an engine answers that has these images.</summary>
    public static async Task RequireAsync(params IEnumerable<string> images)
    {
        await RequireComposeAsync();
        var version = await Command.TryAsync("docker", ["version", "--format", "{{.Server.Version}}"]);
        if (version.ExitCode != 0) Assert.Skip($"No container engine answers: {version.Error.Trim()}");
        foreach (var image in images)
        {
            if (await HasImageAsync(image)) continue;
            var pulled = await Command.TryAsync("docker", ["pull", "--quiet", image]);
            if (pulled.ExitCode != 0) Assert.Skip($"The container engine has no {image}: {pulled.Error.Trim()}");
        }
    }

    /// <summary>Skips the test unless there is <c>docker compose</c>; no engine has to answer.</summary>
    public static async Task RequireComposeAsync()
    {
        if (!Repository.OnPath("docker")) Assert.Skip("There is no docker.");
        var compose = await Command.TryAsync("docker", ["compose", "version"]);
        if (compose.ExitCode != 0) Assert.Skip("docker has no compose.");
    }

    /// <summary>Runs docker to its end and returns its standard output.</summary>
    public static Task<string> DockerAsync(params string[] arguments) => Command.RunAsync("docker", arguments);

    /// <summary>What the engine knows of a container.</summary>
    public static async Task<JsonNode> InspectAsync(string container) =>
        JsonNode.Parse(await DockerAsync("container", "inspect", container))![0]!;

    /// <summary>Sends SIGKILL to a container's first process from outside, as the kernel does that runs out of memory. Unlike
    /// <c>docker kill</c> it leaves it to the restart policy what follows.</summary>
    public static async Task CrashAsync(string container)
    {
        var pid = (int)(await InspectAsync(container))["State"]!["Pid"]!;
        await DockerAsync("run", "--rm", "--pid", "host", "--user", "0", "--network", "none", "--entrypoint", "/bin/sh", AspNet, "-c",
            $"kill -KILL {pid}");
    }

    private static async Task<bool> HasImageAsync(string image) =>
        (await Command.TryAsync("docker", ["image", "inspect", "--format", "{{.Id}}", image])).ExitCode == 0;
}
