using System.Diagnostics;
using Crispy.Testing;

namespace Crispy.Console.Tests;

/// <summary>The document of the whole API, judged by the programs that client generators' users run.</summary>
[Collection<OneInstallation>]
public sealed class OpenApiTests(Installation installation)
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "openapi");

    [Fact]
    public async Task The_document_of_the_whole_API_passes_redocly_and_spectral_without_an_error()
    {
        var document = await installation.GetAsync("/openapi/v1.json");
        foreach (var path in (string[])["/api/duty", "/api/streams/{id}/pause", "/api/ledger.csv"])
            Assert.NotNull(document["paths"]![path]);
        using var folder = new TempFolder();
        var file = folder["openapi.json"];
        await File.WriteAllTextAsync(file, document.ToJsonString(), TestContext.Current.CancellationToken);
        await RunAsync("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
        var bin = Path.Combine(Folder, "node_modules", ".bin");
        await RunAsync(Path.Combine(bin, "redocly"), "lint", file, "--config", "redocly.yaml", "--format", "stylish");
        await RunAsync(Path.Combine(bin, "spectral"), "lint", file, "--ruleset", "spectral.yaml", "--fail-severity", "error");
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true,
            RedirectStandardError = true };
        start.Environment["REDOCLY_TELEMETRY"] = "off";
        start.Environment["REDOCLY_SUPPRESS_UPDATE_NOTICE"] = "true";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{Path.GetFileName(program)} {string.Join(' ', arguments)}\n{await output}\n{await error}");
    }
}
