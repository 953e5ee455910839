using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Crispy.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Crispy.EndToEnd.Tests;

/// <summary>The AppHost in this process, by Aspire's own testing package: its model, and what its commands do to a run.</summary>
public sealed class ModelTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_resource_has_an_icon_and_every_service_a_health_check_in_words()
    {
        await using var builder = await CreateAsync();
        var resources = builder.Resources.Where(resource => resource is ProjectResource or ExecutableResource
            && !resource.Name.EndsWith("-rebuilder", StringComparison.Ordinal)).ToDictionary(resource => resource.Name);
        Assert.Equal(["bucket", "chunk-logger", "console", "rabbitmq", "rabbitmq-epmd", "redis", "stream-handle", "upload-worker"],
            resources.Keys.Order());
        Assert.All(resources.Values,
            resource => Assert.True(resource.HasAnnotationOfType<ResourceIconAnnotation>(), $"{resource.Name} has no icon"));
        foreach (var service in resources.Values.OfType<ProjectResource>())
        {
            Assert.Contains(service.Annotations.OfType<HealthCheckAnnotation>(), check => check.Key == $"{service.Name}-says");
            Assert.True(service.HasAnnotationOfType<ExecutableAnnotation>(), $"{service.Name} is started by dotnet run");
        }
        Assert.Equal(2, resources["upload-worker"].Annotations.OfType<ReplicaAnnotation>().Single().Replicas);
        Assert.Contains(resources["rabbitmq-epmd"].Annotations.OfType<ResourceRelationshipAnnotation>(),
            relation => relation is { Type: "Parent", Resource.Name: "rabbitmq" });
    }

    [Fact]
    public async Task Every_parameter_of_a_run_on_this_machine_has_its_value()
    {
        await using var builder = await CreateAsync();
        var parameters = builder.Resources.OfType<ParameterResource>().ToList();
        Assert.Equal(["bucket-name", "report-key", "signing-key", "signing-public-keys"],
            parameters.Select(parameter => parameter.Name).Order());
        foreach (var parameter in parameters) Assert.NotEmpty(await parameter.GetValueAsync(Cancellation) ?? "");
        Assert.Equal(["report-key", "signing-key"],
            parameters.Where(parameter => parameter.Secret).Select(parameter => parameter.Name).Order());
    }

    [Fact]
    public async Task Its_commands_cut_the_bucket_bring_it_back_add_a_camera_and_break_the_cameras()
    {
        await using var builder = await CreateAsync();
        // Nobody takes telemetry in a test.
        builder.Configuration["OTEL_EXPORTER_OTLP_TIMEOUT"] = "500";
        await using var app = await builder.BuildAsync(Cancellation);
        await app.StartAsync(Cancellation);
        foreach (var name in new[] { "redis", "rabbitmq", "bucket", "chunk-logger", "upload-worker", "stream-handle", "console" })
            await app.ResourceNotifications.WaitForResourceHealthyAsync(name, Cancellation).WaitAsync(4 * Limit, Cancellation);
        using var api = app.CreateHttpClient("stream-handle", "http");
        await Until.TrueAsync(async () => (await StreamAsync(api, "demo"))?["law"]?["stored"]?.GetValue<long>() >= 1,
            Limit, "a chunk is stored");

        await ExecuteAsync(app, "stream-handle", "add-demo");
        await Until.TrueAsync(async () => (await StreamAsync(api, "demo-1"))?["law"]?["stored"]?.GetValue<long>() >= 1, Limit,
            "the added camera is recorded");

        await ExecuteAsync(app, "bucket", "cut");
        await Until.TrueAsync(async () => (await StreamAsync(api, "demo"))!["spooled"]!.GetValue<long>() >= 3, Limit, "chunks wait");
        await ExecuteAsync(app, "bucket", "mend");
        await Until.TrueAsync(async () => (await StreamAsync(api, "demo"))!["spooled"]!.GetValue<long>() <= 1, Limit,
            "what waited is stored");

        var epoch = (string?)(await StreamAsync(api, "demo"))!["epoch"];
        await ExecuteAsync(app, "stream-handle", "break-cameras");
        await Until.TrueAsync(async () => (string?)(await StreamAsync(api, "demo"))!["epoch"] != epoch, Limit,
            "the camera is recorded again, in an epoch of its own");
        await app.StopAsync(Cancellation);
    }

    private static async Task ExecuteAsync(DistributedApplication app, string resource, string command)
    {
        var commands = app.Services.GetRequiredService<ResourceCommandService>();
        var result = await commands.ExecuteCommandAsync(
            app.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(one => one.Name == resource), command,
            Cancellation);
        Assert.True(result.Success, $"{command}: {result.Message}");
    }

    private static async Task<JsonNode?> StreamAsync(HttpClient api, string id)
    {
        using var answer = await api.GetAsync($"/api/streams/{id}", Cancellation);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonNode>(Cancellation) : null;
    }

    private Task<IDistributedApplicationTestingBuilder> CreateAsync() =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.Crispy_AppHost>(
            ["--data", _folder["data"], "--backends", "local", "--window", "1", "demo:"], Cancellation);
}
