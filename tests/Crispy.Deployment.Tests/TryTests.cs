namespace Crispy.Deployment.Tests;

/// <summary>deploy/compose/try.yaml: all of Crispy without a cloud.</summary>
public sealed class TryTests
{
    private static readonly ComposeFile Compose = ComposeFile.Read("compose.yaml");
    private static readonly ComposeFile Try = ComposeFile.Read("try.yaml");

    [Fact]
    public async Task It_has_every_container_of_the_manifest_and_a_bucket()
    {
        var containers = (await Repository.ResourcesAsync())
            .Where(resource => ((string)resource.Value!["type"]!).StartsWith("container.", StringComparison.Ordinal))
            .Select(resource => resource.Key);

        Assert.Equal(containers.Append("bucket").Append("keys").Order(StringComparer.Ordinal),
            Try.Services.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(Compose.Volumes.Keys.Append("crispy-try").Order(StringComparer.Ordinal),
            Try.Volumes.Keys.Order(StringComparer.Ordinal));
        foreach (var server in new[] { "redis", "rabbitmq" })
            Assert.Equal(await ManifestRules.ImageAsync(server), Try.Services[server].Image);
    }

    [Theory]
    [InlineData("stream-handle")]
    [InlineData("upload-worker")]
    [InlineData("console")]
    [InlineData("chunk-logger")]
    public async Task Services_have_the_settings_of_the_manifest_with_keys_from_files(string name)
    {
        // The account of Google Cloud comes by the environment of Google's own libraries, and nobody signs in.
        string[] other = ["Crispy__Credentials", "Crispy__Api__Token", "HTTP_PORTS"];
        var service = Try.Services[name];
        var keys = service.Environment.Keys.Select(key => key.Replace("KeyFile", "Key", StringComparison.Ordinal)
            .Replace("KeysFile", "Keys", StringComparison.Ordinal)).ToList();

        Assert.Empty((await ManifestRules.RequiredKeysAsync(name)).Except(keys).Except(other));
        KnownSettings.RequireRead(name, service.Environment.Keys);
        Assert.Equal($"{ServiceImages.Folders[name]}/Dockerfile", service.Build!.Dockerfile);
        if (name == "chunk-logger") return;
        var (volume, target) = await ManifestRules.VolumeAsync(name);
        Assert.Contains($"{volume}:{target}", service.Volumes);
    }

    [Fact]
    public void It_runs_as_hardened_as_a_deployment_and_reaches_no_further_than_this_machine()
    {
        foreach (var (name, service) in Try.Services)
        {
            Assert.Equal(["ALL"], service.CapDrop);
            Assert.Contains("no-new-privileges:true", service.SecurityOpt);
            if (name != "rabbitmq") Assert.True(service.ReadOnly);
            Assert.All(service.Ports, port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
        }
    }
}
