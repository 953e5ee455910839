using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Crispy.AppHost;

/// <summary>What only the published application has: containers with a shared spool volume, real Google Cloud, and secrets that a
/// deployment is asked for.</summary>
public static class Publishing
{
    private const string SpoolVolume = "crispy-spool";
    private const string SpoolPath = "/var/spool/crispy";
    private const string ConsoleVolume = "crispy-console";
    private const string ConsolePath = "/var/lib/crispy";

    /// <summary>Turns the services into containers.</summary>
    public static void Publish(this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> chunkLogger,
        IResourceBuilder<ProjectResource> uploadWorker, IResourceBuilder<ProjectResource> streamHandle,
        IResourceBuilder<ProjectResource> console,
        IResourceBuilder<ParameterResource> signingPublicKeys)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var credentials = builder.AddParameter("gcs-credentials", secret: true);
        builder.PublishStreams(streamHandle);
        chunkLogger.WithEnvironment("DOTNET_RUNNING_IN_CONTAINER", "true")
            .WithEnvironment("Crispy__Credentials", credentials)
            .WithExternalHttpEndpoints()
            .PublishAsDockerFile(container => container.WithRepositoryDockerfile("Crispy.ChunkLogger"));
        foreach (var (service, folder) in new[] { (uploadWorker, "Crispy.UploadWorker"), (streamHandle, "Crispy.StreamHandle") })
        {
            service.WithEnvironment("Crispy__Spool__Path", SpoolPath).WithEnvironment("Crispy__Spool__Name", "shared")
                .PublishAsDockerFile(container => container.WithRepositoryDockerfile(folder).WithVolume(SpoolVolume, SpoolPath));
        }
        uploadWorker.WithEnvironment("Crispy__Credentials", credentials);
        builder.PublishOidc(console);
        var token = builder.AddParameter("api-token", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true);
        streamHandle.WithEnvironment("Crispy__Api__Token", token).WithEnvironment("Crispy__Signing__PublicKeys", signingPublicKeys);
        console.WithEnvironment("Crispy__Api__Token", token)
            // People reach it under a name that the platform gives.
            .WithEnvironment("Crispy__Api__AllowedHosts", console.GetEndpoint("http").Property(EndpointProperty.Host))
            .WithEnvironment("Crispy__Credentials", credentials)
            .WithEnvironment("Crispy__Console__KeysFolder", $"{ConsolePath}/sessions")
            .WithEnvironment("Crispy__Console__PlotsFile", $"{ConsolePath}/plots.jsonl")
            .WithEnvironment("Crispy__Console__NotifyFolder", $"{ConsolePath}/notify")
            .WithEnvironment("Crispy__Console__AuditFolder", $"{ConsolePath}/audit")
            .WithEnvironment("Crispy__Archive__CacheFolder", $"{ConsolePath}/cache")
            .PublishAsDockerFile(container => container.WithRepositoryDockerfile("Crispy.Console").WithVolume(ConsoleVolume, ConsolePath));
    }

    // Where people sign in, as it is configured when the manifest is written;
    // the secret is asked for by the deployment: oidc-client-secret.
    private static void PublishOidc(this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> console)
    {
        const string section = "Crispy:Console:Oidc", secret = $"{section}:ClientSecret";
        var settings = builder.Configuration.GetSection(section).AsEnumerable().Where(pair => !string.IsNullOrEmpty(pair.Value)).ToList();
        foreach (var (key, value) in settings.Where(pair => !pair.Key.Equals(secret, StringComparison.OrdinalIgnoreCase)))
            console.WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value);
        if (settings.Count == 0) return;
        console.WithEnvironment("Crispy__Console__Oidc__ClientSecret", builder.AddParameter("oidc-client-secret", secret: true));
    }

    /// <summary>Lets the shell that reads redis' password become redis: as the container's first process it hears SIGTERM and saves before
    /// it ends. Its password comes by standard input, so that no argument of a process holds it.</summary>
    public static IResourceBuilder<RedisResource> PublishAsFirstProcess(this IResourceBuilder<RedisResource> redis)
    {
        ArgumentNullException.ThrowIfNull(redis);
        return redis.WithEntrypoint("/bin/sh").WithArgs(context =>
        {
            context.Args.Clear();
            context.Args.Add("-c");
            context.Args.Add("exec redis-server - --save 60 1 <<CONFIG\nrequirepass $REDIS_PASSWORD\nCONFIG\n");
        });
    }

    // A camera's address often holds its password: the manifest holds a secret parameter in its place, stream-N-url.
    private static void PublishStreams(this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> streamHandle)
    {
        var streams = StreamSettings.Configured(builder.Configuration);
        foreach (var (key, value) in StreamSettings.ToEnvironment(streams).Where(pair => !IsUrl(pair.Key)))
            streamHandle.WithEnvironment(key, value);
        for (var index = 0; index < streams.Count; index++)
        {
            var number = index.ToString(CultureInfo.InvariantCulture);
            streamHandle.WithEnvironment($"Crispy__Streams__{number}__Url", builder.AddParameter($"stream-{number}-url", secret: true));
        }
    }

    private static bool IsUrl(string key) => key.EndsWith("__Url", StringComparison.OrdinalIgnoreCase);

    // The build context is the repository: a service is built together with the projects it stands on.
    private static IResourceBuilder<ContainerResource> WithRepositoryDockerfile(this IResourceBuilder<ContainerResource> container,
        string folder) =>
        container.WithDockerfile("..", $"{folder}/Dockerfile");
}
