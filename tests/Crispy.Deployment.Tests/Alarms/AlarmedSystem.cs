using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Crispy.Contracts;
using Crispy.Testing;

namespace Crispy.Deployment.Tests.Alarms;

/// <summary>All services as processes, with a real broker and Redis, and the emulator as bucket.</summary>
internal sealed class AlarmedSystem : IAsyncDisposable
{
    public const string Token = "metrics-of-this-test-alone";

    private const string Bucket = "crispy-alarms";

    private readonly TempFolder _folder = new();
    private readonly RabbitMqServer _broker = new();
    private readonly RedisServer _redis = new();
    private readonly HttpClient _http = new();
    private readonly Dictionary<string, WatchedProcess> _processes = [];
    private readonly Dictionary<string, Uri> _addresses = [];
    private readonly string _key = SigningKey.NewPrivatePem();
    private readonly int _bucketPort = FreePort.Next();

    private AlarmedSystem() => _http.DefaultRequestHeaders.Authorization = new("Bearer", Token);

    /// <summary>The spool's folder.</summary>
    public string Spool => _folder["spool"];

    /// <summary>What all processes printed.</summary>
    public string Output => string.Join('\n', _processes.Select(each => $"--- {each.Key}\n{File.ReadAllText(each.Value.LogPath)}"));

