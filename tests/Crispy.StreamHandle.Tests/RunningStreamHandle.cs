using System.Net.Http.Json;
using System.Text.Json;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

/// <summary>A stream-handle process of its own, with its spool in a temporary folder that outlives it.</summary>
internal sealed class RunningStreamHandle : IAsyncDisposable
{
    private const string HealthToken = "health-of-this-test-alone";
    private const string KeyName = "Crispy__Signing__PrivateKey";

    private static int _count;
    private readonly Dictionary<string, string> _environment = [];
    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(5) };
    private WatchedProcess? _process;
    private Uri? _address;
    private int _starts;

    public RunningStreamHandle(Servers servers, params Dictionary<string, string>[] streams)
    {
        SpoolName = $"spool-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
        Spool = new(_folder["spool"]);
        var key = SigningKey.NewPrivatePem();
        Verifier = new(SigningKey.PublicPem(key));
        _environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        _environment["DOTNET_TieredPGO"] = "0";
        _environment["ConnectionStrings__rabbitmq"] = servers.Rabbit.ConnectionString;
        _environment["ConnectionStrings__redis"] = servers.Redis.ConnectionString;
        _environment["Crispy__Spool__Path"] = Spool.Root;
        _environment["Crispy__Spool__Name"] = SpoolName;
        _environment["Crispy__Spool__SweepInterval"] = "0.5";
        _environment[KeyName] = key;
        _environment["Crispy__Api__AllowAnonymous"] = "true";
        _environment["Health__Token"] = HealthToken;
        _environment["Logging__LogLevel__Crispy"] = "Debug";
        foreach (var (index, stream) in streams.Index())
            foreach (var (name, value) in stream) _environment[$"Crispy__Streams__{index}__{name}"] = value;
    }

    public string SpoolName { get; }

    /// <summary>The signing key, PEM.</summary>
    public string Key => _environment[KeyName];

    public SpoolLayout Spool { get; }

    public ManifestVerifier Verifier { get; }

    public string Log => File.ReadAllText(LogPath);

    /// <summary>What it printed at each of its starts.</summary>
    public string Logs =>
        string.Join('\n', Enumerable.Range(1, _starts).Select(start => $"---- start {start}\n{File.ReadAllText(_folder[$"log-{start}"])}"));

    public Uri Address => _address ?? throw new InvalidOperationException("it does not listen");

    public int ProcessId => Process.Id;

    public bool IsRunning => Process.IsRunning;

    private string LogPath => _folder[$"log-{_starts}"];

    private WatchedProcess Process => _process ?? throw new InvalidOperationException("not started");

    public RunningStreamHandle With(string key, string value)
    {
        _environment[key] = value;
        return this;
    }

    /// <summary>Starts it, and waits until it listens or ends.</summary>
    public async Task<RunningStreamHandle> StartAsync()
    {
        _starts++;
        _process = await WatchedProcess.StartAsync(LogPath, _environment, "dotnet",
            Path.Combine(AppContext.BaseDirectory, "Crispy.StreamHandle.dll"));
        await Until.TrueAsync(() => !Process.IsRunning || Listening.AddressIn(Log) is not null);
        if (Process.IsRunning) _address = Listening.AddressIn(Log);
        return this;
    }

    public async Task<StatusReport> StatusAsync() =>
        (await _http.GetFromJsonAsync<StatusReport>(new Uri(_address!, "/api/status"), JsonSerializerOptions.Web))!;

    public async Task<StreamReport> StreamAsync(string id) => (await StatusAsync()).Streams.Single(stream => stream.Id == id);

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(new Uri(_address!, path));

    /// <summary>Health with all its details.</summary>
    public Task<HttpResponseMessage> HealthAsync() => GetAsync("/health", $"Bearer {HealthToken}");

    /// <summary>With the header Authorization as it is, unless null.</summary>
    public async Task<HttpResponseMessage> GetAsync(string path, string? authorization)
    {
        // As it stands: dots and slashes are the server's to judge.
        using var request = new HttpRequestMessage(HttpMethod.Get,
            new Uri(_address!.GetLeftPart(UriPartial.Authority) + path,
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await _http.SendAsync(request);
    }

    public Task<HttpResponseMessage> PostAsync(string path) => _http.PostAsync(new Uri(_address!, path), null);

    /// <summary>Sends JSON, unless null.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? json = null, string? ifMatch = null,
        string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(_address!, path));
        if (json is not null) request.Content = new StringContent(json, System.Text.Encoding.UTF8, type);
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await _http.SendAsync(request);
    }

    /// <summary>Sends JSON, unless null, and expects a status.</summary>
    /// <returns>The answer's body.</returns>
    public async Task<string> ExpectAsync(System.Net.HttpStatusCode status, HttpMethod method, string path,
        string? json = null, string? ifMatch = null)
    {
        using var answer = await SendAsync(method, path, json, ifMatch);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{method} {path} {json}: {(int)answer.StatusCode} {body}");
        return body;
    }

    /// <summary>Opens what never ends.</summary>
    public Task<Stream> OpenAsync(string path) => _http.GetStreamAsync(new Uri(_address!, path));

    /// <summary>Every file of the spool that can be read, by its path.</summary>
    public IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Spool.Root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        .Where(path => Path.GetExtension(path) != ".lock");

    public Task UntilAsync(string id, Func<StreamReport, bool> condition, string what) =>
        Until.TrueAsync(async () => condition(await StreamAsync(id)), what: what, log: () => Logs);

    /// <summary>Sends a signal to the process alone, not to its children.</summary>
    public Task SignalAsync(string name) => Command.RunAsync("kill", "-s", name, $"{Process.Id}");

    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await Process.WaitForExitAsync();
        await EndAsync();
    }

    public async Task KillAsync()
    {
        await SignalAsync("KILL");
        await Process.WaitForExitAsync();
    }

    /// <summary>Releases what a stopped or killed process leaves, so that it can be started again.</summary>
    public async Task EndAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _process = null;
        _http.CancelPendingRequests();
    }

    public List<ReadyChunk> Ready(string stream) => [.. Spool.ReadyManifests(stream).Select(path => ReadyChunk.Read(path, Verifier))];

    /// <summary>The conservation law of a stream as it lies on the disk.</summary>
    public Conservation LawOf(string stream, SpoolLayout? spool = null)
    {
        spool ??= Spool;
        return SpoolCount.Read(spool, stream, new(stream, spool, new(stream, Verifier)), () => StreamJournal.Read(spool.Journal(stream)));
    }

    public List<SpooledLoss> Losses(string stream) =>
        [.. Spool.ReadyLosses(stream).Select(path => SpooledLoss.Read(path)!).OrderBy(loss => loss.Record.Sequence)];

    /// <summary>Takes everything that is ready away as workers do that have stored it.</summary>
    public void StoreLikeWorkers(string stream)
    {
        Directory.CreateDirectory(Spool.Stored(stream));
        foreach (var chunk in Ready(stream))
        {
            File.Delete(chunk.Path);
            File.Move(Path.ChangeExtension(chunk.Path, ".json"),
                Spool.StoredManifest(new(chunk.Manifest.Stream, chunk.Manifest.Epoch, chunk.Manifest.Sequence)));
        }
        foreach (var loss in Spool.ReadyLosses(stream).Select(LossFiles.Of).ToList())
        {
            File.Delete(loss.Record);
            File.Delete(loss.Signature);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _http.Dispose();
        Verifier.Dispose();
        _folder.Dispose();
    }
}
