using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Crispy.Contracts;
using Crispy.Testing;

namespace Crispy.ChunkLogger.Tests;

/// <summary>chunk-logger as the process that the AppHost and the cloud start.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task The_process_serves_events_of_both_forms_and_writes_each_chunk_once_to_standard_output()
    {
        await using var site = await Site.StartAsync();
        using var folder = new TempFolder();
        var port = FreePort.Next();
        await using var process = await WatchedProcess.StartAsync(folder["out.log"], Environment(site, port), "dotnet", Program);
        using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
        await Until.TrueAsync(async () => process.IsRunning ? await IsHealthyAsync(client) : throw new InvalidOperationException(File.ReadAllText(process.LogPath)));

        var first = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer, sequence: 1));
        var second = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer, sequence: 2));
        foreach (var request in (HttpRequestMessage[])[Events.Eventarc(first), Events.PubSub(second), Events.PubSub(first), Events.Eventarc(second)])
        {
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        await process.SignalAsync("TERM");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        // With K_SERVICE set, as in the cloud, every line is JSON.
        var lines = (await File.ReadAllLinesAsync(process.LogPath, TestContext.Current.CancellationToken)).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var chunks = lines.Where(line => line.TryGetProperty("chunk", out _)).ToList();
        Assert.Equal(["gate/20261122T170844123Z/00000001", "gate/20261122T170844123Z/00000002"], chunks.Select(line => line.GetProperty("chunk").GetString()));
        Assert.All(chunks, line => Assert.Equal("verified", line.GetProperty("signature").GetString()));
    }

    [Theory]
    [InlineData("Crispy__ChunkLogger__UrlLifetime", "8.00:00:00", "Crispy:ChunkLogger:UrlLifetime '8.00:00:00'")]
    [InlineData("Crispy__ChunkLogger__RememberedObjects", "many", "Crispy:ChunkLogger:RememberedObjects 'many'")]
    [InlineData("Crispy__ChunkLogger__Colour", "red", "Crispy:ChunkLogger:Colour is not a setting")]
    [InlineData("Crispy__Signing__PublicKeys", "a key", "Crispy:Signing:PublicKeys: no key in PEM form found")]
    [InlineData("Crispy__Signing__PublicKeys", "", "Crispy:Signing:PublicKeys or Crispy:Signing:PublicKeysFile is needed")]
    [InlineData("Crispy__Signing__PublicKeysFile", "/no/such/file", "Crispy:Signing:PublicKeysFile '/no/such/file'")]
    [InlineData("Crispy__ChunkLogger__File", "/no/such/folder/chunks.jsonl", "Crispy:ChunkLogger:File '/no/such/folder/chunks.jsonl'")]
    [InlineData("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/key.json", "GOOGLE_APPLICATION_CREDENTIALS '/no/such/key.json'")]
    public async Task A_wrong_value_ends_the_process_and_names_key_and_value(string key, string value, string message)
    {
        using var signer = new ManifestSigner(SigningKey.NewPrivatePem());
        var start = new ProcessStartInfo("dotnet", [Program]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PORT"] = "0";
        start.Environment["Crispy__Signing__PublicKeys"] = signer.PublicPem;
        start.Environment[key] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains(message, await error, StringComparison.Ordinal);
        Assert.Equal(1, process.ExitCode);
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Crispy.ChunkLogger.dll");

    private static Dictionary<string, string> Environment(Site site, int port) => new()
    {
        ["PORT"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["FUNCTION_TARGET"] = "Crispy.ChunkLogger.Function",
        ["K_SERVICE"] = "chunk-logger",
        ["STORAGE_EMULATOR_HOST"] = new Uri(site.EmulatorAddress, "/storage/v1/").AbsoluteUri,
        ["Crispy__Bucket"] = Site.Bucket,
        ["Crispy__Signing__PublicKeys"] = site.Signer.PublicPem,
    };

    private static async Task<bool> IsHealthyAsync(HttpClient client)
    {
        try
        {
            return (await client.GetAsync("/health", TestContext.Current.CancellationToken)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
