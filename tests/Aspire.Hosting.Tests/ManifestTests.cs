using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Crispy.Testing;

namespace Aspire.Hosting.Tests;

public sealed partial class ManifestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_manifest_is_the_one_that_the_real_packages_write()
    {
        var expected = Path.Combine(Path.GetDirectoryName(TestApp.RepositoryRoot)!, "shared", "aspire", "sample-manifest.json");
        if (!File.Exists(expected)) Assert.Skip($"There is no {expected}.");

        var written = await PublishAsync(builder =>
        {
            var key = builder.AddParameter("apikey", secret: true);
            var cache = builder.AddRedis("cache").WithDataVolume("cache-data");
            var broker = builder.AddRabbitMQ("messaging").WithDataVolume("rabbit-data").WithManagementPlugin();
            var server = RedisServerExecutable.Add(builder, "cacheexe");
            var api = builder.AddProject("api", "../worker/Worker.csproj").WithHttpEndpoint().WithExternalHttpEndpoints().WithHttpHealthCheck("/health")
                .WithReference(cache).WaitFor(cache).WithReference(broker).WaitFor(broker).WithEnvironment("API_KEY", key);
            builder.AddProject("worker", "../worker/Worker.csproj")
                .WithReference(cache).WithReference(broker).WithReference(server).WithReference(api).WaitFor(api)
                .WithReplicas(2).WithEnvironment("API_URL", api.GetEndpoint("http")).WithArgs("--mode", "fast");
            builder.AddProject("frontend", "../worker/Worker.csproj").WithHttpEndpoint().WithReference(api)
                .PublishAsDockerFile(container => container.WithVolume("media", "/data/media"));
        });

        Assert.Equal(WithoutHashes(await File.ReadAllTextAsync(expected, Token)), WithoutHashes(written));
    }

    [Fact]
    public async Task Every_kind_of_resource_is_written_in_its_shape()
    {
        var written = await PublishAsync(builder =>
        {
            var plain = builder.AddParameter("bucket", "chunks", publishValueAsDefault: true);
            var generated = builder.AddParameter("token", new GenerateParameterDefault { MinLength = 10, Special = false, MinNumeric = 2 }, secret: true);
            builder.AddParameter("required");
            var tool = builder.AddContainer("tool", "ghcr.io/owner/tool:1.2")
                .WithEntrypoint("/bin/tool").WithArgs("--bucket", "b").WithArgs(context => context.Args.Add(plain.Resource))
                .WithBindMount("conf", "/etc/tool", isReadOnly: true).WithVolume("/scratch").WithVolume("spool", "/spool")
                .WithHttpEndpoint(port: 9000, targetPort: 8080).WithEndpoint(targetPort: 7000, scheme: "udp", name: "beacon", protocol: System.Net.Sockets.ProtocolType.Udp)
                .WithExternalHttpEndpoints().WithEnvironment("TOKEN", generated).WithEnvironment("MIXED", $"{plain}/{generated:uri}");
            builder.AddDockerfile("built", "src", stage: "final").WithBuildArg("BUCKET", plain);
            builder.AddExecutable("script", "python3", "scripts", "run.py").WithEndpoint(scheme: "tcp", name: "control")
                .WithEnvironment("TOOL", tool.GetEndpoint("http")).WithReference(tool.GetEndpoint("http"));
            builder.AddExecutable("packed", "python3", "packed", "run.py").PublishAsDockerFile(container => container.WithArgs("serve"));
            builder.AddExecutable("hidden", "true", ".").ExcludeFromManifest();
        });

        var expected = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "expected-manifest.json"), Token);
        Assert.Equal(expected.TrimEnd(), written);
    }

    [Fact]
    public async Task Nothing_is_published_without_a_place_or_by_an_unknown_publisher()
    {
        using var folder = new TempFolder();
        await using var placeless = HostProcess.Start("--publisher", "manifest");
        await using var unknown = HostProcess.Start("--publisher", "kubernetes", "--output-path", folder["manifest.json"]);

        Assert.Equal((1, 1), (await placeless.Ended, await unknown.Ended));
        Assert.Contains(placeless.Lines, line => line.Contains("--output-path", StringComparison.Ordinal));
        Assert.Contains(unknown.Lines, line => line.Contains("kubernetes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_newer_command_line_and_a_folder_do_too()
    {
        using var folder = new TempFolder();
        await using var host = HostProcess.Start("--operation", "publish", "--step", "publish-manifest", "--output-path", folder["out"]);

        Assert.Equal(0, await host.Ended);
        Assert.Contains("\"executable.v0\"", await File.ReadAllTextAsync(folder["out", "aspire-manifest.json"], Token), StringComparison.Ordinal);
    }

    private static async Task<string> PublishAsync(Action<IDistributedApplicationBuilder> describe)
    {
        using var folder = new TempFolder();
        var path = folder["host", "manifest.json"];
        var options = new DistributedApplicationOptions { Args = ["--publisher", "manifest", "--output-path", path], ProjectDirectory = Directory.CreateDirectory(folder["host"]).FullName };
        var builder = DistributedApplication.CreateBuilder(options);
        Assert.True(builder.ExecutionContext.IsPublishMode);
        describe(builder);
        await using var app = builder.Build();
        await app.RunAsync(Token);
        return await File.ReadAllTextAsync(path, Token);
    }

    /// <summary>The hash at the end of a conditional's name is an implementation's own affair.</summary>
    private static string WithoutHashes(string manifest) => ConditionalHash().Replace(manifest.ReplaceLineEndings("\n"), "$1");

    [GeneratedRegex("(cond-[a-z0-9-]+)-[0-9a-f]{8}")]
    private static partial Regex ConditionalHash();
}
