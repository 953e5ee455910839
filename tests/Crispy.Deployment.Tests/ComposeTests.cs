namespace Crispy.Deployment.Tests;

public sealed class ComposeTests
{
    private static readonly ComposeFile Compose = ComposeFile.Read("compose.yaml");

    [Fact]
    public async Task Its_services_and_volumes_are_those_of_the_manifest_but_for_the_cloud_function()
    {
        var containers = (await Repository.ResourcesAsync())
            .Where(resource => ((string)resource.Value!["type"]!).StartsWith("container.", StringComparison.Ordinal)).ToList();

        Assert.Equal(containers.Select(resource => resource.Key).Where(name => name != "chunk-logger").Order(),
            Compose.Services.Keys.Order());
        Assert.Equal(containers.Where(resource => resource.Value!["volumes"] is not null)
            .Select(resource => (string)resource.Value!["volumes"]![0]!["name"]!).Distinct().Order(),
            Compose.Volumes.Keys.Order());
        foreach (var (name, service) in Compose.Services)
        {
            var (volume, target) = await ManifestRules.VolumeAsync(name);
            Assert.Equal($"{volume}:{target}", Assert.Single(service.Volumes));
        }
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("rabbitmq")]
    public async Task Servers_are_the_images_of_the_manifest_with_the_same_settings(string server)
    {
        Assert.Equal(await ManifestRules.ImageAsync(server), Compose.Services[server].Image);
        Assert.Equal((await Repository.EnvironmentAsync(server)).Keys.Order(), Compose.Services[server].Environment.Keys.Order());
        Assert.NotNull(Compose.Services[server].Healthcheck);
    }

    [Theory]
    [InlineData("stream-handle", "Crispy.StreamHandle")]
    [InlineData("upload-worker", "Crispy.UploadWorker")]
    public async Task Services_are_built_and_set_as_in_the_manifest(string name, string folder)
    {
        var service = Compose.Services[name];
        Assert.Empty((await ManifestRules.RequiredKeysAsync(name)).Except(service.Environment.Keys));
        KnownSettings.RequireRead(name, service.Environment.Keys);
        Assert.Equal((await ManifestRules.VolumeAsync(name)).Target, service.Environment["Crispy__Spool__Path"]);
        Assert.Equal((await Repository.EnvironmentAsync(name))["Crispy__Spool__Name"], service.Environment["Crispy__Spool__Name"]);
        Assert.Equal((await ManifestRules.PortAsync(name, "http")).ToString(null, null), service.Environment["HTTP_PORTS"]);
        Assert.Equal($"{folder}/Dockerfile", service.Build!.Dockerfile);
        Assert.Equal(Repository.Root, Path.GetFullPath(Repository.PathOf("deploy", "compose", service.Build.Context)));
        Assert.StartsWith($"crispy/{name}:", service.Image, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_console_is_built_and_set_as_in_the_manifest_and_reads_with_an_account_of_its_own()
    {
        var console = Compose.Services["console"];
        Assert.Empty((await ManifestRules.RequiredKeysAsync("console")).Except(console.Environment.Keys));
        KnownSettings.RequireRead("console", console.Environment.Keys);
        Assert.Equal("Crispy.Console/Dockerfile", console.Build!.Dockerfile);
        Assert.StartsWith("crispy/console:", console.Image, StringComparison.Ordinal);
        Assert.NotEqual(Compose.Services["upload-worker"].Environment["Crispy__Credentials"].Split(':')[0],
            console.Environment["Crispy__Credentials"].Split(':')[0]);
        Assert.Equal($"http://stream-handle:{await ManifestRules.PortAsync("stream-handle", "http")}",
            console.Environment["services__stream-handle__http__0"]);
        var (_, target) = await ManifestRules.VolumeAsync("console");
        foreach (var folder in new[] { "Crispy__Console__KeysFolder", "Crispy__Console__PlotsFile", "Crispy__Console__NotifyFolder",
            "Crispy__Console__AuditFolder",
            "Crispy__Archive__CacheFolder" }) Assert.StartsWith($"{target}/", console.Environment[folder], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_strings_name_the_servers_and_their_ports()
    {
        foreach (var service in Compose.Services.Where(service => service.Value.Build is not null).Select(service => service.Value))
        {
            Assert.StartsWith($"redis:{await ManifestRules.PortAsync("redis", "tcp")},", service.Environment["ConnectionStrings__redis"],
                StringComparison.Ordinal);
            if (service == Compose.Services["console"]) continue;
            Assert.EndsWith($"@rabbitmq:{await ManifestRules.PortAsync("rabbitmq", "tcp")}",
                service.Environment["ConnectionStrings__rabbitmq"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_secret_is_in_the_file_and_no_port_is_open_to_the_network()
    {
        foreach (var (name, service) in Compose.Services)
        {
            foreach (var (key, value) in service.Environment.Where(pair => pair.Key.Contains("PASS", StringComparison.Ordinal)
                || pair.Key is "Crispy__Signing__PrivateKey" or "Crispy__Console__ReportKey" or "Crispy__Api__Token"
                or "Crispy__Credentials"))
                Assert.True(value.StartsWith("${", StringComparison.Ordinal)
                    && value.Contains(":?", StringComparison.Ordinal), $"{name}: {key}");
            Assert.All(service.Ports, port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
            Assert.Equal(["ALL"], service.CapDrop);
            Assert.Contains("no-new-privileges:true", service.SecurityOpt);
            if (name != "rabbitmq") Assert.True(service.ReadOnly);
        }
    }

    [Fact]
    public void A_worker_that_cannot_upload_is_not_shown_as_healthy()
    {
        foreach (var file in new[] { "compose.yaml", "try.yaml" })
        {
            var test = Assert.IsType<List<object>>(ComposeFile.Read(file).Services["upload-worker"].Healthcheck!["test"]);
            Assert.Equal(["CMD", "/usr/local/bin/healthcheck.sh", "/health"], test);
        }
    }
}
