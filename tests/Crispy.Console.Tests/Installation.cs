using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Crispy.Console.Tests.Notifying;
using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

/// <summary>The whole system as its user starts it, with two cameras that record at once, and a browser.</summary>
public class Installation : IAsyncLifetime
{
    /// <summary>What signs what <see cref="Webhooks"/> is sent.</summary>
    public const string WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private const string BucketSetting = "STORAGE_EMULATOR_HOST=";

    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new();
    private WatchedProcess? _appHost;
    private IPlaywright? _playwright;

    /// <summary>The console's address.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>The camera of the stream <c>gate</c>.</summary>
    public RtspCamera Gate { get; private set; } = null!;

    /// <summary>The camera of the stream <c>hall</c>; it asks for a password.</summary>
    public RtspCamera Hall { get; private set; } = null!;

    /// <summary>Those that the console tells of what happens.</summary>
    public WebhookReceiver Webhooks { get; private set; } = null!;

    /// <summary>The browser.</summary>
    public IBrowser Browser { get; private set; } = null!;

    /// <summary>The spool's folder.</summary>
    public string Spool => _folder["data", "spool"];

    /// <summary>What the processes printed.</summary>
    public string Output => File.ReadAllText(_appHost!.LogPath);

    /// <summary>Settings besides the usual ones, as variables of the environment.</summary>
    protected virtual IEnumerable<KeyValuePair<string, string>> Settings => [];

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        Gate = await RtspCamera.StartPipelineAsync(
            "( videotestsrc is-live=true pattern=smpte horizontal-speed=2 ! video/x-raw,width=640,height=360,framerate=15/1 ! "
            + "x264enc tune=zerolatency sliced-threads=false key-int-max=15 ! rtph264pay name=pay0 pt=96 config-interval=-1 )");
        Hall = await RtspCamera.StartAsync(width: 320, height: 240, fps: 10, gop: 10, user: "viewer", password: "s3cret-of-the-hall");
        Webhooks = await WebhookReceiver.StartAsync();
        var environment = new Dictionary<string, string>
        {
            ["Crispy__Notify__0__Url"] = Webhooks.Address + "/hook/of-these-tests", ["Crispy__Notify__0__Secret"] = WebhookSecret,
            ["Crispy__Streams__0__Id"] = "gate", ["Crispy__Streams__0__Name"] = "Gate, north", ["Crispy__Streams__0__Url"] = Gate.Url,
            ["Crispy__Streams__0__Window"] = "1",
            ["Crispy__Streams__1__Id"] = "hall", ["Crispy__Streams__1__Url"] = Hall.Url, ["Crispy__Streams__1__Window"] = "1",
        };
        foreach (var (key, value) in Settings) environment[key] = value;
        _appHost = await WatchedProcess.StartAsync(_folder["apphost.log"], environment, "dotnet", Program("Crispy.AppHost"),
            "--data", _folder["data"]);
        var note = _folder["data", "console.url"];
        await Until.TrueAsync(() => !_appHost.IsRunning || (File.Exists(note) && new FileInfo(note).Length > 0), TimeSpan.FromMinutes(3));
        if (!_appHost.IsRunning) throw new InvalidOperationException($"the AppHost ended:\n{Output}");
        Address = new(File.ReadAllText(note));
        (_playwright, Browser) = await Chromium.LaunchAsync();
        await Until.TrueAsync(async () => await StoredAsync("gate") >= 2 && await StoredAsync("hall") >= 2, TimeSpan.FromMinutes(2));
    }

    /// <summary>Path of a program of this build.</summary>
    public static string Program(string name) =>
        Path.Combine(AppContext.BaseDirectory, "..", "..", name,
            Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), $"{name}.dll");

    /// <summary>A page of the console, which fails the test if it loads anything from elsewhere or breaks its own policy.</summary>
    public Task<ConsolePage> OpenAsync(string path, ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 900) =>
        ConsolePage.OpenAsync(Browser, new(Address, path), scheme, width, height);

    /// <summary>Reads JSON of the API.</summary>
    public async Task<JsonNode> GetAsync(string path) => (await _http.GetFromJsonAsync<JsonNode>(new Uri(Address, path)))!;

    /// <summary>Reads text of the API.</summary>
    public Task<string> TextAsync(string path) => _http.GetStringAsync(new Uri(Address, path));

    /// <summary>Asks the API, and takes any answer.</summary>
    public Task<HttpResponseMessage> GetRawAsync(string path) => _http.GetAsync(new Uri(Address, path));

    /// <summary>Sends JSON to the API.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, object body) => _http.PostAsJsonAsync(new Uri(Address, path), body);

    /// <summary>Deletes by the API.</summary>
    public Task<HttpResponseMessage> DeleteAsync(string path) => _http.DeleteAsync(new Uri(Address, path));

    /// <summary>How many chunks of a stream are stored.</summary>
    public async Task<long> StoredAsync(string stream)
    {
        using var answer = await _http.GetAsync(new Uri(Address, $"/api/streams/{stream}"));
        return answer.IsSuccessStatusCode ? (long?)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["law"]?["stored"] ?? 0 : 0;
    }

    /// <summary>A stored chunk of the last two minutes of a stream, in the middle of those that there are,
    /// as the archive lists it.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="least">How many there must be at least; they are waited for.</param>
    public async Task<JsonNode> ChunkAsync(string stream, int least = 1)
    {
        JsonNode? found = null;
        await Until.TrueAsync(async () =>
        {
            using var answer = await _http.GetAsync(new Uri(Address,
                $"/api/chunks?stream={stream}&state=stored&from={TimeProvider.System.GetUtcNow().AddMinutes(-2):yyyy-MM-ddTHH:mm:ssZ}"
                    + $"&limit=1000"));
            if (!answer.IsSuccessStatusCode) return false;
            var items = (await answer.Content.ReadFromJsonAsync<JsonNode>())!["items"]!.AsArray();
            if (items.Count < least) return false;
            found = items[items.Count / 2];
            return true;
        }, TimeSpan.FromMinutes(2));
        return found!;
    }

    /// <summary>Ids of the run's processes of one program.</summary>
    public IReadOnlyList<int> Processes(string program) =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(int.Parse!)
            .Where(id => Text(id, "cmdline").Split('\0')
                .Any(part => Path.GetFileName(part) is var name && (name == program || name == $"{program}.dll"))
                && Text(id, "environ").Contains(_folder.Path, StringComparison.Ordinal))];

    /// <summary>Cuts the bucket off, as the dashboard's command does: every request is reset.</summary>
    public async Task CutBucketOffAsync() =>
        (await _http.PostAsJsonAsync(BucketFaults, new { fault = "resetBeforeBody", times = int.MaxValue })).EnsureSuccessStatusCode();

    /// <summary>Ends it.</summary>
    public async Task BringBucketBackAsync() => (await _http.DeleteAsync(BucketFaults)).EnsureSuccessStatusCode();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Browser is not null) await Browser.DisposeAsync();
        _playwright?.Dispose();
        _http.Dispose();
        if (_appHost is not null) await _appHost.DisposeAsync();
        if (Gate is not null) await Gate.DisposeAsync();
        if (Hall is not null) await Hall.DisposeAsync();
        if (Webhooks is not null) await Webhooks.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private Uri BucketFaults => new(new Uri(Processes("Crispy.UploadWorker").SelectMany(id => Text(id, "environ").Split('\0'))
        .First(setting => setting.StartsWith(BucketSetting, StringComparison.Ordinal))[BucketSetting.Length..]), "/_emulator/faults");

    private static string Text(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
