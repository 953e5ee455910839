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
        await Until.TrueAsync(async () => process.IsRunning
            ? await IsHealthyAsync(client)
            : throw new InvalidOperationException(File.ReadAllText(process.LogPath)));

        var first = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer, sequence: 1));
        var second = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer, sequence: 2));
        foreach (var request in (HttpRequestMessage[])[Events.Eventarc(first), Events.PubSub(second), Events.PubSub(first),
            Events.Eventarc(second)])
        {
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        await process.SignalAsync("TERM");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        // With K_SERVICE set, as in the cloud, every line is JSON.
        var lines = (await File.ReadAllLinesAsync(process.LogPath, TestContext.Current.CancellationToken))
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var chunks = lines.Where(line => line.TryGetProperty("chunk", out _)).ToList();
        Assert.Equal(["gate/20261122T170844123Z/00000001", "gate/20261122T170844123Z/00000002"],
            chunks.Select(line => line.GetProperty("chunk").GetString()));
        Assert.All(chunks, line => Assert.Equal("verified", line.GetProperty("signature").GetString()));
    }

    [Theory]
    [InlineData("Crispy__ChunkLogger__UrlLifetime", "8.00:00:00", "Crispy:ChunkLogger:UrlLifetime '8.00:00:00'")]
    [InlineData("Crispy__ChunkLogger__RememberedObjects", "many", "Crispy:ChunkLogger:RememberedObjects 'many'")]
    [InlineData("Crispy__ChunkLogger__Colour", "red", "Crispy:ChunkLogger:Colour is not a setting")]
    [InlineData("Crispy__ChunkLogger__UrlLifetime", "00:00:59", "Crispy:ChunkLogger:UrlLifetime '00:00:59'")]
    [InlineData("Crispy__ChunkLogger__UrlContentType", "a video", "Crispy:ChunkLogger:UrlContentType 'a video'")]
    [InlineData("Crispy__ChunkLogger__UrlContentDisposition", "in\nline", "Crispy:ChunkLogger:UrlContentDisposition 'in")]
    [InlineData("Crispy__ChunkLogger__Topic", "records", "Crispy:ChunkLogger:Topic 'records'")]
    [InlineData("Crispy__ChunkLogger__SigningAccount", "me", "Crispy:ChunkLogger:SigningAccount 'me'")]
    [InlineData("Crispy__ChunkLogger__IamEndpoint", "ftp://iam", "Crispy:ChunkLogger:IamEndpoint 'ftp://iam'")]
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

    [Fact]
    public async Task A_machine_with_an_identity_and_no_key_signs_by_iam_publishes_and_sends_telemetry()
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await Site.StartAsync();
        using var folder = new TempFolder();
        var port = FreePort.Next();
        var environment = Environment(site, port);
        environment["HOME"] = folder.Path;
        environment["GOOGLE_APPLICATION_CREDENTIALS"] = "";
        environment["GCE_METADATA_HOST"] = google.Address.Authority;
        environment["Crispy__ChunkLogger__IamEndpoint"] = google.Address.AbsoluteUri;
        environment["Crispy__ChunkLogger__Topic"] = "projects/crispy-tests/topics/records";
        environment["PUBSUB_EMULATOR_HOST"] = google.Address.Authority;
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = google.Address.AbsoluteUri;
        environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        await using var process = await WatchedProcess.StartAsync(folder["out.log"], environment, "dotnet", Program);
        using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
        await Until.TrueAsync(async () => process.IsRunning
            ? await IsHealthyAsync(client)
            : throw new InvalidOperationException(File.ReadAllText(process.LogPath)));

        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        using var request = Events.Eventarc(await site.UploadAsync(chunk));
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await File.ReadAllTextAsync(process.LogPath, TestContext.Current.CancellationToken));
        await process.SignalAsync("TERM");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        var signing = Assert.Single(google.Posts, post => post.Path.EndsWith(":signBlob", StringComparison.Ordinal));
        Assert.Equal($"Bearer {FakeGoogle.MachineToken}", signing.Authorization);
        var (record, _) = Assert.Single(google.Published);
        using var http = new HttpClient();
        Assert.Equal(chunk.Media,
            await http.GetByteArrayAsync(record.GetProperty("signedUrl").GetString(), TestContext.Current.CancellationToken));
        Assert.Equal($"projects/project-of-the-machine/traces/{Chunk.Traceparent.Split('-')[1]}", record.GetProperty("trace").GetString());
        Assert.Equal(["/v1/logs", "/v1/metrics", "/v1/traces"], google.Telemetry.Keys.Order());
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
