using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Crispy.ChunkLogger.Writing;
using Crispy.CloudEmulator;
using Crispy.Contracts;
using Crispy.Testing;
using Google.Apis.Http;
using Google.Cloud.Storage.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.ChunkLogger.Tests;

/// <summary>An emulator and a chunk-logger on free ports, with data in a folder that goes with them.</summary>
internal sealed class Site : IAsyncDisposable
{
    public const string Bucket = "chunks";

    private readonly TempFolder _folder = new();
    private WebApplication _emulator = null!;
    private IHost? _logger;

    public ManifestSigner Signer { get; } = new(SigningKey.NewPrivatePem());

    public FakeTimeProvider Time { get; } = new(Chunk.FirstFrame.AddSeconds(2.25));

    /// <summary>What chunk-logger asked of the bucket: path and range.</summary>
    public ConcurrentQueue<(string Path, RangeHeaderValue? Range)> Requests { get; } = new();

    /// <summary>What chunk-logger writes to standard output, where it logs in JSON.</summary>
    private readonly MemoryStream _output = new();

    public string LogFile => _folder["chunks.jsonl"];

    public Uri EmulatorAddress { get; private set; } = null!;

    public StorageClient Storage { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>What chunk-logger is built of.</summary>
    public IServiceProvider Services => _logger!.Services;

    /// <summary>Gets the details of health.</summary>
    public const string HealthToken = "health-of-this-test-alone";

    public static async Task<Site> StartAsync(Dictionary<string, string?>? settings = null)
    {
        var site = new Site();
        site._emulator = EmulatorApp.Create(
            ["--urls", "http://127.0.0.1:0", "--data", site._folder["data"], "--bucket", Bucket, "--bucket", "other",
                "--signer", SignerAccount.File]);
        await site._emulator.StartAsync();
        site.EmulatorAddress = new(site._emulator.Urls.Single());
        site.Storage = new StorageClientBuilder { BaseUri = new Uri(site.EmulatorAddress, "/storage/v1/").AbsoluteUri,
            UnauthenticatedAccess = true }.Build();
        await site.StartLoggerAsync(settings);
        return site;
    }

    public async Task StartLoggerAsync(Dictionary<string, string?>? settings = null)
    {
        Dictionary<string, string?> all = new()
        {
            ["FunctionsFramework:Port"] = "0",
            ["STORAGE_EMULATOR_HOST"] = EmulatorAddress.AbsoluteUri,
            ["Crispy:Bucket"] = Bucket,
            ["Crispy:Signing:PublicKeys"] = Signer.PublicPem,
            ["Crispy:ChunkLogger:File"] = LogFile,
            ["Health:Token"] = HealthToken,
        };
        foreach (var (key, value) in settings ?? []) all[key] = value;
        _logger = Host.CreateDefaultBuilder()
            .ConfigureLogging(logging => logging.ClearProviders())
            .ConfigureWebHostDefaults(web => web
                .ConfigureAppConfiguration(configuration => configuration.AddInMemoryCollection(all))
                .ConfigureKestrelForFunctionsFramework()
                .ConfigureServices(services => services.AddFunctionTarget<Function>())
                .UseFunctionsStartup(new Startup())
                .ConfigureServices(Watch)
                .Configure((context, app) => app.UseFunctionsFramework(context)))
            .Build();
        await _logger.StartAsync();
        Client = new() { BaseAddress =
            new(_logger.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()) };
    }

    public async Task StopLoggerAsync()
    {
        Client.Dispose();
        await _logger!.StopAsync();
        _logger.Dispose();
    }

    public async Task<GcsObject> UploadAsync(Chunk chunk, Action<Dictionary<string, string>>? tamper = null)
    {
        var metadata = chunk.Metadata;
        tamper?.Invoke(metadata);
        return await UploadAsync(chunk.Name, chunk.Media, metadata);
    }

    public async Task<GcsObject> UploadAsync(string name, byte[] media,
        IDictionary<string, string>? metadata = null, string bucket = Bucket)
    {
        using var source = new MemoryStream(media);
        return await Storage.UploadObjectAsync(
            new GcsObject { Bucket = bucket, Name = name, ContentType = "video/x-matroska", Metadata = metadata }, source);
    }

    /// <summary>Sends the event in Eventarc's form.</summary>
    public Task<HttpResponseMessage> EventarcAsync(GcsObject stored, string type = "google.cloud.storage.object.v1.finalized") =>
        Client.SendAsync(Events.Eventarc(stored, type), TestContext.Current.CancellationToken);

    /// <summary>Sends the event in Pub/Sub's form.</summary>
    public Task<HttpResponseMessage> PubSubAsync(GcsObject stored, string eventType = "OBJECT_FINALIZE", bool payload = true) =>
        Client.SendAsync(Events.PubSub(stored, eventType, payload), TestContext.Current.CancellationToken);

    /// <summary>The entries in the log file.</summary>
    public List<JsonElement> Entries() => File.Exists(LogFile)
        ? [.. File.ReadAllLines(LogFile).Select(line => JsonDocument.Parse(line).RootElement)]
        : [];

    /// <summary>The lines of standard output.</summary>
    public List<JsonElement> OutputLines() =>
        [.. Encoding.UTF8.GetString(_output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>Lets the clock go on until the task has ended: pauses between attempts are measured by it.</summary>
    public async Task<T> WhileTimePassesAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            Time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.WhenAny(task, Task.Delay(5));
        }
        return await task;
    }

    public async Task FailAsync(object fault)
    {
        using var http = new HttpClient();
        using var content = new StringContent(JsonSerializer.Serialize(fault), Encoding.UTF8, "application/json");
        (await http.PostAsync(new Uri(EmulatorAddress, "/_emulator/faults"), content)).EnsureSuccessStatusCode();
    }

    /// <summary>Failures that no request has met yet.</summary>
    public async Task<int> FaultsLeftAsync()
    {
        using var http = new HttpClient();
        using var told = JsonDocument.Parse(await http.GetStringAsync(new Uri(EmulatorAddress, "/_emulator/faults")));
        return told.RootElement.GetProperty("left").GetInt32();
    }

    public async Task ClearFaultsAsync()
    {
        using var http = new HttpClient();
        (await http.DeleteAsync(new Uri(EmulatorAddress, "/_emulator/faults"))).EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        if (_logger is not null) await StopLoggerAsync();
        Storage?.Dispose();
        await _emulator.StopAsync();
        await _emulator.DisposeAsync();
        Signer.Dispose();
        _folder.Dispose();
    }

    private void Watch(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton(provider =>
            new EntryLines(Stream.Synchronized(_output), provider.GetRequiredService<ChunkLoggerOptions>().File));
        services.AddSingleton(new StorageClientBuilder
        {
            BaseUri = new Uri(EmulatorAddress, "/storage/v1/").AbsoluteUri,
            UnauthenticatedAccess = true,
            HttpClientFactory = new RecordingFactory(Requests),
        }.Build());
    }

    private sealed class RecordingFactory(ConcurrentQueue<(string, RangeHeaderValue?)> requests) : HttpClientFactory
    {
        protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => new Recorder(base.CreateHandler(args), requests);
    }

    private sealed class Recorder(HttpMessageHandler inner, ConcurrentQueue<(string, RangeHeaderValue?)> requests)
        : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            requests.Enqueue((request.RequestUri!.AbsolutePath, request.Headers.Range));
            return base.SendAsync(request, cancellationToken);
        }
    }
}