    /// <summary>Starts everything.</summary>
    /// <param name="streams">The streams of stream-handle, each with its keys.</param>
    public static async Task<AlarmedSystem> StartAsync(params Dictionary<string, string>[] streams)
    {
        var system = new AlarmedSystem();
        try
        {
            await Task.WhenAll(system._broker.StartAsync(), system._redis.StartAsync(), system.StartBucketAsync());
            await Task.WhenAll(system.StartStreamHandleAsync(streams), system.StartWorkerAsync());
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    public Task StartBucketAsync() => StartAsync("emulator", "Crispy.CloudEmulator", [],
        $"--urls=http://127.0.0.1:{_bucketPort}", $"--data={_folder["bucket"]}", $"--bucket={Bucket}");

    /// <summary>Kills the bucket.</summary>
    public async Task EndBucketAsync()
    {
        await _processes["emulator"].DisposeAsync();
        _processes.Remove("emulator");
    }

    /// <summary>Starts the console and chunk-logger, which these alarms need for the names of their metrics alone.</summary>
    public Task StartOthersAsync() => Task.WhenAll(
        StartAsync("console", "Crispy.Console", Usual(), "--urls=http://127.0.0.1:0", $"--Crispy:Api:Token={Token}",
            $"--Crispy:Console:StreamHandle={_addresses["stream-handle"]}", $"--Crispy:Archive:CacheFolder={_folder["cache"]}"),
        StartAsync("chunk-logger", "Crispy.ChunkLogger", new(Usual())
        {
            ["PORT"] = "0", ["FUNCTION_TARGET"] = "Crispy.ChunkLogger.Function", ["Health__Token"] = Token,
            ["GOOGLE_APPLICATION_CREDENTIALS"] = AccountFile(), ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information",
        }));

    /// <summary>Asks every service that runs for its metrics.</summary>
    public async Task<Scrape> ScrapeAsync()
    {
        List<Scrape> scrapes = [];
        foreach (var (job, address) in _addresses.Where(each => each.Key != "emulator"))
            scrapes.Add(Scrape.Read(job, await _http.GetStringAsync(new Uri(address, "/metrics"))));
        return Scrape.Of(scrapes);
    }

    /// <summary>Scrapes until what is seen is as expected.</summary>
    public async Task<Scrape> UntilAsync(Func<Scrape, bool> condition, string what)
    {
        Scrape? last = null;
        try
        {
            await Until.TrueAsync(async () => condition(last = await ScrapeAsync()), TimeSpan.FromMinutes(2), what);
            return last!;
        }
        catch (TimeoutException late)
        {
            var seen = string.Join('\n', last!.Samples.Where(each => each.Name.StartsWith("crispy_", StringComparison.Ordinal))
                .Select(each => $"{each.Series} {each.Value}"));
            throw new TimeoutException($"{late.Message}\n{seen}\n{Output}", late);
        }
    }

    /// <summary>Asks a service without a token.</summary>
    public async Task<int> StatusWithoutTokenAsync(string job)
    {
        using var anonymous = new HttpClient();
        using var answer = await anonymous.GetAsync(new Uri(_addresses[job], "/metrics"));
        return (int)answer.StatusCode;
    }

    /// <summary>Lets the worker stand still while something happens to its spool.</summary>
    public async Task WithHaltedWorkerAsync(Func<Task> action)
    {
        var worker = _processes["upload-worker"];
        await worker.SignalAsync("STOP");
        // proc(5): T is stopped on a signal.
        await Until.TrueAsync(() => File.ReadAllText($"/proc/{worker.Id}/stat").Split(") ")[^1][0] == 'T');
        await action();
        await worker.SignalAsync("CONT");
    }

    /// <summary>Posts to stream-handle's API.</summary>
    public async Task PostAsync(string path)
    {
        using var answer = await _http.PostAsync(new Uri(_addresses["stream-handle"], path), null);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A stream as the API shows it.</summary>
    public async Task<JsonNode> StreamAsync(string id) =>
        (await _http.GetFromJsonAsync<JsonNode>(new Uri(_addresses["stream-handle"], $"/api/streams/{id}")))!;

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.Values) await process.DisposeAsync();
        await _broker.DisposeAsync();
        await _redis.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    private Task StartStreamHandleAsync(Dictionary<string, string>[] streams)
    {
        var environment = Usual();
        environment["Crispy__Spool__MaxBytes"] = "2097152";
        environment["Crispy__Spool__SweepInterval"] = "0.5";
        foreach (var (index, stream) in streams.Index())
            foreach (var (name, value) in stream) environment[$"Crispy__Streams__{index}__{name}"] = value;
        environment["Crispy__Api__Token"] = Token;
        return StartAsync("stream-handle", "Crispy.StreamHandle", environment, "--urls=http://127.0.0.1:0");
    }

    private Task StartWorkerAsync()
    {
        var environment = Usual();
        environment["Health__Token"] = Token;
        environment["Crispy__Upload__RetriesInPlace"] = "1";
        environment["Crispy__Upload__ProbeInterval"] = "00:00:00.5";
        return StartAsync("upload-worker", "Crispy.UploadWorker", environment, "--urls=http://127.0.0.1:0");
    }

    private Dictionary<string, string> Usual() => new()
    {
        ["ConnectionStrings__rabbitmq"] = _broker.ConnectionString,
        ["ConnectionStrings__redis"] = _redis.ConnectionString,
        ["STORAGE_EMULATOR_HOST"] = $"http://127.0.0.1:{_bucketPort}/storage/v1/",
        ["Crispy__Bucket"] = Bucket,
        ["Crispy__Spool__Path"] = Spool,
        ["Crispy__Spool__Name"] = "alarms",
        ["Crispy__Signing__PrivateKey"] = _key,
        ["Crispy__Signing__PublicKeys"] = SigningKey.PublicPem(_key),
        ["DOTNET_TieredPGO"] = "0",
    };

    // chunk-logger signs URLs by an account's key; this one exists here alone.
    private string AccountFile()
    {
        using var key = RSA.Create(2048);
        File.WriteAllText(_folder["account.json"], new JsonObject
        {
            ["type"] = "service_account", ["project_id"] = "crispy-tests", ["private_key_id"] = "1",
            ["private_key"] = key.ExportPkcs8PrivateKeyPem(),
            ["client_email"] = "signer@crispy-tests.iam.gserviceaccount.com", ["client_id"] = "1",
            ["token_uri"] = "https://oauth2.googleapis.com/token",
        }.ToJsonString());
        return _folder["account.json"];
    }

    private async Task StartAsync(string job, string project, Dictionary<string, string> environment, params string[] arguments)
    {
        var log = _folder[$"{job}-{Guid.NewGuid():N}.log"];
        var program = Repository.Program(project, $"{project}.dll");
        var process = await WatchedProcess.StartAsync(log, environment, "dotnet", [program, .. arguments]);
        lock (_processes) _processes[job] = process;
        await Until.TrueAsync(() => !process.IsRunning || Listening.AddressIn(File.ReadAllText(log)) is not null);
        if (!process.IsRunning) throw new InvalidOperationException($"{job} does not start: {await File.ReadAllTextAsync(log)}");
        lock (_processes) _addresses[job] = Listening.AddressIn(File.ReadAllText(log))!;
    }
}
