using System.Net.Http.Json;
using Crispy.CloudEmulator;
using Google.Cloud.Storage.V1;
using Microsoft.AspNetCore.Builder;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Cli.Tests;

/// <summary>A bucket of the emulator, with its data in a folder of the test's.</summary>
internal sealed class EmulatedBucket : IAsyncDisposable
{
    /// <summary>Its name.</summary>
    public const string Name = "chunks";

    private readonly WebApplication _emulator;

    private EmulatedBucket(WebApplication emulator)
    {
        _emulator = emulator;
        Host = new Uri(new(emulator.Urls.Single()), "/storage/v1/").AbsoluteUri;
        Storage = new StorageClientBuilder { BaseUri = Host, UnauthenticatedAccess = true }.Build();
    }

    /// <summary>Its API, as in <c>STORAGE_EMULATOR_HOST</c>.</summary>
    public string Host { get; }

    /// <summary>Google's own client of it.</summary>
    public StorageClient Storage { get; }

    public static async Task<EmulatedBucket> StartAsync(string folder)
    {
        var emulator = EmulatorApp.Create(["--urls", "http://127.0.0.1:0", "--data", folder, "--bucket", Name]);
        await emulator.StartAsync();
        return new(emulator);
    }

    /// <summary>Makes the next question fail, or the next download.</summary>
    /// <param name="fault">A status, or a kind of fault of the emulator's.</param>
    /// <param name="isDownload">Which of them.</param>
    public async Task FailAsync(string fault, bool isDownload)
    {
        using var http = new HttpClient();
        var isStatus = int.TryParse(fault, out var status);
        var match = new { method = "GET", queryContains = isDownload ? "alt=media" : "" };
        var body = new { match, fault = isStatus ? "status" : fault, status = isStatus ? status : 503 };
        using var answer = await http.PostAsJsonAsync(new Uri(new(_emulator.Urls.Single()), "/_emulator/faults"), body);
        answer.EnsureSuccessStatusCode();
    }

    public Task StopAsync() => _emulator.StopAsync();

    public async Task PutAsync(string name, byte[] content, Dictionary<string, string> metadata)
    {
        using var source = new MemoryStream(content);
        await Storage.UploadObjectAsync(new GcsObject { Bucket = Name, Name = name, ContentType = "video/x-matroska", Metadata = metadata },
            source);
    }

    public async Task<Recording> UploadAsync(Recording recording)
    {
        foreach (var stored in recording.Objects) await PutAsync(stored.Name, stored.Content, stored.Metadata);
        return recording;
    }

    public async ValueTask DisposeAsync()
    {
        Storage.Dispose();
        await _emulator.DisposeAsync();
    }
}
