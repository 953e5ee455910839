using System.Text.Json.Nodes;
using Crispy.Testing;

namespace Crispy.EndToEnd.Tests;

public sealed class PublishedManifestTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_manifest_names_all_resources_volumes_and_secret_parameters()
    {
        var resources = (await PublishAsync())["resources"]!.AsObject();

        foreach (var name in new[] { "redis", "rabbitmq", "chunk-logger", "upload-worker", "stream-handle", "console", "bucket-name",
            "signing-key", "report-key", "signing-public-keys", "gcs-credentials", "api-token" })
            Assert.True(resources.ContainsKey(name), $"{name} is missing");
        Assert.False(resources.ContainsKey("bucket"), "the emulator is published");
        foreach (var backend in new[] { "redis", "rabbitmq" })
        {
            Assert.Equal("container.v0", (string?)resources[backend]!["type"]);
            Assert.Matches(@":\d+\.\d+", (string?)resources[backend]!["image"]);
            Assert.NotEmpty(resources[backend]!["volumes"]!.AsArray());
        }
        foreach (var service in new[] { "upload-worker", "stream-handle" })
        {
            Assert.Equal("container.v1", (string?)resources[service]!["type"]);
            Assert.Equal("crispy-spool", (string?)resources[service]!["volumes"]![0]!["name"]);
            Assert.Equal((string?)resources[service]!["volumes"]![0]!["target"],
                (string?)resources[service]!["env"]!["Crispy__Spool__Path"]);
        }
        foreach (var secret in new[] { "signing-key", "report-key", "gcs-credentials", "api-token" })
            Assert.True((bool)resources[secret]!["inputs"]!["value"]!["secret"]!);
        Assert.Equal("{signing-key.value}", (string?)resources["stream-handle"]!["env"]!["Crispy__Signing__PrivateKey"]);
        Assert.Equal("{api-token.value}", (string?)resources["stream-handle"]!["env"]!["Crispy__Api__Token"]);
        Assert.Null(resources["stream-handle"]!["env"]!["Crispy__Api__AllowAnonymous"]);
    }

    [Fact]
    public async Task Every_expression_names_something_that_exists_and_every_dockerfile_is_there()
    {
        var resources = (await PublishAsync())["resources"]!.AsObject();
        foreach (var text in Texts(resources))
        {
            foreach (System.Text.RegularExpressions.Match expression in System.Text.RegularExpressions.Regex.Matches(text,
                @"\{([a-z0-9-]+)\.([^}]+)\}"))
            {
                var named = resources[expression.Groups[1].Value];
                Assert.True(named is not null, $"{expression.Value} names no resource");
                if (expression.Groups[2].Value.Split('.') is ["bindings", var binding, ..]) Assert.NotNull(named["bindings"]?[binding]);
            }
        }
        foreach (var (_, resource) in resources)
        {
            if (resource!["build"]?["dockerfile"] is { } dockerfile)
                Assert.True(File.Exists(Path.Combine(_folder.Path, (string)dockerfile!)), $"{dockerfile} is missing");
        }
    }

    private async Task<JsonNode> PublishAsync()
    {
        var path = _folder["manifest.json"];
        await using var run = AppHostRun.StartAs(["--publisher", "manifest", "--output-path", path]);
        await run.WaitForExitAsync();
        Assert.True(run.ExitCode == 0, run.Output);
        return JsonNode.Parse(File.ReadAllText(path))!;
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject all => all.SelectMany(pair => Texts(pair.Value)),
        JsonArray all => all.SelectMany(Texts),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };
}
