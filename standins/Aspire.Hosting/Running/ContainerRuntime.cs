using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Running;

/// <summary>Runs containers by the command line of docker or podman.</summary>
internal sealed class ContainerRuntime(IConfiguration configuration, ProcessLauncher launcher)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly Lock _access = new();
    private Task<string?>? _found;
    private Task? _network;

    /// <summary>Unique to the run: containers of two AppHosts do not meet.</summary>
    private string Session { get; } = System.Security.Cryptography.RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz", 8);

    private string Network => $"aspire-session-network-{Session}";

    /// <summary>
    /// Full path of the runtime's program, when its engine answers; else null. <c>ASPIRE_CONTAINER_RUNTIME</c> (docker or podman)
    /// chooses; without it docker comes first.
    /// </summary>
    public Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        lock (_access) return _found ??= SearchAsync(cancellationToken);
    }

    /// <summary>What to start so that a container runs.</summary>
    public async Task<ProcessSpecification> CreateAsync(ResourceInstance instance, ResolvedResource resolved, CancellationToken cancellationToken)
    {
        var runtime = await FindAsync(cancellationToken).ConfigureAwait(false) ?? throw new DistributedApplicationException("no container runtime answers");
        lock (_access) _network ??= RunAsync(runtime, ["network", "create", Network], cancellationToken);
        await _network.ConfigureAwait(false);
        var container = (ContainerResource)instance.Resource;
        if (container.TryGetLastAnnotation<DockerfileBuildAnnotation>(out var build))
        {
            var arguments = ContainerCommand.Build(container, build, ImageOf(container), await ArgumentsAsync(build, cancellationToken).ConfigureAwait(false));
            await RunAsync(runtime, arguments, cancellationToken).ConfigureAwait(false);
        }

        var line = ContainerCommand.Run(container, NameOf(instance), Network, ImageOf(container), instance.Ports, resolved);
        return new(runtime, line, configuration["AppHost:Directory"]!, resolved.Variables);
    }

    /// <summary>Removes containers whose command line was killed, and the network.</summary>
    public async Task RemoveAsync(IReadOnlyList<ResourceInstance> instances)
    {
        if (_found is null || await _found.ConfigureAwait(false) is not { } runtime) return;

        foreach (var instance in instances.Where(instance => instance.Resource is ContainerResource && instance.Process is not null))
        {
            await Tool.RunAsync(launcher, runtime, ["rm", "--force", NameOf(instance)], "/", CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Removes the network of the run.</summary>
    public async Task RemoveNetworkAsync()
    {
        if (_network is null || _found is null || await _found.ConfigureAwait(false) is not { } runtime) return;
        await Tool.RunAsync(launcher, runtime, ["network", "rm", Network], "/", CancellationToken.None).ConfigureAwait(false);
    }

    private string NameOf(ResourceInstance instance) => $"{instance.Name}-{Session}";

    private static string ImageOf(ContainerResource container) =>
        container.TryGetContainerImageName(out var image) ? image : throw new DistributedApplicationException("it has no image");

    private static async Task<Dictionary<string, string?>> ArgumentsAsync(DockerfileBuildAnnotation build, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, string?>();
        foreach (var (name, value) in build.BuildArguments)
        {
            values[name] = value is IValueProvider provider ? await provider.GetValueAsync(cancellationToken).ConfigureAwait(false) : value?.ToString();
        }

        return values;
    }

    private async Task<string?> SearchAsync(CancellationToken cancellationToken)
    {
        var chosen = configuration["ASPIRE_CONTAINER_RUNTIME"] ?? configuration["DOTNET_ASPIRE_CONTAINER_RUNTIME"];
        string[] names = chosen is null ? ["docker", "podman"] : [chosen];
        foreach (var program in names.Select(name => Programs.Find(name, "/")).OfType<string>())
        {
            if (await AnswersAsync(program, cancellationToken).ConfigureAwait(false)) return program;
        }

        return null;
    }

    private async Task<bool> AnswersAsync(string program, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(AnswerLimit);
        try
        {
            return (await Tool.RunAsync(launcher, program, ["ps", "--quiet"], "/", limited.Token).ConfigureAwait(false)).ExitCode == 0;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task RunAsync(string runtime, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await Tool.RunAsync(launcher, runtime, arguments, "/", cancellationToken).ConfigureAwait(false);
        if (exitCode != 0) throw new DistributedApplicationException($"{Path.GetFileName(runtime)} {arguments[0]} failed:{Environment.NewLine}{output}");
    }
}
