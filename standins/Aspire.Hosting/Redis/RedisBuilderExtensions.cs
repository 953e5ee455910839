using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

/// <summary>Adds Redis.</summary>
public static class RedisBuilderExtensions
{
    /// <summary>Adds a Redis server in a container.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name, and that of its connection string.</param>
    /// <param name="port">The port that others use; null lets one be chosen.</param>
    /// <param name="password">The password; a generated one, if null.</param>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // No punctuation: StackExchange.Redis cannot read a password with a comma in it.
        var secret = password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        var redis = new RedisResource(name, secret);
        return builder.AddResource(redis)
            .WithEndpoint(port: port, targetPort: 6379, scheme: "redis", name: RedisResource.PrimaryEndpointName)
            .WithImage("library/redis", "8.6")
            .WithImageRegistry("docker.io")
            .WithIconName("Database")
            .WithHealthCheck(AddHealthCheck(builder, redis))
            .WithEntrypoint("/bin/sh")
            .WithEnvironment(context =>
            {
                if (redis.PasswordParameter is not null) context.EnvironmentVariables["REDIS_PASSWORD"] = redis.PasswordParameter;
            })
            // By way of the environment and a shell, because everybody may read a command line.
            .WithArgs(context =>
            {
                context.Args.Add("-c");
                context.Args.Add(string.Join(' ', ServerCommand(redis)));
            });
    }

    /// <summary>Keeps the data in a volume, and writes it there.</summary>
    public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false)
    {
        builder.WithVolume(name ?? VolumeNameGenerator.Generate(builder, "data"), "/data", isReadOnly);
        return isReadOnly ? builder : builder.WithPersistence();
    }

    /// <summary>Keeps the data in a folder of the host, and writes it there.</summary>
    public static IResourceBuilder<RedisResource> WithDataBindMount(this IResourceBuilder<RedisResource> builder, string source, bool isReadOnly = false)
    {
        builder.WithBindMount(source, "/data", isReadOnly);
        return isReadOnly ? builder : builder.WithPersistence();
    }

    /// <summary>Writes the data to disk.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="interval">How long at least between two snapshots; 60 seconds, if null.</param>
    /// <param name="keysChangedThreshold">How many changes make a snapshot worthwhile.</param>
    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(
            new RedisPersistence(interval ?? TimeSpan.FromSeconds(60), keysChangedThreshold), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Chooses the password; null is none.</summary>
    public static IResourceBuilder<RedisResource> WithPassword(this IResourceBuilder<RedisResource> builder, IResourceBuilder<ParameterResource>? password)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Resource.SetPassword(password?.Resource);
        return builder;
    }

    private static string AddHealthCheck(IDistributedApplicationBuilder builder, RedisResource redis)
    {
        string? connectionString = null;
        builder.Eventing.Subscribe<ConnectionStringAvailableEvent>(redis, async (_, cancellationToken) =>
            connectionString = await redis.ConnectionStringExpression.GetValueAsync(cancellationToken).ConfigureAwait(false));
        var key = $"{redis.Name}_check";
        builder.Services.AddHealthChecks()
            .AddRedis(_ => connectionString ?? throw new InvalidOperationException($"The port of '{redis.Name}' is not known yet."), name: key);
        return key;
    }

    private static IEnumerable<string> ServerCommand(RedisResource redis)
    {
        yield return "redis-server";
        if (redis.PasswordParameter is not null) yield return "--requirepass $REDIS_PASSWORD";
        if (redis.TryGetLastAnnotation<RedisPersistence>(out var persistence))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"--save {persistence.Interval.TotalSeconds} {persistence.Changes}");
        }
    }

    private sealed record RedisPersistence(TimeSpan Interval, long Changes) : IResourceAnnotation;
}
