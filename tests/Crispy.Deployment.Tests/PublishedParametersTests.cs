using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Crispy.Deployment.Tests;

public sealed class PublishedParametersTests
{
    [Fact]
    public async Task Every_secret_is_a_parameter_that_is_asked_for_or_generated()
    {
        var resources = await Repository.ResourcesAsync();

        foreach (var asked in new[] { "signing-key", "report-key", "gcs-credentials" })
        {
            Assert.True((bool)Input(resources, asked)["secret"]!);
            Assert.Null(Input(resources, asked)["default"]);
        }
        foreach (var generated in new[] { "api-token", "redis-password", "rabbitmq-password" })
        {
            Assert.True((bool)Input(resources, generated)["secret"]!);
            Assert.InRange((int)Input(resources, generated)["default"]!["generate"]!["minLength"]!, 22, 128);
            // They stand in addresses and connection strings.
            Assert.False((bool)Input(resources, generated)["default"]!["generate"]!["special"]!);
        }
        // Each key has one holder.
        Assert.Equal(
            [("console", "Crispy__Console__ReportKey", "{report-key.value}"),
                ("stream-handle", "Crispy__Signing__PrivateKey", "{signing-key.value}")],
            resources.Where(resource => resource.Value!["env"] is JsonObject)
                .SelectMany(resource => resource.Value!["env"]!.AsObject()
                    .Where(pair => ((string?)pair.Value ?? "").Contains("-key.value", StringComparison.Ordinal))
                .Select(pair => (resource.Key, pair.Key, (string)pair.Value!))).Order());
        foreach (var service in new[] { "stream-handle", "console" })
            Assert.Equal("{api-token.value}", (string?)resources[service]!["env"]!["Crispy__Api__Token"]);
    }

    [Fact]
    public async Task Streams_are_published_without_their_addresses()
    {
        var resources = await Repository.PublishAsync(
            ["--Crispy:Streams:0:Id=gate", "--Crispy:Streams:0:Url=rtsp://user:hunter2@192.0.2.1/a", "--Crispy:Streams:0:Window=2",
            "--Crispy:Streams:1:Id=door", "--Crispy:Streams:1:Url=rtsp://user:hunter2@192.0.2.2/b"]);

        var environment = resources["stream-handle"]!["env"]!;
        Assert.Equal(("gate", "2", "{stream-0-url.value}"),
            ((string?)environment["Crispy__Streams__0__Id"], (string?)environment["Crispy__Streams__0__Window"],
                (string?)environment["Crispy__Streams__0__Url"]));
        Assert.Equal(("door", "{stream-1-url.value}"),
            ((string?)environment["Crispy__Streams__1__Id"], (string?)environment["Crispy__Streams__1__Url"]));
        Assert.True((bool)Input(resources, "stream-1-url")["secret"]!);
        Assert.DoesNotContain("hunter2", resources.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_published_setting_is_one_that_its_service_reads()
    {
        foreach (var service in new[] { "stream-handle", "upload-worker", "chunk-logger", "console" })
            KnownSettings.RequireRead(service, (await Repository.EnvironmentAsync(service)).Keys);
    }

    [Fact]
    public async Task Every_service_is_built_from_the_repository_with_its_own_dockerfile()
    {
        var resources = await Repository.ResourcesAsync();
        foreach (var (service, folder) in new[] { ("stream-handle", "Crispy.StreamHandle"), ("upload-worker", "Crispy.UploadWorker"),
            ("chunk-logger", "Crispy.ChunkLogger"), ("console", "Crispy.Console") })
        {
            Assert.Matches($"(^|/){Regex.Escape(folder)}/Dockerfile$", (string)resources[service]!["build"]!["dockerfile"]!);
            Assert.EndsWith(Path.GetFileName(Repository.Root), ((string)resources[service]!["build"]!["context"]!).TrimEnd('/'),
                StringComparison.Ordinal);
            Assert.Equal("http", (string?)resources[service]!["bindings"]!["http"]!["scheme"]);
        }
        // Events come from outside, and so do people; the others are nobody's business.
        Assert.True((bool)resources["console"]!["bindings"]!["http"]!["external"]!);
        Assert.True((bool)resources["chunk-logger"]!["bindings"]!["http"]!["external"]!);
        Assert.Null(resources["stream-handle"]!["bindings"]!["http"]!["external"]);
    }

    [Fact]
    public void Azd_finds_the_apphost()
    {
        var azure = Yaml.Read<AzureYaml>(Repository.Read("azure.yaml"));
        var service = Assert.Single(azure.Services).Value;

        Assert.Equal(("crispy", "dotnet", "containerapp"), (azure.Name, service.Language, service.Host));
        Assert.True(File.Exists(Repository.PathOf(service.Project)), $"{service.Project} is missing");
    }

    private static JsonNode Input(JsonObject resources, string parameter) => resources[parameter]!["inputs"]!["value"]!;

    private sealed class AzureYaml
    {
        public string Name { get; set; } = "";

        public Dictionary<string, AzureService> Services { get; set; } = [];
    }

    private sealed class AzureService
    {
        public string Language { get; set; } = "";

        public string Project { get; set; } = "";

        public string Host { get; set; } = "";
    }
}
