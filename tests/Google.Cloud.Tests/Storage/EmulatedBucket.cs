using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Crispy.CloudEmulator;
using Crispy.Testing;
using Google.Cloud.Storage.V1;
using Microsoft.AspNetCore.Builder;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Google.Cloud.Tests.Storage;

/// <summary>The emulator with one bucket, Google's client for it, and faults to come.</summary>
internal sealed class EmulatedBucket : IAsyncDisposable
{
    public const string Name = "chunks";

    private readonly TempFolder _folder = new();
    private readonly WebApplication _emulator;

    private EmulatedBucket(string[] options)
    {
        string[] own = ["--urls", "http://127.0.0.1:0", "--data", _folder.Path, "--bucket", Name, "--Logging:LogLevel:Default=Warning"];
        _emulator = EmulatorApp.Create([.. own, .. options]);
        _emulator.Use((context, next) =>
        {
            var request = context.Request;
            if (!request.Path.StartsWithSegments("/_emulator")) Requests.Enqueue($"{request.Method} {request.Path}{request.QueryString}");
            return next(context);
        });
    }

    /// <summary>What reached the emulator: method, path and query.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public Uri Address { get; private set; } = null!;

    public StorageClient Client { get; private set; } = null!;

    public HttpClient Http { get; } = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<EmulatedBucket> StartAsync(params string[] options)
    {
        var bucket = new EmulatedBucket(options);
        await bucket._emulator.StartAsync(Cancellation);
        bucket.Address = new(bucket._emulator.Urls.Single());
        bucket.Http.BaseAddress = bucket.Address;
        var builder =
            new StorageClientBuilder { BaseUri = new Uri(bucket.Address, "/storage/v1/").AbsoluteUri, UnauthenticatedAccess = true };
        bucket.Client = await builder.BuildAsync(Cancellation);
        return bucket;
    }

    public async Task<GcsObject> StoreAsync(
        string name, byte[] data, Dictionary<string, string>? metadata = null, UploadObjectOptions? options = null)
    {
        using var source = new MemoryStream(data);
        var resource = new GcsObject { Bucket = Name, Name = name, ContentType = "video/x-matroska", Metadata = metadata };
        return await Client.UploadObjectAsync(resource, source, options, Cancellation);
    }

    public async Task FailAsync(object fault)
    {
        using var answer = await Http.PostAsJsonAsync("/_emulator/faults", fault, Cancellation);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Failures that no request has met yet.</summary>
    public async Task<int> LeftAsync() =>
        (await Http.GetFromJsonAsync<JsonElement>("/_emulator/faults", Cancellation)).GetProperty("left").GetInt32();

    public async Task ClearAsync() => (await Http.DeleteAsync("/_emulator/faults", Cancellation)).Dispose();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Http.Dispose();
        await _emulator.StopAsync(CancellationToken.None);
        await _emulator.DisposeAsync();
        _folder.Dispose();
    }
}
