using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Contracts;
using Crispy.Crash;

namespace Crispy.Cli.Tests.Running;

/// <summary>The whole system as processes with the console before it, shared by all tests.
/// Started by the first test that asks for it.</summary>
/// <remarks>Recorded before the first test: <c>gate</c> (Matroska, B-frames, sound) and <c>yard</c> (MP4), 12 s from
/// 2026-11-20T14:03:00Z in chunks of 2 s. <c>hole</c> is the same without its third chunk in the bucket.
/// The only chunk of <c>door</c> is dead.</remarks>
public sealed class RecordingSystem : IAsyncLifetime
{
    /// <summary>When the recorded clips begin.</summary>
    public static readonly DateTimeOffset Start = new(2026, 11, 20, 14, 3, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new();
    private readonly SemaphoreSlim _starting = new(1);
    private readonly SemaphoreSlim _faulty = new(1);
    private WholeSystem? _system;
    private Service? _console;

    /// <summary>A file of the system's folder.</summary>
    public string this[string name] => _folder[name];

    /// <summary>The API's address, without a slash at its end.</summary>
    public string Api => $"http://127.0.0.1:{_console!.Port}";

    /// <summary>stream-handle's own address.</summary>
    public string StreamHandle => $"http://127.0.0.1:{_system!.StreamHandle.Port}";

    /// <summary>12 s of H.264 with B-frames and sound.</summary>
    public string Clip => _folder["clip.mkv"];

    /// <inheritdoc />
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Starts it, once.</summary>
    public async Task<RecordingSystem> StartedAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (_console is null) await StartAsync();
        }
        finally
        {
            _starting.Release();
        }
        return this;
    }

    /// <summary>Runs crispy with the API's address in its environment.</summary>
    public Task<CommandResult> CrispyAsync(params string[] arguments) => CrispyAsync(new Dictionary<string, string>(), arguments);

    /// <summary>Runs crispy with the API's address and more in its environment.</summary>
    public Task<CommandResult> CrispyAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Command.TryAsync("env",
            ["-u", "CRISPY_API_TOKEN", "TZ=UTC", $"CRISPY_API={Api}", .. environment.Select(pair => $"{pair.Key}={pair.Value}"), "dotnet",
                Path.Combine(AppContext.BaseDirectory, "crispy.dll"), .. arguments]);

    /// <summary>Runs crispy, which must succeed, and reads the JSON that it prints.</summary>
    public async Task<JsonNode> JsonAsync(params string[] arguments)
    {
        var result = await CrispyAsync([.. arguments, "--json"]);
        Assert.True(result.ExitCode == 0, $"{result.ExitCode}: {result.Error}{result.Output}");
        return JsonNode.Parse(result.Output)!;
    }

    /// <summary>Replaces one byte in the middle of a stored object, behind the bucket's back.</summary>
    public void Damage(string name)
    {
        var file = Path.Combine(_system!.BucketFolder, name);
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 0xFF;
        File.WriteAllBytes(file, bytes);
    }

    /// <summary>Makes the bucket send nothing of a stream's objects until the returned is disposed.</summary>
    public async Task<IAsyncDisposable> StallDownloadsAsync(string stream)
    {
        await _faulty.WaitAsync();
        using var answer = await _http.PostAsJsonAsync(new Uri($"http://127.0.0.1:{_system!.Emulator.Port}/_emulator/faults"),
            new { match = new { method = "GET", pathContains = $"/{WholeSystem.Bucket}/{stream}/" }, times = 1000, fault = "stall" });
        answer.EnsureSuccessStatusCode();
        return new Fault(this);
    }

    /// <summary>Changes the definition of a stream that the API made.</summary>
    public async Task ChangeAsync(string stream, object patch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{StreamHandle}/api/streams/{stream}");
        request.Content = JsonContent.Create(patch, mediaType: new("application/merge-patch+json"));
        using var answer = await _http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>What the bucket tells of all that it has of a stream, loss records too.</summary>
    public async Task<IReadOnlyList<JsonNode>> ResourcesAsync(string stream) =>
        [.. ((await _http.GetFromJsonAsync<JsonNode>(new Uri(
            $"http://127.0.0.1:{_system!.Emulator.Port}/storage/v1/b/{WholeSystem.Bucket}/o?prefix={stream}/")))!["items"]?.AsArray()
            ?? []).Select(item => item!)];

    /// <summary>The bucket's lifecycle rules.</summary>
    public async Task<string> RulesAsync() =>
        (await _http.GetFromJsonAsync<JsonNode>(
            new Uri($"http://127.0.0.1:{_system!.Emulator.Port}/storage/v1/b/{WholeSystem.Bucket}")))!["lifecycle"]?.ToJsonString() ?? "";

    /// <summary>Has the bucket carry its rules out as if it were another time.</summary>
    public async Task SweepAsync(DateTimeOffset at)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri($"http://127.0.0.1:{_system!.Emulator.Port}/_emulator/sweep"), new { at });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Waits until a stream has ended and all of it is in the bucket.</summary>
    public Task UntilStoredAsync(string stream) => Until.TrueAsync(async () =>
        await _http.GetFromJsonAsync<JsonNode>(new Uri($"{StreamHandle}/api/streams/{stream}")) is { } report
        && (string?)report["state"] == "ended" && (int)report["pending"]! == 0 && (int)report["spooled"]! == 0
        && (long?)report["law"]?["captured"] > 0, TimeSpan.FromMinutes(2));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_console is not null) await _console.DisposeAsync();
        if (_system is not null) await _system.DisposeAsync();
        _http.Dispose();
        _starting.Dispose();
        _faulty.Dispose();
        _folder.Dispose();
    }

    private async Task StartAsync()
    {
        await TestVideo.CreateAsync(Clip, new() { Seconds = 12, Fps = "25", Gop = 25, BFrames = 2, Audio = "aac" });
        _system = new(workers: 1);
        await _system.StartServersAsync();
        _system.SetStreams(
            [Stream("gate", "mkv"), Stream("yard", "mp4"), Stream("hole", "mkv"), Stream("spoilt", "mkv"), Stream("stuck", "mkv")]);
        await _system.StreamHandle.StartAsync();
        await _system.Workers[0].StartAsync();
        await _system.StreamHandle.UntilServingAsync();
        foreach (var stream in (string[])["gate", "yard", "hole", "spoilt", "stuck"]) await UntilStoredAsync(stream);
        await DeleteAsync((await _system.ObjectsAsync("hole"))[2]);
        await KillAsync("door");
        _console = await ConsoleAsync(null);
    }

    /// <summary>Starts a console.</summary>
    /// <param name="token">What it asks for; null lets everybody in.</param>
    /// <param name="reportKey">Signs its reports and exports; null where nobody does.</param>
    public async Task<Service> ConsoleAsync(string? token, string? reportKey = null)
    {
        var console = _system!.NewConsole(token, reportKey);
        await console.StartAsync();
        await console.UntilServingAsync();
        return console;
    }

    /// <summary>Records 6 s of H.264 with sound of another kind, and waits until it is stored; it begins at <see cref="Start"/>.</summary>
    public async Task RecordAsync(string stream, string container, params string[] sound)
    {
        var clip = await TestVideo.CreateAsync(_folder[$"{stream}.mkv"],
            new() { Seconds = 6, Fps = "25", Gop = 25, Audio = "pcm", Extra = sound });
        using (var answer = await _http.PostAsJsonAsync(new Uri($"{StreamHandle}/api/streams"),
            new { id = stream, url = clip, window = 2, container, startTime = Start })) answer.EnsureSuccessStatusCode();
        await UntilStoredAsync(stream);
    }

    private Dictionary<string, string> Stream(string id, string container) => new()
    {
        ["Id"] = id, ["Url"] = Clip, ["Window"] = "2", ["Container"] = container, ["StartTime"] = Instants.Format(Start),
    };

    private async Task DeleteAsync(JsonNode stored)
    {
        using var answer = await _http.DeleteAsync(
            new Uri($"http://127.0.0.1:{_system!.Emulator.Port}/storage/v1/b/{WholeSystem.Bucket}/o/"
                + $"{Uri.EscapeDataString((string)stored["name"]!)}"));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Records a stream of one chunk whose file changes before it is uploaded.</summary>
    public async Task KillAsync(string stream)
    {
        await using (await RefuseUploadsAsync()) await SpoilAsync(stream);
        await Until.TrueAsync(async () => (int)(await _http.GetFromJsonAsync<JsonNode>(
            new Uri($"{StreamHandle}/api/streams/{stream}")))!["dead"]! == 1, TimeSpan.FromMinutes(1));
    }

    private async Task<IAsyncDisposable> RefuseUploadsAsync()
    {
        await _faulty.WaitAsync();
        await _system!.RefuseUploadsAsync(503);
        return new Fault(this);
    }

    private async Task SpoilAsync(string stream)
    {
        using (var answer = await _http.PostAsJsonAsync(new Uri($"{StreamHandle}/api/streams"),
            new { id = stream, url = Clip, window = 60, startTime = Start, rereadCompleted = false })) answer.EnsureSuccessStatusCode();
        await Until.TrueAsync(() => Directory.Exists(_system!.Spool.Ready(stream)) && _system.Spool.ReadyManifests(stream).Any(),
            TimeSpan.FromMinutes(1));
        var chunk = Assert.Single(Directory.GetFiles(_system!.Spool.Ready(stream), "*.mkv"));
        // A worker may be reading it.
        using var file = new FileStream(chunk, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Position = file.Length / 2;
        file.Write("not what was recorded"u8);
    }

    /// <summary>The bucket's faults of one test: the tests that make it fail do so one after the other, as a healing heals all.</summary>
    private sealed class Fault(RecordingSystem system) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await system._system!.RefuseUploadsAsync(null);
            system._faulty.Release();
        }
    }
}
