using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes the manifest in place of running the application, then ends the AppHost.</summary>
internal sealed class ManifestPublisher(
    IConfiguration configuration,
    DistributedApplicationModel model,
    DistributedApplicationExecutionContext executionContext,
    IDistributedApplicationEventing eventing,
    IHostApplicationLifetime lifetime) : BackgroundService
{
    private const string DefaultFileName = "aspire-manifest.json";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var path = OutputPath();
            await eventing.PublishAsync(new BeforeStartEvent(executionContext.Services, model), stoppingToken).ConfigureAwait(false);
            await WriteAsync(path, stoppingToken).ConfigureAwait(false);
            Console.WriteLine($"Published manifest to: {path}");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Environment.ExitCode = 1;
            await Console.Error.WriteLineAsync($"The manifest was not published: {failure.Message}").ConfigureAwait(false);
        }

        lifetime.StopApplication();
    }

    private string OutputPath()
    {
        var (publisher, step) = (configuration["Publishing:Publisher"] ?? "manifest", configuration["Pipeline:Step"] ?? "publish-manifest");
        if (!publisher.Equals("manifest", StringComparison.OrdinalIgnoreCase) || step != "publish-manifest")
        {
            throw new DistributedApplicationException($"Only the publisher 'manifest' (step 'publish-manifest') is there, not '{publisher}' ('{step}').");
        }

        var path = configuration["Pipeline:OutputPath"] ?? throw new DistributedApplicationException("Where to? Say --output-path FILE.");
        return Path.GetFullPath(path.EndsWith(".json", StringComparison.Ordinal) ? path : Path.Combine(path, DefaultFileName));
    }

    private async Task WriteAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var beside = $"{path}.{Environment.ProcessId}";
        await using (var file = new FileStream(beside, FileMode.Create))
        {
            await using var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
            var context = new ManifestPublishingContext(executionContext, path, writer, cancellationToken);
            await context.WriteModelAsync(model).ConfigureAwait(false);
        }

        File.Move(beside, path, overwrite: true);
    }
}
