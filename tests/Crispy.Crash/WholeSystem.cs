using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;

namespace Crispy.Crash;

/// <summary>RabbitMQ, Redis, the bucket's emulator, chunk-logger, stream-handle and upload-workers,
/// with all their data in a temporary folder.</summary>
public sealed class WholeSystem : IAsyncDisposable
{
    /// <summary>The bucket.</summary>
    public const string Bucket = "crispy-chunks";

    private readonly TempFolder _folder = new();
    private readonly TempFolder _cloud;
    private readonly string? _published;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(5) };
    private readonly string _key = SigningKey.NewPrivatePem();

    /// <summary>A system that does not run yet.</summary>
    /// <param name="workers">Number of upload-workers.</param>
    /// <param name="published">A folder with the published services, each in a folder of its project's name;
    /// null for what was built.</param>
    public WholeSystem(int workers = 2, string? published = null)
    {
        _published = published;
        var ports = FreePort.Several(3 + workers);
        Spool = new(_folder["spool"]);
        Verifier = new(SigningKey.PublicPem(_key));
        LogFile = _folder["chunks.jsonl"];
        // What is measured on published services is this machine's part: the bucket stands for another machine's disk.
        _cloud = published is null ? new() : TempFolder.InMemory();
        BucketFolder = _cloud["bucket", Bucket];
        var account = WriteAccount();
        Service Published(string project, int port, string? log = null) => new(project, _folder[log ?? $"{project}.log"], port, published);
        ChunkLogger = Published("Crispy.ChunkLogger", ports[1]);
        Emulator = new("Crispy.CloudEmulator", _folder["Crispy.CloudEmulator.log"], ports[0], published: null, "--urls",
            $"http://127.0.0.1:{ports[0]}", "--data", _cloud.Path, "--bucket", Bucket,
            "--signer", account, "--notify", $"http://127.0.0.1:{ports[1]}", "--md5", "false");
        StreamHandle = Published("Crispy.StreamHandle", ports[2]);
        Workers = [.. Enumerable.Range(0, workers)
            .Select(index => Published("Crispy.UploadWorker", ports[3 + index], $"worker-{index}.log"))];

        ChunkLogger.Environment["PORT"] = $"{ports[1]}";
        ChunkLogger.Environment["FUNCTION_TARGET"] = "Crispy.ChunkLogger.Function";
        ChunkLogger.Environment["GOOGLE_APPLICATION_CREDENTIALS"] = account;
        ChunkLogger.Environment["Crispy__ChunkLogger__File"] = LogFile;
        ChunkLogger.Environment["Crispy__Signing__PublicKeys"] = SigningKey.PublicPem(_key);
        StreamHandle.Environment["Crispy__Signing__PrivateKey"] = _key;
        StreamHandle.Environment["Crispy__Api__AllowAnonymous"] = "true";
        StreamHandle.Environment["Crispy__Spool__SweepInterval"] = "1";
        foreach (var worker in Workers)
        {
            worker.Environment["Crispy__Upload__RetryBaseDelay"] = "00:00:00.05";
            worker.Environment["Crispy__Upload__RetryMaxDelay"] = "00:00:00.5";
            worker.Environment["Crispy__Upload__RequestTimeout"] = "00:00:10";
        }
        foreach (var service in (Service[])[ChunkLogger, .. Workers])
        {
            service.Environment["STORAGE_EMULATOR_HOST"] = $"http://127.0.0.1:{ports[0]}/storage/v1/";
            service.Environment["Crispy__Bucket"] = Bucket;
        }
        foreach (var service in (Service[])[StreamHandle, .. Workers])
        {
            service.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{service.Port}";
            service.Environment["Crispy__Spool__Path"] = Spool.Root;
            service.Environment["Crispy__Spool__Name"] = "crash";
        }
    }

    /// <summary>The broker.</summary>
    public RabbitMqServer Rabbit { get; } = new();

    /// <summary>The result backend; in memory, so that it is empty after each start.</summary>
    public RedisServer Redis { get; } = new();

    /// <summary>The bucket's emulator.</summary>
    public Service Emulator { get; }

    /// <summary>chunk-logger.</summary>
    public Service ChunkLogger { get; }

    /// <summary>stream-handle.</summary>
    public Service StreamHandle { get; }

    /// <summary>The upload-workers.</summary>
    public IReadOnlyList<Service> Workers { get; }

    /// <summary>All of Crispy's processes.</summary>
    public IEnumerable<Service> Services => [Emulator, ChunkLogger, StreamHandle, .. Workers];

    /// <summary>The spool.</summary>
    public SpoolLayout Spool { get; }

    /// <summary>Checks the signatures of this system's chunks.</summary>
    public ManifestVerifier Verifier { get; }

    /// <summary>The file to which chunk-logger writes.</summary>
    public string LogFile { get; }

    /// <summary>The folder of the bucket's objects.</summary>
    public string BucketFolder { get; }

    /// <summary>Starts the servers, the emulator and chunk-logger; the rest needs streams.</summary>
    public async Task StartServersAsync()
    {
        await Task.WhenAll(Rabbit.StartAsync(), Redis.StartAsync(), Emulator.StartAsync(), ChunkLogger.StartAsync());
        foreach (var service in (Service[])[StreamHandle, .. Workers])
        {
            service.Environment["ConnectionStrings__rabbitmq"] = Rabbit.ConnectionString;
            service.Environment["ConnectionStrings__redis"] = Redis.ConnectionString;
        }
        await Emulator.UntilServingAsync();
        await ChunkLogger.UntilServingAsync();
    }

    /// <summary>A console of this system, whose servers run; it does not run yet, and is its caller's to end.</summary>
    /// <param name="token">What it asks people for; null lets everybody in.</param>
    /// <param name="reportKey">Signs its reports and exports; null where nobody does.</param>
    public Service NewConsole(string? token = null, string? reportKey = null)
    {
        var name = $"console-{token}{(reportKey is null ? "" : "-signing")}";
        var console = new Service("Crispy.Console", _folder[$"{name}.log"], FreePort.Next(), _published);
        foreach (var key in (string[])["STORAGE_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS", "Crispy__Bucket",
            "Crispy__Signing__PublicKeys"])
            console.Environment[key] = ChunkLogger.Environment[key];
        console.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{console.Port}";
        console.Environment["ConnectionStrings__redis"] = Redis.ConnectionString;
        console.Environment["Crispy__Console__StreamHandle"] = $"http://127.0.0.1:{StreamHandle.Port}";
        console.Environment["Crispy__Archive__CacheFolder"] = _folder[name];
        console.Environment["Crispy__Console__AuditFolder"] = _folder[$"{name}-audit"];
        if (reportKey is not null) console.Environment["Crispy__Console__ReportKey"] = reportKey;
        console.Environment[token is null ? "Crispy__Api__AllowAnonymous" : "Crispy__Api__Token"] = token ?? "true";
        return console;
    }

    /// <summary>Sets the streams of stream-handle's next start.</summary>
    /// <param name="streams">For each its options, as in <c>Crispy:Streams:N</c>.</param>
    public void SetStreams(IEnumerable<IReadOnlyDictionary<string, string>> streams)
    {
        foreach (var old in StreamHandle.Environment.Keys.Where(key => key.StartsWith("Crispy__Streams__", StringComparison.Ordinal))
            .ToList())
            StreamHandle.Environment.Remove(old);
        foreach (var (index, stream) in streams.Index())
        {
            // A process that dies after its sources' end must not record them twice: each packet is expected once.
            StreamHandle.Environment[$"Crispy__Streams__{index}__RereadCompleted"] = "false";
            foreach (var (name, value) in stream) StreamHandle.Environment[$"Crispy__Streams__{index}__{name}"] = value;
        }
    }

    /// <summary>stream-handle's status; null while it does not answer.</summary>
    public async Task<JsonNode?> StatusAsync() => await GetAsync(StreamHandle.Port, "/api/status");

    /// <summary>The emulator's count of events that chunk-logger has not taken yet; null while it does not answer.</summary>
    public async Task<long?> PendingEventsAsync() => (long?)(await GetAsync(Emulator.Port, "/_emulator/notifications"))?["pending"];

    /// <summary>Makes the bucket answer every upload with a status, or, with null, well again.</summary>
    public async Task RefuseUploadsAsync(int? status)
    {
        var faults = new Uri($"http://127.0.0.1:{Emulator.Port}/_emulator/faults");
        using var answer = status is null ? await _http.DeleteAsync(faults) : await _http.PostAsync(faults, new StringContent(
            JsonSerializer.Serialize(
                new { match = new { method = "POST", pathContains = "/upload/" }, times = int.MaxValue, fault = "status", status }),
            System.Text.Encoding.UTF8, "application/json"));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>All objects of a stream with their metadata, as the bucket's API lists them.</summary>
    public async Task<IReadOnlyList<JsonNode>> ObjectsAsync(string stream)
    {
        var objects = new List<JsonNode>();
        for (string? page = ""; page is not null;)
        {
            var answer = await GetAsync(Emulator.Port, $"/storage/v1/b/{Bucket}/o?prefix={stream}/&pageToken={Uri.EscapeDataString(page)}")
                ?? throw new InvalidOperationException("the bucket does not answer");
            if (answer["items"] is JsonArray items) objects.AddRange(items.Select(item => item!));
            page = (string?)answer["nextPageToken"];
        }
        return objects;
    }

    /// <summary>chunk-logger's lines; one that is being written does not count.</summary>
    public IReadOnlyList<string> LogLines()
    {
        if (!File.Exists(LogFile)) return [];
        using var file = new StreamReader(new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = file.ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Waits until every finite source is read and every chunk of theirs is stored and logged.</summary>
    /// <exception cref="TimeoutException">Not within the limit; says how things stand.</exception>
    public async Task DrainAsync(TimeSpan limit)
    {
        JsonNode? status = null;
        long? pending = null;
        try
        {
            await Until.TrueAsync(async () =>
            {
                foreach (var service in Services.Where(service => !service.IsRunning))
                    throw new InvalidOperationException($"ended by itself: {Tail(service.Log)}");
                status = await StatusAsync() ?? status;
                if (status?["ended"]?.GetValue<bool>() != true) return false;
                pending = await PendingEventsAsync();
                return pending == 0;
            }, limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(
                $"Not drained within {limit}: {status?.ToJsonString()}, {pending} events "
                    + $"pending\n{Tail(StreamHandle.Log)}\n{Tail(Workers[0].Log)}\n{Tail(ChunkLogger.Log)}");
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Services.Select(service => service.DisposeAsync().AsTask()));
        await Task.WhenAll(Rabbit.DisposeAsync().AsTask(), Redis.DisposeAsync().AsTask());
        _http.Dispose();
        Verifier.Dispose();
        _folder.Dispose();
        _cloud.Dispose();
    }

    private static string Tail(string text) => text.Length > 3000 ? text[^3000..] : text;

    private async Task<JsonNode?> GetAsync(int port, string path)
    {
        try
        {
            return JsonNode.Parse(await _http.GetStringAsync(new Uri($"http://127.0.0.1:{port}{path}")));
        }
        catch (Exception away) when (away is HttpRequestException or TaskCanceledException or IOException)
        {
            return null;
        }
    }

    // A service account that exists only here: its key signs the URLs, and the emulator knows it.
    private string WriteAccount()
    {
        using var key = RSA.Create(2048);
        File.WriteAllText(_folder["account.json"], JsonSerializer.Serialize(new
        {
            type = "service_account",
            project_id = "crispy-crash",
            private_key_id = "1",
            private_key = key.ExportPkcs8PrivateKeyPem(),
            client_email = "signer@crispy-crash.iam.gserviceaccount.com",
            client_id = "1",
            token_uri = "https://oauth2.googleapis.com/token",
        }));
        return _folder["account.json"];
    }
}
