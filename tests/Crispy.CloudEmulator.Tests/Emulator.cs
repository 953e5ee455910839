using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Crispy.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Crispy.CloudEmulator.Tests;

/// <summary>The emulator in this process, on a free port, with a bucket "demo".</summary>
internal sealed class Emulator : IAsyncDisposable
{
    private readonly TempFolder? _ownFolder;
    private readonly WebApplication _app;

    private Emulator(TempFolder? ownFolder, string data, WebApplication app)
    {
        _ownFolder = ownFolder;
        _app = app;
        Data = data;
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(Warnings);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public string Data { get; }

    /// <summary>Warnings and worse that were logged, of the web server too.</summary>
    public WarningLog Warnings { get; } = new();

    public HttpClient Client { get; }

    public Uri Uri => Client.BaseAddress!;

    public static async Task<Emulator> StartAsync(params string[] options)
    {
        var folder = new TempFolder();
        return await StartAsync(folder, folder.Path, options);
    }

    /// <summary>On a folder that outlives it.</summary>
    public static Task<Emulator> StartOnAsync(TempFolder folder, params string[] options) => StartAsync(null, folder.Path, options);

    public string FileOf(params string[] path) => Path.Combine([Data, "bucket", "demo", .. path]);

    public string[] Files() =>
        [.. Directory.EnumerateFiles(Path.Combine(Data, "bucket"), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Path.Combine(Data, "bucket"), file))];

    public Task<HttpResponseMessage> MultipartAsync(string name, byte[] bytes, string query = "", object? resource = null)
    {
        var content = new MultipartContent("related")
        {
            new StringContent(JsonSerializer.Serialize(resource ?? new { name }), Encoding.UTF8, "application/json"),
            new ByteArrayContent(bytes) { Headers = { { "Content-Type", "video/mp4" } } },
        };
        return Client.PostAsync($"/upload/storage/v1/b/demo/o?uploadType=multipart{query}", content);
    }

    public async Task<JsonElement> StoreAsync(string name, byte[] bytes)
    {
        using var response = await MultipartAsync(name, bytes);
        return await JsonAsync(response);
    }

    public async Task<JsonElement> GetJsonAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        return await JsonAsync(response);
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public static async Task<string?> ReasonAsync(HttpResponseMessage response)
    {
        var error = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((int)response.StatusCode, error.GetProperty("error").GetProperty("code").GetInt32());
        return error.GetProperty("error").GetProperty("errors")[0].GetProperty("reason").GetString();
    }

    public static string ObjectUri(string name, string query = "") => $"/storage/v1/b/demo/o/{Uri.EscapeDataString(name)}{query}";

    public Task<HttpResponseMessage> DownloadAsync(string name, string? range = null, string query = "")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, ObjectUri(name, "?alt=media" + query));
        if (range is not null) request.Headers.TryAddWithoutValidation("Range", range);
        return Client.SendAsync(request);
    }

    public async Task FaultAsync(object fault)
    {
        using var response = await Client.PostAsJsonAsync("/_emulator/faults", fault);
        Assert.True(response.IsSuccessStatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _ownFolder?.Dispose();
    }

    private static async Task<Emulator> StartAsync(TempFolder? own, string data, string[] options)
    {
        var app = EmulatorApp.Create(
            ["--urls", "http://127.0.0.1:0", "--data", data, "--bucket", "demo", "--Logging:LogLevel:Default=Warning", .. options]);
        await app.StartAsync();
        return new(own, data, app);
    }
}

/// <summary>Bytes that are the same in each run.</summary>
internal static class Sample
{
    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
