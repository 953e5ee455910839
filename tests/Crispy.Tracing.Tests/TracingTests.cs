using System.Globalization;
using System.Text.Json;
using Crispy.Crash;

namespace Crispy.Tracing.Tests;

public sealed class TracingTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly WholeSystem _system = new(workers: 1);
    private readonly HttpClient _http = new();
    private readonly CancellationTokenSource _watching = new();
    private TelemetryReceiver _receiver = null!;

    private IEnumerable<(Service Service, string Name)> Named =>
    [
        (_system.Emulator, "bucket"), (_system.ChunkLogger, "chunk-logger"),
        (_system.StreamHandle, "stream-handle"), (_system.Workers[0], "upload-worker"),
    ];

    // In the order in which they are stopped.
    private Service[] All(Service console) => [console, _system.StreamHandle, .. _system.Workers, _system.Emulator, _system.ChunkLogger];

    public async ValueTask InitializeAsync()
    {
        _receiver = await TelemetryReceiver.StartAsync();
        foreach (var (service, name) in Named)
        {
            _receiver.ReceiveFrom(service, name);
            service.Environment["Logging__LogLevel__Default"] = "Information";
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _watching.CancelAsync();
        await _system.DisposeAsync();
        await _receiver.DisposeAsync();
        _http.Dispose();
        _watching.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_chunk_is_one_trace_from_capture_to_log_and_nothing_else_is_one_though_all_is_watched()
    {
        await _system.StartServersAsync();
        await using var console = _system.NewConsole();
        _receiver.ReceiveFrom(console, "console");
        await SetStreamAsync("gate", seconds: 12);
        foreach (var service in (Service[])[.. _system.Workers, _system.StreamHandle, console]) await service.StartAsync();
        var watchers = Watch(console);
        await _system.DrainAsync(TimeSpan.FromMinutes(2));
        await _watching.CancelAsync();
        foreach (var watcher in watchers) await watcher;
        var chunks = (await _system.ObjectsAsync("gate"))
            .Select(stored => (string)stored["metadata"]!["crispy-chunk"]!).Order(StringComparer.Ordinal).ToList();
        var logged = _system.LogLines().Select(line => JsonDocument.Parse(line).RootElement).ToList();
        // What stops sends what it has.
        foreach (var service in All(console)) await service.StopAsync();

        Assert.Equal(6, chunks.Count);
        var traces = _receiver.Spans.GroupBy(span => span.Trace).ToDictionary(trace => trace.Key, trace => trace.ToList());
        Assert.All(traces.Values, trace => Assert.Equal("chunk capture", Assert.Single(trace, span => span.IsRoot).Name));
        var captured = traces.Values.Select(trace => trace.Single(span => span.IsRoot).Tags["crispy.chunk"]);
        Assert.Equal(chunks, captured.Order(StringComparer.Ordinal));
        Assert.All(traces.Values, AssertWhole);
        AssertLinesAreInTheirTraces(traces, chunks);
        var tracesOfLog = logged.Select(line => line.GetProperty("logging.googleapis.com/trace").GetString()!.Split('/')[^1]);
        Assert.Equal(traces.Keys.Order(), tracesOfLog.Order());
        AssertNoComplaint([.. Named, (console, "console")]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_receiver_of_telemetry_that_is_gone_or_hangs_keeps_no_process_from_ending(bool hangs)
    {
        await _system.StartServersAsync();
        await using var console = _system.NewConsole();
        _receiver.ReceiveFrom(console, "console");
        await SetStreamAsync("gate", seconds: 4);
        foreach (var service in (Service[])[.. _system.Workers, _system.StreamHandle, console]) await service.StartAsync();
        await _system.DrainAsync(TimeSpan.FromMinutes(2));
        await Until.TrueAsync(() => _receiver.Spans.Any(span => span.Name == "chunk log"));
        await console.UntilServingAsync();
        if (hangs) _receiver.Hang();
        else await _receiver.EndAsync();

        foreach (var service in All(console))
        {
            // Something to tell, that nobody takes.
            using (await _http.PostAsync(new Uri($"http://127.0.0.1:{service.Port}/nothing"), null)) { }
            var begun = TimeProvider.System.GetTimestamp();
            await service.StopAsync().WaitAsync(TimeSpan.FromMinutes(3));
            var seconds = TimeProvider.System.GetElapsedTime(begun).TotalSeconds;
            TestContext.Current.SendDiagnosticMessage(
                string.Create(CultureInfo.InvariantCulture, $"{service.Port}: ended {seconds:0.0} s after SIGTERM"));
        }
    }

    private async Task SetStreamAsync(string stream, int seconds)
    {
        var clip = await TestVideo.CreateAsync(_folder[$"{stream}.mp4"], new() { Seconds = seconds, Gop = 30, Size = "160x120" });
        _system.SetStreams([new Dictionary<string, string> { ["Id"] = stream, ["Url"] = clip, ["Window"] = "2" }]);
    }

    // What people, orchestrators and other processes ask for all the time.
    private List<Task> Watch(Service console)
    {
        List<Task> watchers = [];
        foreach (var service in (Service[])[.. _system.Services, console])
            foreach (var path in (string[])["/health", "/alive"]) watchers.Add(PollAsync(service, path));
        foreach (var path in (string[])["/metrics", "/api/status", "/api/streams", "/api/events"])
            watchers.Add(PollAsync(_system.StreamHandle, path));
        foreach (var path in (string[])["/", "/api/streams", "/api/events", "/api/chunks?stream=gate"])
            watchers.Add(PollAsync(console, path));
        watchers.Add(PollAsync(console, "/_blazor/negotiate?negotiateVersion=1", HttpMethod.Post));
        watchers.Add(PollAsync(_system.Emulator, "/_emulator/notifications"));
        return watchers;
    }

    private async Task PollAsync(Service service, string path, HttpMethod? method = null)
    {
        while (!_watching.IsCancellationRequested)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_watching.Token);
                limit.CancelAfter(TimeSpan.FromSeconds(1));
                using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri($"http://127.0.0.1:{service.Port}{path}"));
                using var answer = await _http.SendAsync(request, limit.Token);
                await answer.Content.ReadAsByteArrayAsync(limit.Token);
                await Task.Delay(TimeSpan.FromMilliseconds(200), _watching.Token);
            }
            catch (Exception away) when (away is HttpRequestException or OperationCanceledException or IOException)
            {
                // Not there yet, without an end, or no longer wanted.
            }
        }
    }

    private static void AssertWhole(List<Span> trace)
    {
        var ids = trace.Select(span => span.Id).ToHashSet();
        Assert.All(trace.Where(span => !span.IsRoot), span => Assert.Contains(span.Parent, ids));
        var names = trace.Select(span => $"{span.Service}: {span.Name}").ToList();
        string[] expected =
        [
            "stream-handle: chunk capture", "stream-handle: chunk spool", "stream-handle: chunk publish",
            "stream-handle: chunk state queued",
            "upload-worker: chunk upload", "upload-worker: chunk state uploading", "upload-worker: chunk state stored",
            "bucket: bucket notification", "chunk-logger: chunk log",
        ];
        Assert.All(expected, name => Assert.Single(names, name));
        // The notification is a child of the upload that it tells of; its request reaches chunk-logger in the same trace.
        var upload = trace.Single(span => span.Name == "chunk upload");
        var notification = trace.Single(span => span.Name == "bucket notification");
        Assert.Equal(upload.Id, notification.Parent);
        Assert.Equal(upload.Id, trace.Single(span => span.Name == "chunk log").Parent);
        Assert.Contains(trace, span => span.Service == "chunk-logger" && span.Name.StartsWith("POST", StringComparison.Ordinal));
    }

    private void AssertLinesAreInTheirTraces(Dictionary<string, List<Span>> traces, List<string> chunks)
    {
        foreach (var chunk in chunks)
        {
            var trace = traces.Single(trace => trace.Value.Exists(span => span.IsRoot && span.Tags["crispy.chunk"] == chunk)).Value;
            var ids = trace.Select(span => span.Id).ToHashSet();
            foreach (var start in (string[])[$"{chunk} is ready", $"Stored {chunk} "])
            {
                var line = Assert.Single(_receiver.Lines, line => line.Text.StartsWith(start, StringComparison.Ordinal));
                Assert.Equal(trace[0].Trace, line.Trace);
                Assert.Contains(line.Span, ids);
            }
        }
    }

    // The console prints a word for each level before the category, and the text in the next line.
    private void AssertNoComplaint(IEnumerable<(Service Service, string Name)> services)
    {
        foreach (var (service, name) in services)
        {
            var lines = service.Log.Split('\n');
            var complains = lines.Zip(lines.Skip(1).Append("")).Any(line =>
                line.First[..Math.Min(5, line.First.Length)] is "fail:" or "warn:" && !IsOfSlowMachine(line.Second));
            Assert.False(complains, $"{name} complains at a good start:\n{service.Log}");
        }
        // 13 and more are warnings and errors.
        Assert.DoesNotContain(_receiver.Lines, line => line.Severity >= 13 && !IsOfSlowMachine(line.Text));
    }

    // A timing decides no test: that an answer was late, or Kestrel's heartbeat, is no fault of the start.
    private static bool IsOfSlowMachine(string text) =>
        text.Contains("no answer within", StringComparison.Ordinal)
        || text.Contains("heartbeat has been running", StringComparison.Ordinal);
}
