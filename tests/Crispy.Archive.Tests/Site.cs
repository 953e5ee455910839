using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Crispy.Archive.Listing;
using Crispy.Archive.Playing;
using Crispy.CloudEmulator;
using Crispy.Contracts;
using Google.Cloud.Storage.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Tests;

/// <summary>How a site is set up.</summary>
internal sealed record SiteOptions
{
    public Dictionary<string, string?> Settings { get; init; } = [];

    /// <summary>Answers stream-handle's routes; null where there is no stream-handle.</summary>
    public Func<string, IResult>? StreamHandle { get; init; }

    /// <summary>Signs reports; null where nobody does.</summary>
    public ReportSigner? Reports { get; init; }

    public IConnectionMultiplexer? Redis { get; init; }

    public FakeTimeProvider? Time { get; init; }
}

/// <summary>The cloud emulator and the archive's routes on free ports of 127.0.0.1, with data in a folder that goes with them. What passes
/// between them is seen here.</summary>
internal sealed class Site : IAsyncDisposable
{
    public const string Bucket = "chunks";

    private readonly TempFolder _folder = new();
    private WebApplication _emulator = null!;
    private WebApplication? _streamHandle;
    private WebApplication _archive = null!;

    public ManifestSigner Signer { get; } = new(SigningKey.NewPrivatePem());

    /// <summary>Path and query of what the archive asked of the bucket.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    public StorageClient Storage { get; private set; } = null!;

    public Uri Emulator { get; private set; } = null!;

    public ChunkArchive Archive => _archive.Services.GetRequiredService<ChunkArchive>();

    public ArchiveIndex Index => _archive.Services.GetRequiredService<ArchiveIndex>();

    public Ffmpeg Ffmpeg => _archive.Services.GetRequiredService<Ffmpeg>();

    public string CacheFolder => _folder["cache"];

    public static async Task<Site> StartAsync(SiteOptions? options = null)
    {
        var (site, setup) = (new Site(), options ?? new());
        site._emulator = EmulatorApp.Create(
            ["--urls", "http://127.0.0.1:0", "--data", site._folder["data"], "--bucket", Bucket, "--signer", SignerAccount.File]);
        await site._emulator.StartAsync();
        site.Emulator = new(site._emulator.Urls.Single());
        site.Storage =
            new StorageClientBuilder { BaseUri = new Uri(site.Emulator, "/storage/v1/").AbsoluteUri, UnauthenticatedAccess = true }.Build();
        if (setup.StreamHandle is { } answer)
            site._streamHandle =
                await ServeAsync(app => app.MapFallback((HttpRequest request) => answer(request.Path + request.QueryString)));
        await site.StartArchiveAsync(setup);
        return site;
    }

    /// <summary>Makes requests to the bucket fail.</summary>
    /// <param name="fault">A status, or a kind of fault of the emulator's.</param>
    /// <param name="match">Which requests.</param>
    /// <param name="times">How many of them.</param>
    public async Task FailAsync(string fault, object match, int times = 1)
    {
        using var http = new HttpClient();
        var isStatus = int.TryParse(fault, out var status);
        var body = new { match, times, fault = isStatus ? "status" : fault, status = isStatus ? status : 503 };
        using var answer = await http.PostAsJsonAsync(new Uri(Emulator, "/_emulator/faults"), body);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Failures that no request has met yet.</summary>
    public async Task<int> FaultsLeftAsync()
    {
        using var http = new HttpClient();
        return (await http.GetFromJsonAsync<JsonElement>(new Uri(Emulator, "/_emulator/faults"))).GetProperty("left").GetInt32();
    }

    /// <summary>Ends every fault, and lets go on what is slow by one.</summary>
    public async Task ClearFaultsAsync()
    {
        using var http = new HttpClient();
        (await http.DeleteAsync(new Uri(Emulator, "/_emulator/faults"))).EnsureSuccessStatusCode();
    }

    public async Task StopEmulatorAsync() => await _emulator.StopAsync();

    public async Task StoreAsync(params Camera[] cameras)
    {
        await Parallel.ForEachAsync(cameras.SelectMany(camera => camera.Objects), new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (stored, _) => await PutAsync(stored));
    }

    public async Task PutAsync(Stored stored)
    {
        using var source = new MemoryStream(stored.Content);
        await Storage.UploadObjectAsync(
            new GcsObject { Bucket = Bucket, Name = stored.Name, ContentType = "video/x-matroska", Metadata = stored.Metadata }, source);
    }

    /// <summary>An answer of 200, as JSON.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {body}");
        return JsonElement.Parse(body);
    }

    /// <summary>A problem's JSON.</summary>
    public async Task<JsonElement> ProblemAsync(HttpStatusCode status, string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{path}: {(int)response.StatusCode} {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return JsonElement.Parse(body);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _archive.DisposeAsync();
        if (_streamHandle is not null) await _streamHandle.DisposeAsync();
        Storage.Dispose();
        await _emulator.DisposeAsync();
        Signer.Dispose();
        _folder.Dispose();
    }

    private async Task StartArchiveAsync(SiteOptions setup)
    {
        Dictionary<string, string?> settings = new()
        {
            ["STORAGE_EMULATOR_HOST"] = Emulator.AbsoluteUri, ["Crispy:Bucket"] = Bucket, ["Crispy:Signing:PublicKeys"] = Signer.PublicPem,
            ["Crispy:Credentials"] = SignerAccount.Json,
            ["Crispy:Archive:CacheFolder"] = CacheFolder,
        };
        foreach (var (key, value) in setup.Settings) settings[key] = value;
        _archive = await ServeAsync(app => app.MapArchive(), services =>
        {
            if (setup.Time is { } time) services.AddSingleton<TimeProvider>(time);
            if (setup.Redis is { } redis) services.AddSingleton(redis);
            services.AddArchive(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(),
                _streamHandle is null ? null : _ => new HttpClient { BaseAddress = new(_streamHandle.Urls.Single()) }, setup.Reports);
            services.AddSingleton<StorageClient>(_ => new StorageClientBuilder
            {
                BaseUri = new Uri(Emulator, "/storage/v1/").AbsoluteUri, UnauthenticatedAccess = true,
                HttpClientFactory = new WatchedClients(Requests),
            }.Build());
        });
        Client = new() { BaseAddress = new(_archive.Urls.Single()) };
    }

    private static async Task<WebApplication> ServeAsync(Action<WebApplication> map, Action<IServiceCollection>? register = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddRoutingCore().AddProblemDetails();
        register?.Invoke(builder.Services);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return app;
    }

    private sealed class WatchedClients(ConcurrentQueue<string> requests) : Google.Apis.Http.HttpClientFactory
    {
        protected override HttpMessageHandler CreateHandler(Google.Apis.Http.CreateHttpClientArgs args) =>
            new Watch(base.CreateHandler(args), requests);
    }

    private sealed class Watch(HttpMessageHandler inner, ConcurrentQueue<string> requests) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            requests.Enqueue($"{request.RequestUri!.PathAndQuery} {request.Headers.Range}");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
